/**
 * Our PDUs and tshark's in one form, so that they compare as lines of text. Where Wireshark has
 * no type that prints as JSON does, both sides are brought to one text here, type by type:
 *
 * | ours | Wireshark |
 * |-|-|
 * | name of an enumeration | its number |
 * | null | no field |
 * | bytes | the field's bytes in hex |
 * | u128, i128, a number in a field that also holds texts | decimal text |
 * | time in µs | UTC date |
 * | f32 in 32 bits | seven digits |
 * | control characters | `\x1b`, as PDML escapes them |
 *
 * @module
 */
import type { Transaction } from "../../core/dissect/transaction.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import type { FieldNode, Kind } from "../../core/schema/mod.ts";
import type { PdmlField, PdmlPdu } from "./pdml.ts";

/** One PDU as lines: what it is, then every field with place and value. */
export type PduLines = readonly string[];

type Side = "request" | "response";

/** Fields that stand outside of the payload; the rest of them is compared on its own. */
const GENERAL = [
  "iggy.command",
  "iggy.code",
  "iggy.status",
  "iggy.status_name",
  "iggy.length",
  "iggy.framing",
  "iggy.evicted",
  "iggy.outcome",
  "iggy.request_in",
  "iggy.response_time",
] as const;

type General = Record<typeof GENERAL[number], string | number | null>;

function generalLines(packet: number, side: Side, general: General): string[] {
  const lines = GENERAL.filter((name) => general[name] !== null).map((name) =>
    `${name}=${general[name]}`
  );
  return [`packet ${packet} ${side}`, ...lines];
}

/** Our PDUs by packet. */
export function ourLines(transactions: readonly Transaction[]): Map<number, PduLines[]> {
  const found = new Map<number, PduLines[]>();
  for (const transaction of transactions) {
    for (const side of ["request", "response"] as const) {
      const pdu = transaction[side];
      // Wireshark shows a PDU when its last byte is there.
      if (pdu === null || !pdu.whole) continue;
      add(found, pdu.stamp.packet, pduLines(transaction, pdu, side));
    }
  }
  return found;
}

function add(map: Map<number, PduLines[]>, packet: number, lines: PduLines): void {
  const known = map.get(packet);
  if (known === undefined) map.set(packet, [lines]);
  else known.push(lines);
}

function pduLines(transaction: Transaction, pdu: Pdu, side: Side): string[] {
  const isResponse = side === "response";
  const { request } = transaction;
  const asked = isResponse && request?.whole ? request.stamp.packet : null;
  const time = asked === null ? null : transaction.responseTimeUs;
  const lines = generalLines(pdu.stamp.packet, side, {
    "iggy.command": transaction.name,
    "iggy.code": transaction.code,
    "iggy.status": isResponse ? pdu.status : null,
    "iggy.status_name": isResponse ? transaction.statusName : null,
    "iggy.length": pdu.length,
    "iggy.framing": transaction.conversation.framing,
    "iggy.evicted": pdu.evicted,
    "iggy.outcome": knownAt(side, transaction.outcome),
    "iggy.request_in": asked,
    "iggy.response_time": time === null ? null : (time / 1e6).toFixed(6),
  });
  const header = pdu.headerTree?.tree;
  if (header) nodeLines(header.children, "iggy.vsr", "iggy", lines);
  // A request without the payload it needs is read all the same, as far as it goes.
  const tree = pdu.isEmpty && pdu.status !== null ? null : pdu.decodedTree?.tree;
  if (tree) {
    const path = layoutPath(transaction, pdu, side);
    nodeLines(tree.children, path, path, lines);
  }
  return lines;
}

/** Wireshark shows a request before its response: only that none is due is known by then. */
function knownAt(side: Side, outcome: string | null): string | null {
  return side === "response" || outcome === "one_way" ? outcome : null;
}

/** Bodies of prepares are named by the command that they replicate. */
function layoutPath(transaction: Transaction, pdu: Pdu, side: Side): string {
  const { name, command, conversation } = transaction;
  if (command !== null) return `iggy.${name}.${side}`;
  const { all } = conversation.registry.commands;
  const found = all.find(({ prepare, request }) => (prepare ?? request) === pdu.layout);
  if (found === undefined) return `iggy.${name}.${side}`;
  return `iggy.${found.name}.${found.prepare === null ? "request" : "prepare"}`;
}

function nodeLines(
  nodes: readonly FieldNode[],
  path: string,
  parent: string,
  lines: string[],
): void {
  for (const node of nodes) {
    if (node.name.startsWith("_")) continue;
    const base = node.kind.hoisted ? parent : path;
    oneNode(node, `${base}.${node.name}`, base, lines);
  }
}

