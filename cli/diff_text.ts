import type { Aligned, FieldDifference, Outlined } from "../core/compare/mod.ts";
import { escapeText, fit, shortTime } from "../core/export/mod.ts";

/** The first bytes of a transaction's PDUs as rows of hexadecimal. */
export interface Dumps {
  readonly request: readonly string[];
  readonly response: readonly string[];
}

/** Two captures compared, as it is printed. */
export interface Comparison extends Aligned {
  readonly files: readonly [string, string];
  readonly transactions: readonly [number, number];
  readonly conversations: readonly [number, number];
  readonly releases: readonly [string | null, string | null];
  /** Pairs that differ, and those of them whose fields were not compared one by one. */
  readonly differing: number;
  readonly undetailed: number;
  readonly fields: readonly FieldDifference[];
  /** By number of transaction; empty unless asked for. */
  readonly bytes: {
    readonly a: Map<number, Dumps>;
    readonly b: Map<number, Dumps>;
  };
}

/** Below this share of the longer side, two captures are of different work. */
const SAME_WORK = 0.5;

/** What is the same and what is not, for a reader. */
export function comparisonText(comparison: Comparison, width: number): string {
  const lines = [...headLines(comparison), "", ...fieldLines(comparison)];
  lines.push(
    ...missingLines("A", comparison.onlyA),
    ...missingLines("B", comparison.onlyB),
    ...pairLines(comparison),
  );
  return lines.map((line) => `${fit(escapeText(line), width).trimEnd()}\n`).join("");
}

function headLines(comparison: Comparison): string[] {
  const { files, transactions, conversations, releases, pairs, differing } = comparison;
  const head = files.map((file, i) => {
    const release = releases[i] === null ? "" : `, release ${releases[i]}`;
    const count = plural(transactions[i]!, "transaction");
    const where = plural(conversations[i]!, "conversation");
    return `${"AB"[i]}  ${file}: ${count} in ${where}${release}`;
  });
  const longer = Math.max(...transactions);
  const share = longer === 0 ? 1 : pairs.length / longer;
  const verdict = share < SAME_WORK
    ? `different work: only ${pairs.length} of ${longer} transactions have a counterpart`
    : `${pairs.length} of ${longer} pairs, ${pairs.length - differing} alike, ` +
      `${differing} different`;
  return [...head, verdict];
}

function fieldLines({ fields, bytes, undetailed }: Comparison): string[] {
  const byCommand = Map.groupBy(fields, ({ command }) => command);
  const lines = [...byCommand].flatMap(([command, list]) => [
    command,
    ...list.flatMap((field) => [
      `  ${field.path}  ${shown(field.a)} → ${shown(field.b)}${often(field.count)}`,
      ...dumpLines(field, bytes),
    ]),
  ]);
  if (undetailed > 0) {
    lines.push(`${undetailed} further pairs differ; their fields are not listed`);
  }
  return lines.length === 0 ? [] : [...lines, ""];
}

function dumpLines(field: FieldDifference, { a, b }: Comparison["bytes"]): string[] {
  const side = field.path.startsWith("request") ? "request" : "response";
  return ([["A", a.get(field.inA)], ["B", b.get(field.inB)]] as const).flatMap(
    ([name, dumps]) => (dumps?.[side] ?? []).map((row) => `    ${name}  ${row}`),
  );
}

function shown(value: string | null): string {
  return value ?? "absent";
}

function often(count: number): string {
  return count === 1 ? "" : ` (${count} pairs)`;
}

function missingLines(side: string, missing: readonly Outlined[]): string[] {
  if (missing.length === 0) return [];
  const counts = [...Map.groupBy(missing, ({ name }) => name)].map(([name, list]) =>
    list.length === 1 ? name : `${name} × ${list.length}`
  );
  return [`only in ${side}  ${counts.join(", ")}`, ""];
}

/** Lengths, answers and response times side by side, a line each command. */
function pairLines({ pairs }: Comparison): string[] {
  if (pairs.length === 0) return [];
  const rows = [...Map.groupBy(pairs, ([a]) => a.name)].map(([name, list]) => [
    name,
    String(list.length),
    both(list, ({ requestLength }) => requestLength, String),
    both(list, ({ responseLength }) => responseLength, String),
    both(list, ({ responseTimeUs }) => responseTimeUs, shortTime),
  ]);
  const titles = ["command", "pairs", "request bytes", "response bytes", "median time"];
  const widths = titles.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]!.length))
  );
  return [titles, ...rows].map((row) =>
    row.map((cell, i) => i === 1 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))
      .join("  ")
  );
}

/** The medians of a figure on both sides: one where they are equal. */
function both(
  list: Aligned["pairs"],
  of: (side: Outlined) => number | null,
  text: (figure: number) => string,
): string {
  const [a, b] = [0, 1].map((side) => {
    const figures = list.map((pair) => of(pair[side]!)).filter((one) => one !== null);
    const middle = figures.sort((x, y) => x - y)[figures.length >> 1];
    return middle === undefined ? "–" : text(middle);
  });
  return a === b ? a! : `${a} → ${b}`;
}

function plural(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

/** The same as one JSON value. */
export function comparisonJson(comparison: Comparison): string {
  const { files, transactions, conversations, releases, pairs, fields } = comparison;
  const side = ({ number, name, status, ...rest }: Outlined) => ({
    transaction: number,
    command: name,
    status,
    request_length: rest.requestLength,
    response_length: rest.responseLength,
    response_time_us: rest.responseTimeUs,
  });
  const record = {
    a: capture(0),
    b: capture(1),
    pairs: pairs.length,
    different: comparison.differing,
    fields: fields.map(({ inA, inB, a, b, ...field }) => ({
      ...field,
      a: a === null ? null : JSON.parse(valueJson(a)),
      b: b === null ? null : JSON.parse(valueJson(b)),
      transactions: [inA, inB],
    })),
    only_a: comparison.onlyA.map(side),
    only_b: comparison.onlyB.map(side),
    different_pairs: pairs.filter(([left, right]) => left.content !== right.content)
      .map(([left, right]) => ({ a: side(left), b: side(right) })),
  };
  return `${JSON.stringify(record, null, 2)}\n`;

  function capture(i: 0 | 1) {
    return {
      file: files[i],
      transactions: transactions[i],
      conversations: conversations[i],
      release: releases[i],
    };
  }
}

/** Values are JSON already, but for what was answered. */
function valueJson(value: string): string {
  return /^[a-z]/.test(value) && !/^(true|false|null)$/.test(value)
    ? JSON.stringify(value)
    : value;
}
