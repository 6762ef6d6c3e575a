import { escapeJson } from "../core/export/printable.ts";

/** How serious an event is. */
export type Level = "info" | "warn" | "error";

/** Tells an event with what belongs to it; never secrets, filters or bytes of captures. */
export type Log = (
  level: Level,
  event: string,
  more?: Readonly<Record<string, string | number | boolean | null>>,
) => void;

const encoder = new TextEncoder();

/** One line of JSON an event on standard error. */
export const stderrLog: Log = (level, event, more = {}) => {
  const line = JSON.stringify({ time: new Date().toISOString(), level, event, ...more });
  try {
    Deno.stderr.writeSync(encoder.encode(`${escapeJson(line)}\n`));
  } catch {
    // Nobody listens.
  }
};
