let lastSecond = NaN;
let lastText = "";

/**
 * A capture time as RFC 3339 with nanoseconds, UTC. Seconds count from the Unix epoch; times
 * out of the calendar's range are given as seconds.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(formatTime(0, 5), "1970-01-01T00:00:00.000000005Z");
 * ```
 */
export function formatTime(seconds: number, nanos: number): string {
  if (seconds !== lastSecond) {
    lastSecond = seconds;
    const date = new Date(seconds * 1000);
    lastText = Number.isNaN(date.getTime())
      ? `@${seconds}`
      : date.toISOString().slice(0, -5);
  }
  return `${lastText}.${String(nanos).padStart(9, "0")}Z`;
}
