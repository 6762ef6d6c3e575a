/**
 * What the page shows, kept in the fragment of its address, so that a link shows the same to
 * whoever opens it, and Back goes back. The fragment never reaches the server's log.
 *
 * @module
 */

/** The parts of the page, in the order of their tabs. */
export const VIEWS = [
  "captures",
  "transactions",
  "charts",
  "errors",
  "conversations",
  "consumers",
  "topology",
  "check",
  "compare",
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
  /** Times of requests between which transactions are shown, seconds since the epoch. */
  readonly from: number | null;
  readonly to: number | null;
}

/** Changes the state; a step that Back undoes, unless `replace`. */
export type Navigate = (change: Partial<PageState>, replace?: boolean) => void;

/**
 * Reads the state from a fragment; what makes no sense is as if it were not there.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const state = parseState("#capture=c1&filter=iggy.status+%21%3D+0&transaction=x");
 * assertEquals(state.view, "transactions");
 * assertEquals(state.filter, "iggy.status != 0");
 * assertEquals(state.transaction, null);
 * ```
 */
export function parseState(fragment: string): PageState {
  const values = new URLSearchParams(fragment.replace(/^#/, ""));
  const matched = (name: string, pattern: RegExp) => {
    const text = values.get(name) ?? "";
    return pattern.test(text) ? Number(text) : null;
  };
  const count = (name: string) => matched(name, /^\d{1,15}$/);
  const time = (name: string) => matched(name, /^\d{1,12}(\.\d{1,9})?$/);
  const capture = values.get("capture") || null;
  const view = VIEWS.find((name) => name === values.get("view"));
  return {
    view: view ?? (capture === null ? "captures" : "transactions"),
    capture,
    filter: values.get("filter") ?? "",
    transaction: count("transaction"),
    // Those of UDP count down from -1.
    conversation: matched("conversation", /^-?\d{1,15}$/),
    from: time("from"),
    to: time("to"),
  };
}

/** The fragment of a state, `#` included. */
export function formatState(state: PageState): string {
  const values = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (value !== null && value !== "") values.set(name, String(value));
  }
  return `#${values}`;
}

/** Parameters that ask the server for what the state lets through. */
export function selection({ filter, from, to }: PageState): Record<string, string> {
  const chosen: Record<string, string> = {};
  if (filter.trim() !== "") chosen.filter = filter.trim();
  if (from !== null) chosen.from = String(from);
  if (to !== null) chosen.to = String(to);
  return chosen;
}

/** Joins two filters so that both must pass. */
export function bothFilters(a: string, b: string): string {
  if (a.trim() === "" || a.trim() === b) return b;
  return /\|\||\bor\b/.test(a) ? `(${a.trim()}) && ${b}` : `${a.trim()} && ${b}`;
}

/** Text as a filter writes it. */
export function quoteText(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
