import type { Registry } from "../dissect/registry.ts";
import type { FilterField } from "../filter/field.ts";
import { fieldTable } from "../filter/field_table.ts";
import type { Framing } from "../framing/framing.ts";
import {
  beforeRelease,
  type Command,
  EARLIEST,
  type Kind,
  LATEST,
  spanText,
  type Unit,
} from "../schema/mod.ts";

/** The releases that have something: all where both ends are open. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const ALWAYS: Span = { from: EARLIEST, to: LATEST };

/** One line of a command's table: a field in one of its forms. */
interface Row {
  readonly path: string;
  readonly kind: Kind<unknown>;
  readonly span: Span;
}

/**
 * A page of every field in Markdown: for each command its request and response with path,
 * type, wire form, releases and meaning, then the fields of transactions and of framings.
 * `prefix` keeps only paths that begin so.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { createRegistry } from "../dissect/registry.ts";
 * import { command, name8 } from "../schema/mod.ts";
 * const hello = command({
 *   name: "hello", doc: "Greets.", code: 9, request: { name: name8("Who.") }, response: {},
 * });
 * const page = fieldsPage(createRegistry({ commands: [hello], framings: [] }));
 * assertStringIncludes(page, "| `app.hello.request.name` | string | u8 length 1..255, UTF-8 |");
 * ```
 */
