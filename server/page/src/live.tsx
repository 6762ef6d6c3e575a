import type { LiveStatistics, ServerInfo } from "../../api.ts";
import type uPlot from "uplot";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Chart } from "./chart.tsx";
import { axis, bars, TIME, timeAxis, TIMES } from "./chart_style.ts";
import { Detail } from "./detail.tsx";
import { bytes, count, micros, visible } from "./format.ts";
import { Legend } from "./legend.tsx";
import { EMPTY_FEED, LiveFeed } from "./live_feed.ts";
import { DetailPane } from "./split.tsx";
import { TransactionTable } from "./table.tsx";
import { Recorder } from "./recorder.tsx";
import type { Navigate } from "./url_state.ts";
import { Failure } from "./use_load.tsx";

/** Ways to see live traffic, and what to type for them. */
const SOURCES = [
  ["An interface", "iggyscope serve --live eth0"],
  [
    "What tcpdump sees",
    "tcpdump --immediate-mode -U -w - port 8090 | iggyscope serve --live -",
  ],
  [
    "Clients that connect to port 8190",
    "iggyscope serve --proxy 8190=127.0.0.1:8090",
  ],
] as const;

/** What {@link Live} shows. */
export interface LiveProps {
  readonly server: ServerInfo | null;
  readonly filter: string;
  readonly navigate: Navigate;
}

/** Traffic as it happens. */
export function Live({ server, filter, navigate }: LiveProps) {
  if (server !== null && server.live.length === 0) {
    return (
      <div class="empty">
        <p class="strong">No live source</p>
        <p>Start the server with one of these to watch traffic as it happens:</p>
        {SOURCES.map(([what, command]) => (
          <p key={what}>
            {`${what}: `}
            <code>{command}</code>
          </p>
        ))}
      </div>
    );
  }
  return (
    <Feed
      key={filter}
      sources={server?.live ?? []}
      filter={filter}
      navigate={navigate}
    />
  );
}

function Feed({ sources, filter, navigate }: {
  readonly sources: readonly string[];
  readonly filter: string;
  readonly navigate: Navigate;
}) {
  const feed = useRef<LiveFeed>(null);
  const [state, set] = useState(EMPTY_FEED);
  const [selected, select] = useState<number | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [entered, enter] = useState<number | null>(null);
  const [isFollowing, setFollowing] = useState(true);
  useEffect(() => {
    const opened = feed.current = new LiveFeed(filter, set);
    return () => opened.close();
  }, []);
  const { source, isPaused, waiting, statistics } = state;
  const active = useMemo(() => placeOf(source, selected), [source, selected]);

  const move = (index: number, open: boolean) => {
    select(source.row(index)?.transaction ?? null);
    enter(null);
    if (open) setOpen(true);
    setFollowing(index === source.total - 1 && !open);
  };
  const close = () => {
    setOpen(false);
    enter(null);
    document.querySelector<HTMLElement>(".grid")?.focus({ preventScroll: true });
  };
  const toggle = () => {
    if (isPaused) {
      feed.current?.resume();
      setFollowing(true);
    } else feed.current?.pause();
  };
  return (
    <div class="view live">
      <div class="toolbar bordered">
        <span class={state.isConnected ? "pulse on" : "pulse"} aria-hidden="true" />
        <span>{visible(sources.join(", ") || "live")}</span>
        <button type="button" aria-pressed={isPaused} onClick={toggle}>
          {isPaused ? `Catch up (${count(waiting)} new)` : "Pause"}
        </button>
        {!isFollowing && !isPaused && (
          <button
            type="button"
            onClick={() => setFollowing(true)}
          >
            Follow the newest
          </button>
        )}
        <Recorder navigate={navigate} />
        <span class="muted" role="status">{visible(state.notice)}</span>
        <span class="grow" />
        {filter !== "" && <span class="chip">with the filter</span>}
        <Numbers last={statistics.at(-1)} />
      </div>
      <Failure error={state.error} />
      <Rate statistics={statistics} />
      <TransactionTable
        label="Live transactions"
        source={source}
        active={active}
        follow={isFollowing && !isPaused ? source.total - 1 : null}
        onMove={move}
        onEnter={(index) => {
          setOpen(true);
          enter(source.row(index)?.transaction ?? null);
        }}
        onClose={close}
        onScroll={() => setFollowing(false)}
      />
      {isOpen && selected !== null && (
        <DetailPane onEscape={close}>
          <Detail
            path={`live/${selected}`}
            entered={entered}
            onEntered={() => enter(null)}
            onClose={close}
            onFilter={null}
            onConversation={null}
          />
        </DetailPane>
      )}
    </div>
  );
}

function placeOf(
  source: typeof EMPTY_FEED.source,
  transaction: number | null,
): number | null {
  if (transaction === null) return null;
  for (let i = source.total - 1; i >= 0; i--) {
    if (source.row(i)?.transaction === transaction) return i;
  }
  return null;
}

function Numbers({ last }: { readonly last: LiveStatistics | undefined }) {
  if (last === undefined) return null;
  const facts = [
    { name: "per second", value: count(last.count) },
    { name: "errors", value: count(last.errors) },
    { name: "volume", value: `${bytes(last.request_bytes + last.response_bytes)}/s` },
    { name: "p50", value: micros(last.response_time_us?.p50 ?? null) },
    { name: "p99", value: micros(last.response_time_us?.p99 ?? null) },
    { name: "in all", value: count(last.total) },
    ...last.dropped > 0 ? [{ name: "not captured", value: count(last.dropped) }] : [],
  ];
  return <Legend items={facts} />;
}

function Rate({ statistics }: { readonly statistics: readonly LiveStatistics[] }) {
  const data = useMemo<uPlot.AlignedData>(() => [
    statistics.map(({ time }) => time),
    statistics.map(({ count }) => count),
    statistics.map(({ errors }) => errors),
  ], [statistics]);
  return (
    <Chart
      label="Transactions and errors per second, last three minutes"
      height={110}
      data={data}
      options={() => ({
        ...TIME,
        scales: {
          x: { time: true, range: (_, __, max) => [max - 180, max] },
          y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] },
        },
        axes: [timeAxis(), axis()],
        series: [TIMES, bars("all", 1, count), bars("errors", 2, count)],
      })}
    />
  );
}
