import type { Unit } from "../schema/mod.ts";

const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/**
 * A number of microseconds for people, right for a narrow column: three digits and a unit.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals([842, 11839, 1_250_000].map(shortTime), ["842 µs", "11.8 ms", "1.25 s"]);
 * ```
 */
export function shortTime(us: number): string {
  const size = Math.abs(us);
  if (size < 999.5) return `${threeDigits(us)} µs`;
  if (size < 999_500) return `${threeDigits(us / 1e3)} ms`;
  if (size < 600e6) return `${threeDigits(us / 1e6)} s`;
  return size < 36_000e6
    ? `${Math.round(us / 60e6)} min`
    : `${Math.round(us / 3600e6)} h`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

/** A number of bytes in at most five columns: `812`, `1.2K`, `98.8M`. */
export function shortSize(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < SIZES.length - 1) {
    value /= 1024;
    unit++;
  }
  if (unit === 0) return String(bytes);
  return `${value.toFixed(value < 99.95 ? 1 : 0)}${SIZES[unit]![0]}`;
}

const SIZES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const SPANS: readonly (readonly [bigint, string])[] = [
  [86_400_000_000n, "d"],
  [3_600_000_000n, "h"],
  [60_000_000n, "min"],
  [1_000_000n, "s"],
  [1_000n, "ms"],
  [1n, "µs"],
];

/** What a raw number means for people, or null where it says it itself. */
export function humanValue(value: unknown, unit: Unit | undefined): string | null {
  if (unit === undefined || typeof value !== "bigint" && !Number.isFinite(value)) {
    return null;
  }
  if (unit === "percent") return `${Number(value).toFixed(1)} %`;
  const whole = typeof value === "bigint" ? value : BigInt(Math.trunc(Number(value)));
  if (whole === MAX_U64) return unit === "bytes" ? "unlimited" : "never";
  if (unit === "bytes") return humanSize(whole);
  if (whole === 0n) return null;
  return unit === "timestamp_us" ? humanTimestamp(whole) : humanDuration(whole);
}

function humanSize(bytes: bigint): string | null {
  if (bytes < 1024n) return null;
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1024 && unit < SIZES.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${SIZES[unit]}`;
}

function humanTimestamp(us: bigint): string | null {
  const date = new Date(Number(us / 1000n));
  if (Number.isNaN(date.getTime())) return null;
  const micros = String(us % 1_000_000n).padStart(6, "0");
  return `${date.toISOString().slice(0, -5)}.${micros}Z`;
}

/** The two largest parts of a span: `7 d`, `1 h 30 min`. */
function humanDuration(us: bigint): string {
  const first = SPANS.findIndex(([size]) => us >= size);
  const [size, name] = SPANS[first]!;
  const next = SPANS[first + 1];
  const rest = next === undefined ? 0n : us % size / next[0];
  return `${us / size} ${name}${rest === 0n ? "" : ` ${rest} ${next![1]}`}`;
}
