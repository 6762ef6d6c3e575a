import type { Stamp } from "../flow/mod.ts";
import { formatTime } from "../dissect/time.ts";
import { type Piece, pieceOf } from "./piece.ts";
import type { RowBytes } from "./row_bytes.ts";

/** How lines tell time, by the letters of tshark's `-t`; moments are UTC in all of them. */
export const TIME_FORMS = ["a", "ad", "d", "dd", "e", "r", "u", "ud"] as const;

/** One of {@link TIME_FORMS}. */
export type TimeForm = typeof TIME_FORMS[number];

/** Columns of a form without its fraction of a second and the point before that. */
const WHOLE_WIDTHS: Readonly<Record<TimeForm, number>> = {
  a: 8,
  ad: 19,
  d: 8,
  dd: 8,
  e: 10,
  r: 8,
  u: 8,
  ud: 19,
};

/** Writes the times of lines, one after the other. */
export interface TimeColumn {
  readonly width: number;
  /** The time of a line does not depend on the lines before. */
  readonly isStateless: boolean;
  /** The time of a line; null where nothing tells it. */
  text(stamp: Stamp | null): string;
  /** As `text`, written where the time is stateless. */
  addTo(row: RowBytes, stamp: Stamp): void;
}

/**
 * The column of times with so many digits of the second. `r` counts from the first line, `d`
 * and `dd` from the line before.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const column = timeColumn("r", 3);
 * column.text({ packet: 1, seconds: 9, nanos: 900_000_000 });
 * const later = column.text({ packet: 2, seconds: 11, nanos: 0 });
 * assertEquals(later, "       1.100");
 * ```
 */
export function timeColumn(form: TimeForm, digits: number): TimeColumn {
  const width = WHOLE_WIDTHS[form] + 1 + digits;
  let from: Stamp | null = null;
  const seconds = (stamp: Stamp) => {
    const start = from ?? stamp;
    if (from === null || form !== "r") from = stamp;
    const nanos = BigInt(stamp.seconds - start.seconds) * 1_000_000_000n +
      BigInt(stamp.nanos - start.nanos);
    const size = nanos < 0n ? -nanos : nanos;
    return `${nanos < 0n ? "-" : ""}${size / 1_000_000_000n}.${
      fraction(Number(size % 1_000_000_000n))
    }`;
  };
  const fraction = (nanos: number) => String(nanos).padStart(9, "0").slice(0, digits);
  const isStateless = form !== "r" && form !== "d" && form !== "dd";
  // Lines close together share the second.
  let last: { readonly seconds: number; readonly piece: Piece } | null = null;
  const whole = (seconds: number): Piece => {
    if (last?.seconds !== seconds) {
      const text = `${secondText(form, seconds)}.`.padStart(width - digits);
      last = { seconds, piece: pieceOf(text) };
    }
    return last.piece;
  };
  const text = (stamp: Stamp): string =>
    isStateless
      ? whole(stamp.seconds).text + fraction(stamp.nanos)
      : seconds(stamp).padStart(width);
  const unit = 10 ** (9 - digits);
  return {
    width,
    isStateless,
    text: (stamp) => stamp === null ? " ".repeat(width) : text(stamp),
    addTo(row, { seconds, nanos }) {
      row.addPiece(whole(seconds));
      row.addDigits(Math.floor(nanos / unit), digits);
    },
  };
}

/** A second as a form whose times stand alone tells it. */
function secondText(form: TimeForm, seconds: number): string {
  if (form === "e") return String(seconds);
  if (form === "a" || form === "u") return clockOf(seconds);
  return formatTime(seconds, 0).split(".")[0]!.replace("T", " ");
}

/** The time of day, UTC. */
function clockOf(seconds: number): string {
  const day = ((seconds % 86_400) + 86_400) % 86_400;
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${two(day / 3600)}:${two(day / 60 % 60)}:${two(day % 60)}`;
}
