import type { FieldTable, FilterField } from "./field.ts";
import { FUNCTIONS } from "./operand.ts";

/** One way to go on. */
export interface Candidate {
  readonly text: string;
  /** What it means, for the list beside the input. */
  readonly doc: string;
}

/** What may stand for the characters from `from` to `to` of the text. */
export interface Completion {
  readonly from: number;
  readonly to: number;
  readonly candidates: readonly Candidate[];
}

const MAX_CANDIDATES = 100;
const RELATIONS: readonly Candidate[] = [
  { text: "==", doc: "equal" },
  { text: "!=", doc: "not equal, none of several" },
  { text: "<", doc: "less" },
  { text: ">", doc: "greater" },
  { text: "<=", doc: "less or equal" },
  { text: ">=", doc: "greater or equal" },
  { text: "in {", doc: "one of several values or ranges" },
];
const TEXT_RELATIONS: readonly Candidate[] = [
  { text: "contains", doc: "has the text within" },
  { text: "matches", doc: "fits the regular expression" },
];
const CONNECTIVES: readonly Candidate[] = [
  { text: "&&", doc: "and" },
  { text: "||", doc: "or" },
];

/**
 * What may come at the cursor of a half-typed filter: fields, one level at a time while there
 * are many, relations behind a field, likely values behind a relation. Never throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createRegistry } from "../dissect/registry.ts";
 * import { fieldTable } from "./field_table.ts";
 * const table = fieldTable(createRegistry({ commands: [], framings: [] }));
 * const { from, to, candidates } = complete("frame.n", 7, table);
 * assertEquals([from, to, candidates[0]?.text], [0, 7, "frame.number"]);
 * ```
 */
export function complete(text: string, cursor: number, table: FieldTable): Completion {
  const before = text.slice(0, cursor);
  const quote = openQuote(before);
  const from = quote ?? wordStart(before);
  const to = quote === null ? cursor + wordRest(text, cursor) : cursor;
  const word = before.slice(quote === null ? from : from + 1);
  const [previous, beforeThat] = lastWords(before.slice(0, from));
  const give = (candidates: readonly Candidate[]): Completion => ({
    from,
    to,
    candidates: candidates.slice(0, MAX_CANDIDATES),
  });
  if (
    previous !== null &&
    /^([=<>]=?=?|!==?|~|eq|ne|[gl][te]|contains|matches|[{,])$/.test(previous)
  ) {
    const field = fieldBefore(before.slice(0, from), table) ??
      table.get(beforeThat ?? "");
    return give(field === undefined ? [] : values(field, word));
  }
  if (quote !== null) return give([]);
  const field = table.get(previous ?? "");
  if (field !== undefined) {
    const texts = /string|bytes|variant/.test(field.type) ? TEXT_RELATIONS : [];
    const relations = field.type === "group" ? [] : [...RELATIONS, ...texts];
    return give(startingWith(word, [...relations, ...CONNECTIVES]));
  }
  const starts = previous === null ||
    /^(&&|\|\||!|\(|and|or|not|any|all)$/.test(previous);
  return give(starts ? fields(word, table) : startingWith(word, CONNECTIVES));
}

function startingWith(word: string, candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ text }) => text.startsWith(word));
}

/** Where the string begins that the text ends in, or null. */
function openQuote(text: string): number | null {
  let open: number | null = null;
  for (let at = 0; at < text.length; at++) {
    if (open !== null && text[at] === "\\") at++;
    else if (text[at] === '"') open = open === null ? at : null;
  }
  return open;
}

const WORD = /[\p{L}\p{N}_.:-]/u;

function wordStart(text: string): number {
  let at = text.length;
  while (at > 0 && WORD.test(text[at - 1]!)) at--;
  return at;
}

function wordRest(text: string, cursor: number): number {
  let at = cursor;
  while (at < text.length && WORD.test(text[at]!)) at++;
  return at - cursor;
}

/** The last two words or signs of a text. */
function lastWords(text: string): [string | null, string | null] {
  const found = text.slice(-500).match(
    /"(?:[^"\\]|\\.)*"|[\p{L}\p{N}_.:-]+|[=!<>]+|&&|\|\||[^\s]/gu,
  );
  return [found?.at(-1) ?? null, found?.at(-2) ?? null];
}

/** The field whose set of values the text ends in. */
function fieldBefore(text: string, table: FieldTable): FilterField | undefined {
  const found = /([\p{L}\p{N}_.]+)\s+in\s*\{[^{}]*$/u.exec(text.slice(-500));
  return found === null ? undefined : table.get(found[1]!);
}

function values(field: FilterField, word: string): Candidate[] {
  if (field.type === "boolean") {
    return startingWith(word, ["true", "false"].map((text) => ({ text, doc: "" })));
  }
  return [...field.likely ?? []].filter((text) => text.startsWith(word)).map((text) => ({
    text: `"${text}"`,
    doc: "",
  }));
}

/** Paths that go on from the word, cut behind the next dot while there are too many. */
function fields(word: string, table: FieldTable): Candidate[] {
  const found = table.all.filter(({ path }) => path.startsWith(word));
  const functions = Object.entries(FUNCTIONS)
    .filter(([name]) => word !== "" && name.startsWith(word))
    .map(([name, { doc }]) => ({ text: `${name}(`, doc }));
  if (found.length <= MAX_CANDIDATES) {
    if (found.length === 0) return [...functions, ...within(word, table)];
    return [...found.map(({ path, doc }) => ({ text: path, doc })), ...functions];
  }
  const level = word.split(".").length;
  const groups = new Map<string, string>();
  for (const { path, doc } of found) {
    const parts = path.split(".");
    if (parts.length === level) groups.set(path, doc);
    else {
      const group = parts.slice(0, level).join(".");
      if (!groups.has(group)) groups.set(group, "");
    }
  }
  return [...groups].map(([text, doc]) => ({ text, doc }));
}

/** Fields that have the word anywhere in their path. */
function within(word: string, table: FieldTable): Candidate[] {
  return word.length < 3 ? [] : table.all.filter(({ path }) => path.includes(word))
    .map(({ path, doc }) => ({ text: path, doc }));
}