function oneNode(node: FieldNode, path: string, base: string, lines: string[]): void {
  const { kind, value, offset, length, children } = node;
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) {
    for (const item of children) oneNode(item, path, base, lines);
    return;
  }
  if (typeof value === "object" && !(value instanceof Uint8Array)) {
    lines.push(`${path} ${offset}+${length}`);
    nodeLines(children, path, base, lines);
    return;
  }
  const place = kind.generated ? "" : ` ${offset}+${length}`;
  lines.push(`${path}${place}${ourText(kind, value)}`);
}

function ourText(kind: Kind<unknown>, value: unknown): string {
  if (kind.secret) {
    return `=${kind.json!(value as never, { maxBytes: 0, showSecrets: false })}`;
  }
  if (value instanceof Uint8Array) {
    return kind.type === "group" ? "" : `=${value.toHex()}`;
  }
  if (kind.unit === "timestamp_us") return `=${timeText(value as bigint)}`;
  const names = (kind.forms ?? [kind]).flatMap((form) => [...form.names ?? []]);
  const number = names.find(([, name]) => name === value)?.[0];
  if (number !== undefined) return `=${number}`;
  if (kind.type === "float" || kind.type === "double") {
    return `=${Number((value as number).toPrecision(6))}`;
  }
  return `=${plain(String(value))}`;
}

/** Control characters as PDML writes them. */
function plain(text: string): string {
  return text.replaceAll(
    // deno-lint-ignore no-control-regex -- these are what is replaced
    /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16)}`,
  );
}

function timeText(microseconds: bigint): string {
  const date = new Date(Number(microseconds / 1000n));
  if (Number.isNaN(date.getTime())) return "no date";
  const fraction = String(microseconds % 1_000_000n).padStart(6, "0");
  return `${date.toISOString().slice(0, 19)}.${fraction}`;
}

/** The PDUs that tshark found, by packet. */
export function theirLines(
  pdus: readonly PdmlPdu[],
  kinds: ReadonlyMap<string, string>,
): Map<number, PduLines[]> {
  const found = new Map<number, PduLines[]>();
  for (const pdu of pdus) {
    // Bytes that belong to no PDU have an item of their own.
    if (pdu.fields.every(({ name }) => !name.startsWith("iggy.re"))) continue;
    const side = pdu.fields.some(({ name }) => name === "iggy.response")
      ? "response"
      : "request";
    const value = (name: string) =>
      pdu.fields.find((field) => field.name === name)?.show ?? null;
    const general = Object.fromEntries(
      GENERAL.map((name) => [name, value(name)]),
    ) as General;
    general["iggy.outcome"] = knownAt(side, value("iggy.outcome"));
    const time = general["iggy.response_time"];
    if (time !== null) general["iggy.response_time"] = Number(time).toFixed(6);
    const lines = generalLines(pdu.packet, side, general);
    for (const field of pdu.fields) {
      const kind = kinds.get(field.name);
      if (kind !== undefined) lines.push(theirLine(field, kind));
    }
    add(found, pdu.packet, lines);
  }
  return found;
}

function theirLine(
  { name, offset, length, show, value }: PdmlField,
  type: string,
): string {
  // A field that is made of others has no bytes; others without bytes are no numbers.
  const isGenerated = length === 0 && /^(uint64|time)$/.test(type);
  const place = isGenerated ? "" : ` ${offset}+${length}`;
  if (type === "group") return `${name}${place}`;
  if (type === "bytes") return `${name}${place}=${value}`;
  if (type === "time") return `${name}${place}=${dateText(show)}`;
  if (type === "boolean") {
    return `${name}${place}=${show === "1" || show === "True"}`;
  }
  if (type === "float" || type === "double") {
    return `${name}${place}=${Number(Number(show).toPrecision(6))}`;
  }
  return `${name}${place}=${plain(show)}`;
}

/** `Nov 21, 2026 08:47:53.000000000 UTC` of 4.0 and the RFC 3339 of later ones. */
function dateText(show: string): string {
  const iso = /^(\d{4}-\d\d-\d\dT[\d:]{8})\.(\d{6})/.exec(show);
  if (iso !== null) return `${iso[1]}.${iso[2]}`;
  const [, day, fraction] = /^(.*\d\d:\d\d:\d\d)\.(\d{6})/.exec(show) ?? [];
  const date = new Date(`${day} UTC`);
  return Number.isNaN(date.getTime())
    ? "no date"
    : `${date.toISOString().slice(0, 19)}.${fraction}`;
}

/** The kinds of an exported file's fields, by path; without the groups around layouts. */
export function luaKinds(lua: string): Map<string, string> {
  const around = /^iggy\.(vsr\.\w+(\.request)?|\w+(\.(request|response|prepare))?)$/;
  const kinds = new Map<string, string>();
  for (const [, path, kind] of lua.matchAll(/^field\("([^"]+)", "(\w+)"/gm)) {
    if (kind === "group" && around.test(path!)) continue;
    kinds.set(path!, kind!);
  }
  for (const path of kinds.keys()) if (path.split(".").length < 3) kinds.delete(path);
  return kinds;
}
