/**
 * The columns that a table of transactions may have.
 *
 * @module
 */
import type { TransactionRow } from "../../api.ts";
import type { Sort } from "../../query/orders.ts";
import type { ComponentChildren } from "preact";
import { areaOf, bytes, clock, count, micros, visible } from "./format.ts";

/** A column: what it is called, how wide it is, and what stands in it. */
export interface Column {
  readonly name: string;
  /** Its width, as a track of a CSS grid. */
  readonly width: string;
  /** The least of that, in pixels. */
  readonly least: number;
  /** Widths of the table from which it shows by itself; the others are chosen. */
  readonly from: number | null;
  readonly isRight?: boolean;
  /** What the server sorts by. */
  readonly sort: Sort;
  /** A bare finding, which is no PDU, stands in place of these. */
  readonly ofPdu?: boolean;
  readonly look?: (row: TransactionRow) => string;
  readonly cell: (row: TransactionRow) => ComponentChildren;
}

/** All columns in their order. */
export const COLUMNS: readonly Column[] = [
  {
    name: "No.",
    width: "56px",
    least: 56,
    from: 0,
    isRight: true,
    sort: "transaction",
    look: () => "muted",
    cell: ({ transaction }) => count(transaction),
  },
  {
    name: "Time",
    width: "112px",
    least: 112,
    from: 640,
    sort: "time",
    cell: ({ time }) => clock(time),
  },
  {
    name: "Packet",
    width: "72px",
    least: 72,
    from: null,
    isRight: true,
    sort: "packet",
    look: () => "muted",
    cell: ({ packet }) => packet === null ? "" : count(packet),
  },
  {
    name: "Conversation",
    width: "88px",
    least: 88,
    from: null,
    isRight: true,
    sort: "conversation",
    look: () => "muted",
    cell: ({ conversation }) => String(conversation),
  },
  {
    name: "Client",
    width: "minmax(140px, 165px)",
    least: 140,
    from: 1000,
    sort: "client",
    look: () => "client muted",
    cell: ({ client }) => visible(client),
  },
  {
    name: "Server",
    width: "minmax(140px, 165px)",
    least: 140,
    from: null,
    sort: "server",
    look: () => "muted",
    cell: ({ server }) => visible(server),
  },
  {
    name: "Took",
    width: "78px",
    least: 78,
    from: 0,
    isRight: true,
    sort: "response_time",
    look: () => "took",
    cell: ({ response_time_us }) => micros(response_time_us),
  },
  {
    name: "Command",
    width: "minmax(120px, clamp(120px, 17.6vw, 240px))",
    least: 120,
    from: 0,
    sort: "command",
    ofPdu: true,
    look: ({ command }) => `command ${areaOf(command)}`,
    cell: ({ command, code }) =>
      visible(command ?? (code === null ? "–" : `unknown code ${code}`)),
  },
  {
    name: "Code",
    width: "56px",
    least: 56,
    from: null,
    isRight: true,
    sort: "code",
    ofPdu: true,
    look: () => "muted",
    cell: ({ code }) => code === null ? "" : String(code),
  },
  {
    name: "Arguments",
    width: "minmax(120px, 1.3fr)",
    least: 120,
    from: 800,
    sort: "arguments",
    ofPdu: true,
    look: () => "muted",
    cell: ({ summary }) => visible(summary.request),
  },
  {
    name: "Answer",
    width: "minmax(90px, 1fr)",
    least: 90,
    from: 0,
    sort: "status",
    ofPdu: true,
    look: answerClass,
    cell: (row) => (
      <>
        {visible(row.summary.response)}
        {row.finding !== null && <Finding row={row} />}
      </>
    ),
  },
  {
    name: "Sent",
    width: "72px",
    least: 72,
    from: null,
    isRight: true,
    sort: "sent",
    ofPdu: true,
    look: () => "muted",
    cell: ({ request_length }) => request_length === null ? "" : bytes(request_length),
  },
  {
    name: "Received",
    width: "72px",
    least: 72,
    from: null,
    isRight: true,
    sort: "received",
    ofPdu: true,
    look: () => "muted",
    cell: ({ response_length }) => response_length === null ? "" : bytes(response_length),
  },
  {
    name: "Bytes",
    width: "68px",
    least: 68,
    from: 640,
    isRight: true,
    sort: "bytes",
    ofPdu: true,
    look: () => "muted",
    cell: ({ request_length, response_length }) =>
      bytes((request_length ?? 0) + (response_length ?? 0)),
  },
];

const KEY = "iggyscope.columns";

/** The names of columns chosen before; null where the width decides. */
export function storedColumns(): readonly string[] | null {
  const stored = localStorage.getItem(KEY);
  if (stored === null) return null;
  const names = stored.split(",").filter((name) =>
    COLUMNS.some((column) => column.name === name)
  );
  return names.length > 0 ? names : null;
}

/** Remembers the columns chosen. */
export function storeColumns(names: readonly string[] | null): void {
  if (names === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, names.join(","));
}

/** The columns to show in a table of some width. */
export function shownColumns(chosen: readonly string[] | null, width: number): Column[] {
  return COLUMNS.filter(({ name, from }) =>
    chosen === null ? from !== null && width >= from : chosen.includes(name)
  );
}

/** The worst that was found, in words, and how much more there is. */
export function Finding({ row: { issues, severity, finding } }: {
  readonly row: TransactionRow;
}) {
  const grave = severity === "error" || severity === "warn";
  const text = visible(finding ?? "");
  const more = issues > 1 ? ` (and ${count(issues - 1)} more)` : "";
  return <span class={grave ? "odd" : "muted"} title={text}>{` ⚠ ${text}${more}`}</span>;
}

/** How each outcome looks; one of which nothing tells looks odd. */
const LOOKS: Readonly<Record<NonNullable<TransactionRow["outcome"]>, string>> = {
  ok: "good",
  error: "bad",
  evicted: "bad",
  unanswered: "odd",
  one_way: "muted",
};

function answerClass({ outcome }: TransactionRow): string {
  return outcome === null ? "odd" : LOOKS[outcome];
}
