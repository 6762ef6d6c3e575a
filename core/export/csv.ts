import type { RequestRecord, TransactionRecord } from "../dissect/record.ts";
import type { RecordOptions } from "../dissect/transaction.ts";
import type { Issue } from "../issue.ts";
import type { Exporter } from "./exporter.ts";
import { escapeJson, escapeText } from "./printable.ts";

type Cell = string | number | null | undefined;

const COLUMNS: readonly (readonly [string, (record: TransactionRecord) => Cell])[] = [
  ["transaction", ({ transaction }) => transaction],
  ["conversation", ({ conversation }) => conversation],
  ["client", ({ client }) => client],
  ["server", ({ server }) => server],
  ["framing", ({ framing }) => framing],
  ["release", ({ release }) => release],
  ["command", ({ command }) => command],
  ["code", ({ code }) => code],
  ["request_packet", ({ request }) => request?.packet],
  ["request_time", ({ request }) => request?.time],
  ["request_length", ({ request }) => request?.length],
  ["request_fields", ({ request }) => fieldsCell(request)],
  ["response_packet", ({ response }) => response?.packet],
  ["response_time", ({ response }) => response?.time],
  ["response_length", ({ response }) => response?.length],
  ["status", ({ response }) => response?.status],
  ["status_name", ({ response }) => response?.status_name ?? response?.evicted],
  ["response_fields", ({ response }) => fieldsCell(response)],
  ["response_time_us", (record) => record.response_time_us],
  ["issues", ({ issues }) => issues.map(issueText).join("; ")],
];

/**
 * Comma-separated values with a header, the same columns whatever the capture. Fields of
 * commands stand as JSON in one cell each. A text that a spreadsheet would take for a formula
 * gets an apostrophe before it.
 *
 * Source: RFC 4180.
 */
export function csvExporter(options: RecordOptions): Exporter {
  return {
    head: () => `${COLUMNS.map(([name]) => name).join(",")}\r\n`,
    transaction(transaction) {
      const record = transaction.toRecord(options);
      return `${COLUMNS.map(([, cell]) => csvCell(cell(record))).join(",")}\r\n`;
    },
    tail: () => "",
  };
}

/** One cell: escaped, guarded against formulas, quoted where it has to be. */
export function csvCell(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const safe = escapeText(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value);
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function fieldsCell(side: RequestRecord | null): Cell {
  return side?.fields == null ? null : escapeJson(JSON.stringify(side.fields));
}

function issueText({ severity, message }: Issue): string {
  return `${severity}: ${message}`;
}