export function fieldsPage(registry: Registry, prefix = ""): string {
  const { root, commands, framings } = registry;
  const general = fieldTable(registry).all.filter(({ path, wire }) =>
    wire === undefined && path.startsWith(prefix) && !isCommandPath(path, registry)
  );
  const lines = [
    ...prefix === "" ? [...INTRODUCTION, indexOf(commands.all), ""] : [],
    ...commands.all.flatMap((command) => commandPart(command, root, prefix)),
    ...framings.flatMap((framing) => framingPart(framing, root, prefix)),
    ...general.length === 0 ? [] : [
      "## Transactions and frames",
      "",
      ...tableOf(
        ["field", "type", "meaning"],
        general.map((field) => [code(field.path), field.type, meaningOf(field)]),
      ),
    ],
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

const INTRODUCTION = [
  "# Fields",
  "",
  "Every field has one path, the same in JSON records, display filters, the HTTP API, the page",
  "and Wireshark. The wire form is little-endian. Where no release is named, every release has",
  "the field. Made of the plugins by `deno task fields`.",
  "",
];

function indexOf(commands: readonly Command[]): string {
  return `Commands: ${commands.map(({ name }) => `[${name}](#${name})`).join(", ")}.`;
}

/** Whether a path without a wire form is the group of a command or of its parts. */
function isCommandPath(
  path: string,
  { root, commands, framings }: Registry,
): boolean {
  const [first, name] = path.split(".");
  return first === root && name !== undefined &&
    (commands.byName(name) !== undefined || framings.some((each) => each.name === name));
}

function commandPart(command: Command, root: string, prefix: string): string[] {
  const parts = (["request", "response", "prepare"] as const).flatMap((part) => {
    const layout = command[part];
    if (layout === null) return [];
    return layoutPart(layout, `${root}.${command.name}.${part}`, titleOf(part), prefix);
  });
  if (parts.length === 0 && !`${root}.${command.name}`.startsWith(prefix)) return [];
  return [
    `## ${command.name}`,
    "",
    `${command.doc} ${factsOf(command)}`,
    "",
    ...parts.length === 0 ? ["No fields.", ""] : parts,
  ];
}

function titleOf(part: string): string {
  return part === "prepare"
    ? "Replicated as"
    : `${part[0]!.toUpperCase()}${part.slice(1)}`;
}

function factsOf({ code, operation, replicates, from, to }: Command): string {
  const releases = spanText({ from, to });
  const facts = [
    ...code === null ? [] : [`code ${code}`],
    ...operation === null ? [] : [`VSR operation ${operation}`],
    ...replicates === null ? [] : [`replicated in place of ${replicates}`],
    ...releases === "" ? [] : [`releases ${releases}`],
  ].join(", ");
  return facts === "" ? "" : `${facts[0]!.toUpperCase()}${facts.slice(1)}.`;
}

function framingPart(
  { name, headers = [], bodies = {} }: Framing,
  root: string,
  prefix: string,
) {
  const rows = headers.flatMap((layout) => rowsOf(layout, `${root}.${name}`));
  const parts = [
    ...rowsPart(distinct(rows), "Header", prefix),
    ...Object.entries(bodies).flatMap(([own, layout]) =>
      layoutPart(layout, `${root}.${own}.request`, `\`${own}\``, prefix)
    ),
  ];
  return parts.length === 0 ? [] : [`## Framing ${name}`, "", ...parts];
}

function layoutPart(layout: Kind<unknown>, path: string, title: string, prefix: string) {
  return rowsPart(distinct(rowsOf(layout, path)), title, prefix);
}

function rowsPart(rows: readonly Row[], title: string, prefix: string): string[] {
  const wanted = rows.filter(({ path }) => path.startsWith(prefix));
  if (wanted.length === 0) return [];
  return [
    `**${title}**`,
    "",
    ...tableOf(
      ["field", "type", "wire form", "releases", "meaning"],
      wanted.map(({ path, kind, span }) => [
        code(path),
        kind.tagField === undefined ? kind.type : "variant",
        kind.wire,
        spanText(span),
        meaningOf(kind),
      ]),
    ),
    "",
  ];
}

/** Every field under a layout in wire order, a row for each form that releases differ in. */
function rowsOf(
  layout: Kind<unknown>,
  path: string,
  span = ALWAYS,
  parent = path,
): Row[] {
  const rows: Row[] = [];
  for (const [form, inForm] of formsOf(layout, span)) {
    const parts = [...form.inner === undefined ? [] : [form.inner]];
    for (const part of [...parts, ...Object.values(form.cases ?? {})]) {
      rows.push(...rowsOf(part, path, inForm, parent));
    }
    for (const [name, field] of form.fields ?? []) {
      if (name.startsWith("_")) continue;
      const base = field.hoisted ? parent : path;
      for (const [kind, inField] of formsOf(field, inForm)) {
        rows.push({ path: `${base}.${name}`, kind, span: inField });
        rows.push(
          ...rowsOf(
            { ...kind, from: undefined, to: undefined },
            `${base}.${name}`,
            inField,
            base,
          ),
        );
      }
    }
  }
  return rows;
}

/** The forms of a kind with their releases: the first that a release has is the one read. */
function formsOf(
  kind: Kind<unknown>,
  around: Span,
): (readonly [Kind<unknown>, Span])[] {
  const own = meet(around, { from: kind.from ?? EARLIEST, to: kind.to ?? LATEST });
  if (own === null) return [];
  if (kind.forms === undefined) return [[kind, own]];
  let last = own.to;
  return kind.forms.flatMap((form) => {
    const span = meet(own, {
      from: form.from ?? EARLIEST,
      to: Math.min(last, form.to ?? LATEST),
    });
    if (span === null) return [];
    if (form.from !== undefined) last = beforeRelease(form.from);
    return [[form, span] as const];
  });
}

function meet(a: Span, b: Span): Span | null {
  const both = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
  return both.from <= both.to ? both : null;
}

/** Rows that say the same of the same field once; their releases join where they touch. */
function distinct(rows: readonly Row[]): Row[] {
  const found: Row[] = [];
  for (const row of rows) {
    const at = found.findIndex(({ path, kind }) =>
      path === row.path && kind.wire === row.kind.wire && kind.doc === row.kind.doc &&
      kind.type === row.kind.type
    );
    if (at < 0) found.push(row);
    else {
      const { span } = found[at]!;
      const from = Math.min(span.from, row.span.from);
      found[at] = { ...found[at]!, span: { from, to: Math.max(span.to, row.span.to) } };
    }
  }
  return found;
}

const UNITS: Readonly<Record<Unit, string>> = {
  timestamp_us: "µs since 1970, UTC.",
  duration_us: "In µs.",
  bytes: "In bytes.",
  percent: "In percent.",
};

/** What a field means, with its values, its unit and whether it is shown. */
export function meaningOf(
  { doc, names, unit, secret }: Pick<FilterField, "doc" | "names" | "unit" | "secret">,
): string {
  return [
    doc,
    names === undefined ? "" : `One of ${[...names.values()].join(", ")}.`,
    unit === undefined || unit === "bytes" && /\bbytes\b/i.test(doc) ? "" : UNITS[unit],
    secret ? "Redacted." : "",
  ].filter((part) => part !== "").join(" ");
}

function code(text: string): string {
  return `\`${text}\``;
}

function tableOf(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "-")), ...rows.map(line)];
}
