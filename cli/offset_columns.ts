import { shortTime } from "../core/export/human.ts";
import type { ConsumerPlace, GroupChanges } from "../core/stats/offsets.ts";

/** One column: its title, its width, and the text of a row. */
export type Column<Row> = readonly [
  title: string,
  width: number,
  text: (row: Row) => string,
];

/** What stands for a value that is not known. */
export const NOTHING = "–";

type PlaceRow = readonly [key: string, place: ConsumerPlace];

/** Consumers in their partitions, those furthest behind first. */
export function placeRows(places: readonly ConsumerPlace[]): PlaceRow[] {
  return places.map((place) =>
    [
      `${place.partition} ${place.consumer.slice(place.consumer.indexOf(" ") + 1)}`,
      place,
    ] as const
  ).sort(([a, one], [b, other]) =>
    Number((other.lag ?? -1n) - (one.lag ?? -1n)) || (a < b ? -1 : 1)
  );
}

/** The columns of {@link placeRows}; what is odd has a column where there is any. */
export function placeColumns(rows: readonly PlaceRow[]): Column<ConsumerPlace>[] {
  const offset = (key: "polled" | "stored" | "newest" | "lag"): Column<ConsumerPlace> => [
    key,
    9,
    (place) => place[key] === null ? NOTHING : String(place[key]),
  ];
  const odd = (["early", "skipped", "repeated", "handovers"] as const)
    .filter((key) => rows.some(([, place]) => place[key] > 0))
    .map((key): Column<ConsumerPlace> => [
      key,
      key.length,
      (place) => place[key] === 0 ? NOTHING : String(place[key]),
    ]);
  return [...(["polled", "stored", "newest", "lag"] as const).map(offset), ...odd];
}

/** The columns of groups whose members change. */
export const GROUP_COLUMNS: readonly Column<GroupChanges>[] = [
  ["members", 7, ({ members }) => String(members)],
  ["joins", 5, ({ joins }) => String(joins)],
  ["leaves", 6, ({ leaves }) => String(leaves)],
  ["handovers", 9, ({ handovers }) => String(handovers)],
  ["pause", 8, ({ pauseUs }) => pauseUs === null ? NOTHING : shortTime(pauseUs)],
];
