import type { TransactionDetail } from "../../api.ts";
import { micros } from "./format.ts";

type Split = TransactionDetail["time_split"];

/** The parts that add up to the whole, in the order they happen, with what they are called. */
const PARTS = [
  ["request_us", "request"],
  ["lost_us", "lost and sent again"],
  ["zero_window_us", "window closed"],
  ["round_trip_us", "round trip"],
  ["server_us", "server"],
  ["response_us", "response"],
] as const satisfies readonly (readonly [keyof Split, string])[];

/** Where the time of a transaction went: a bar of parts and their times in words. */
export function TimeSplit({ split }: { readonly split: Split }) {
  const parts = PARTS.flatMap(([key, name], i) => {
    const us = split[key];
    return us === null || us === 0 ? [] : [{ name, us, i }];
  });
  if (split.server_us === null || parts.length === 0) return null;
  const words = parts.map(({ name, us }) => `${name} ${micros(us)}`);
  if (split.think_us !== null) words.push(`client before it ${micros(split.think_us)}`);
  return (
    <figure class="time-split" aria-label="Where the time went">
      <div class="time-bar" aria-hidden="true">
        {parts.map(({ name, us, i }) => (
          <span
            key={name}
            class={`part${i}`}
            title={`${name} ${micros(us)}`}
            style={{ flexGrow: us }}
          />
        ))}
      </div>
      <figcaption class="muted">{words.join(" · ")}</figcaption>
    </figure>
  );
}
