import { amount } from "../core/bytes/amount.ts";
import type {
  Comparison,
  FieldDifference,
  Median,
  Outlined,
  Tally,
} from "../core/compare/mod.ts";
import { shortTime } from "../core/export/human.ts";
import { escapeText, fit } from "../core/export/printable.ts";

/** The first bytes of a transaction's PDUs as rows of hexadecimal. */
export interface Dumps {
  readonly request: readonly string[];
  readonly response: readonly string[];
}

/** Two captures compared, as it is printed. */
export interface ComparedCaptures {
  readonly files: readonly [string, string];
  readonly tallies: readonly [Tally, Tally];
  readonly found: Comparison;
  /** By number of transaction; empty unless asked for. */
  readonly bytes: readonly [Map<number, Dumps>, Map<number, Dumps>];
}

/** Below this share of the longer side, two captures are of different work. */
const SAME_WORK = 0.5;

/** What is the same and what is not, for a reader. */
export function comparisonText(compared: ComparedCaptures, width: number): string {
  const { found } = compared;
  const lines = [...headLines(compared), "", ...fieldLines(compared)];
  lines.push(
    ...missingLines("A", found.alone[0].byCommand),
    ...missingLines("B", found.alone[1].byCommand),
    ...pairLines(found),
  );
  return lines.map((line) => `${fit(escapeText(line), width).trimEnd()}\n`).join("");
}

function headLines({ files, tallies, found }: ComparedCaptures): string[] {
  const { pairs, differing } = found;
  const head = files.map((file, i) => {
    const { transactions, conversations, release } = tallies[i]!;
    const told = release === null ? "" : `, release ${release}`;
    const count = amount(transactions, "transaction");
    const where = amount(conversations, "conversation");
    return `${"AB"[i]}  ${file}: ${count} in ${where}${told}`;
  });
  const longer = Math.max(...tallies.map(({ transactions }) => transactions));
  const share = longer === 0 ? 1 : pairs / longer;
  const verdict = share < SAME_WORK
    ? `different work: only ${pairs} of ${longer} transactions have a counterpart`
    : `${pairs} of ${longer} pairs, ${pairs - differing} alike, ${differing} different`;
  return [...head, verdict];
}

function fieldLines({ found, bytes }: ComparedCaptures): string[] {
  const byCommand = Map.groupBy(found.fields, ({ command }) => command);
  const lines = [...byCommand].flatMap(([command, list]) => [
    command,
    ...list.flatMap((field) => [
      `  ${field.path}  ${shown(field.a)} → ${shown(field.b)}${often(field.count)}`,
      ...dumpLines(field, bytes),
    ]),
  ]);
  return lines.length === 0 ? [] : [...lines, ""];
}

function dumpLines(field: FieldDifference, [a, b]: ComparedCaptures["bytes"]): string[] {
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

function missingLines(side: string, missing: ReadonlyMap<string, number>): string[] {
  if (missing.size === 0) return [];
  const counts = [...missing].map(([name, count]) =>
    count === 1 ? name : `${name} × ${count}`
  );
  return [`only in ${side}  ${counts.join(", ")}`, ""];
}

/** Lengths, answers and response times side by side, a line each command. */
function pairLines({ commands }: Comparison): string[] {
  if (commands.size === 0) return [];
  const rows = [...commands].map(([name, command]) => [
    name,
    String(command.pairs),
    both(command.requestLength, length),
    both(command.responseLength, length),
    both(command.responseTimeUs, shortTime),
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

function length(bytes: number): string {
  return String(Math.round(bytes));
}

/** The medians of a figure on both sides: one where they are equal. */
function both(
  medians: readonly [Median, Median],
  text: (figure: number) => string,
): string {
  const [a, b] = medians.map(({ value }) => value === null ? "–" : text(value));
  return a === b ? a! : `${a} → ${b}`;
}

/** The same as one JSON value. */
export function comparisonJson({ files, tallies, found }: ComparedCaptures): string {
  const { alone: [onlyA, onlyB], different } = found;
  const side = ({ number, name, status, ...rest }: Outlined) => ({
    transaction: number,
    command: name,
    status,
    request_length: rest.requestLength,
    response_length: rest.responseLength,
    response_time_us: rest.responseTimeUs,
  });
  const capture = (i: 0 | 1) => ({
    file: files[i],
    transactions: tallies[i].transactions,
    conversations: tallies[i].conversations,
    release: tallies[i].release,
  });
  const record = {
    a: capture(0),
    b: capture(1),
    pairs: found.pairs,
    different: found.differing,
    fields: found.fields.map(({ inA, inB, a, b, ...field }) => ({
      ...field,
      a: a === null ? null : JSON.parse(valueJson(a)),
      b: b === null ? null : JSON.parse(valueJson(b)),
      transactions: [inA, inB],
    })),
    only_a: onlyA.first.map(side),
    only_b: onlyB.first.map(side),
    different_pairs: different.map(([left, right]) => ({
      a: side(left),
      b: side(right),
    })),
    not_listed: {
      only_a: onlyA.count - onlyA.first.length,
      only_b: onlyB.count - onlyB.first.length,
      different_pairs: found.differing - different.length,
    },
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** Values are JSON already, but for what was answered. */
function valueJson(value: string): string {
  return /^[a-z]/.test(value) && !/^(true|false|null)$/.test(value)
    ? JSON.stringify(value)
    : value;
}
