/**
 * What the page shows, kept in the fragment of its address, so that a link shows the same to
 * whoever opens it, and Back goes back. The fragment never reaches the server's log.
 *
 * @module
 */

/** The parts of the page. */
export const VIEWS = [
  "captures",
  "transactions",
  "charts",
  "errors",
  "conversations",
  "topology",
  "live",
] as const;

/** A part of the page. */
export type View = typeof VIEWS[number];

/** What the page shows. */
export interface PageState {
  readonly view: View;
  readonly capture: string | null;
  readonly filter: string;
  /** The selected transaction. */
  readonly transaction: number | null;
  /** The conversation whose ladder is shown. */
  readonly conversation: number | null;
  /** Times between which transactions are shown, RFC 3339, UTC. */
  readonly from: string | null;
  readonly to: string | null;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

/** Reads the state from a fragment; what makes no sense is as if it were not there. */
export function parseState(fragment: string): PageState {
  const values = new URLSearchParams(fragment.replace(/^#/, ""));
  const count = (name: string) => {
    const text = values.get(name) ?? "";
    return /^\d{1,15}$/.test(text) ? Number(text) : null;
  };
  const time = (name: string) => {
    const text = values.get(name) ?? "";
    return TIME.test(text) ? text : null;
  };
  const capture = values.get("capture") || null;
  const view = VIEWS.find((name) => name === values.get("view"));
  return {
    view: view ?? (capture === null ? "captures" : "transactions"),
    capture,
    filter: values.get("filter") ?? "",
    transaction: count("transaction"),
    conversation: count("conversation"),
    from: time("from"),
    to: time("to"),
  };
}

/** The fragment of a state, `#` included; empty for the first page. */
export function formatState(state: PageState): string {
  const values = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (value !== null && value !== "") values.set(name, String(value));
  }
  return `#${values}`;
}

/** The filter with the time range as part of it, as the server is asked. */
export function wholeFilter({ filter, from, to }: PageState): string {
  const parts = [filter.trim() && (from || to) ? `(${filter.trim()})` : filter.trim()];
  if (from !== null) parts.push(`frame.time >= "${from}"`);
  if (to !== null) parts.push(`frame.time <= "${to}"`);
  return parts.filter(Boolean).join(" && ");
}
