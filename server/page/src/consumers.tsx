import type { Consumers as Answer } from "../../api.ts";
import { useMemo, useState } from "preact/hooks";
import { count, micros, visible } from "./format.ts";
import { LagChart } from "./lag_chart.tsx";
import { type PageState, selection } from "./url_state.ts";
import { Failure, useLoad } from "./use_load.tsx";

type Place = Answer["offsets"][number];
type Group = Answer["consumer_groups"][number];

/** A column of the table of places. */
interface Column {
  readonly name: string;
  readonly title: string;
  /** What it sorts by; numbers stand at the right. */
  readonly key: (place: Place) => string | bigint | null;
}

const COLUMNS: readonly Column[] = [
  { name: "Consumer", title: "Consumer or group", key: ({ consumer }) => consumer },
  {
    name: "Partition",
    title: "Stream, topic and partition",
    key: ({ partition }) => partition,
  },
  {
    name: "Lag",
    title: "Messages behind what it stored, or was given where it never stored",
    key: ({ lag }) => whole(lag),
  },
  { name: "Stored", title: "Last offset stored", key: ({ stored }) => whole(stored) },
  { name: "Polled", title: "Last offset given", key: ({ polled }) => whole(polled) },
  {
    name: "Newest",
    title: "Newest offset of the partition, whoever saw it",
    key: ({ newest }) => whole(newest),
  },
  {
    name: "Early",
    title: "Times that it stored an offset beyond what it was given",
    key: ({ early }) => BigInt(early),
  },
  {
    name: "Skipped",
    title: "Offsets never given",
    key: ({ skipped }) => BigInt(skipped),
  },
  {
    name: "Repeated",
    title: "Messages given more than once",
    key: ({ repeated }) => BigInt(repeated),
  },
  {
    name: "Members",
    title: "Clients that read as it",
    key: ({ members }) => BigInt(members.length),
  },
];
/** Part of a line that the longest bar takes, in px. */
const BAR = 80;

/** How far behind each consumer and group is in each partition, the worst first. */
export function Consumers({ capture, state }: {
  readonly capture: string;
  readonly state: PageState;
}) {
  const chosen = selection(state);
  const hasChoice = Object.keys(chosen).length > 0;
  const { data, error } = useLoad<Answer>(`captures/${capture}/consumers`, chosen);
  const [sort, setSort] = useState({ column: "Lag", isRising: false });
  const places = useMemo(() => sorted(data?.offsets ?? [], sort), [data, sort]);
  if (error !== null) return <Failure error={error} />;
  if (data === null) return <div class="view" aria-busy="true" />;
  if (places.length === 0) {
    const text = data.complete
      ? `Nobody polled messages or stored an offset in ${
        hasChoice ? "what passes the filter" : "this capture"
      }.`
      : "Consumers are known once the capture is dissected.";
    return <p class="empty">{text}</p>;
  }
  const most = places.reduce((most, { lag }) => Math.max(most, Number(lag ?? 0)), 1);
  const choose = (column: string) =>
    setSort({ column, isRising: sort.column === column && !sort.isRising });
  return (
    <div class="scroll pad consumers">
      {hasChoice && (
        <p class="muted">
          As the transactions that pass the filter tell it.
        </p>
      )}
      <LagChart offsets={data.offsets} lag_times={data.lag_times} />
      <div class="card wide">
        <table>
          <caption class="hidden">Consumers by partition</caption>
          <thead>
            <tr>
              {COLUMNS.map(({ name, title }, i) => (
                <th
                  key={name}
                  scope="col"
                  title={title}
                  class={i < 2 ? "" : "right"}
                  aria-sort={sort.column !== name
                    ? "none"
                    : sort.isRising
                    ? "ascending"
                    : "descending"}
                >
                  <button type="button" class="link" onClick={() => choose(name)}>
                    {name}
                    {sort.column === name && (sort.isRising ? " ↑" : " ↓")}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {places.map((place) => (
              <PlaceRow
                key={`${place.consumer} ${place.partition}`}
                place={place}
                most={most}
              />
            ))}
          </tbody>
        </table>
      </div>
      {data.consumer_groups.length > 0 && <Groups groups={data.consumer_groups} />}
    </div>
  );
}

function PlaceRow({ place, most }: { readonly place: Place; readonly most: number }) {
  const { consumer, partition, lag, stored, polled, newest } = place;
  const length = Math.round(Number(lag ?? 0) / most * BAR);
  return (
    <tr>
      <td>{visible(consumer)}</td>
      <td>{visible(partition)}</td>
      <td class="right">
        {figure(lag)}
        <span class="lag" aria-hidden="true" style={{ width: `${length}px` }} />
      </td>
      <td class="right">{figure(stored)}</td>
      <td class="right">{figure(polled)}</td>
      <td class="right">{figure(newest)}</td>
      {[place.early, place.skipped, place.repeated].map((value, i) => (
        <td key={i} class={value > 0 ? "right odd" : "right muted"}>{count(value)}</td>
      ))}
      <td
        class="right"
        title={place.members.map((member) =>
          visible(`${member.client}: ${member.polls} polls, ${member.messages} messages`)
        ).join("\n")}
      >
        {count(place.members.length)}
      </td>
    </tr>
  );
}

function Groups({ groups }: { readonly groups: readonly Group[] }) {
  return (
    <div class="card wide" tabIndex={0} role="group" aria-label="Groups">
      <table>
        <caption class="hidden">Groups</caption>
        <thead>
          <tr>
            <th scope="col">Group</th>
            <th scope="col" class="right">Clients</th>
            <th scope="col" class="right">Joins</th>
            <th scope="col" class="right">Leaves</th>
            <th scope="col" class="right">Handovers</th>
            <th scope="col" class="right">Generation</th>
            <th scope="col" class="right">Longest pause</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={group.group}>
              <td>{visible(group.group)}</td>
              <td class="right">{count(group.members)}</td>
              <td class="right">{count(group.joins)}</td>
              <td class="right">{count(group.leaves)}</td>
              <td class="right">{count(group.handovers)}</td>
              <td class="right">{figure(group.generation)}</td>
              <td class="right">{micros(group.pause_us)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sorted(
  places: readonly Place[],
  { column, isRising }: { readonly column: string; readonly isRising: boolean },
): Place[] {
  const key = COLUMNS.find(({ name }) => name === column)!.key;
  return [...places].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    // What is not known comes last.
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const order = x < y ? -1 : x > y ? 1 : 0;
    return isRising ? order : -order;
  });
}

function whole(offset: string | null): bigint | null {
  return offset === null ? null : BigInt(offset);
}

/** An offset with its thousands apart. */
function figure(offset: string | null): string {
  return offset === null ? "–" : BigInt(offset).toLocaleString("en");
}
