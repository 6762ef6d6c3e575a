import type { Transaction } from "../../core/dissect/transaction.ts";
import { type ByteRange, secretRanges } from "../../core/export/secrets.ts";
import { longValue } from "../../core/export/values.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import {
  type Decoded,
  type FieldNode,
  type JsonOptions,
  type JsonValue,
  type Kind,
} from "../../core/schema/mod.ts";
import type { Node, PduDetail, TransactionDetail, TransactionRecord } from "../api.ts";

/** Most nodes of one tree; a batch of many messages has more. */
const MOST_NODES = 20_000;

/** How details are made. */
export interface DetailOptions extends JsonOptions {
  /** Most bytes of the hex of a PDU. */
  readonly hexBytes: number;
}

/** A transaction with its field trees and bytes. */
export function detailOf(
  transaction: Transaction,
  options: DetailOptions,
): TransactionDetail {
  const { request, response, name } = transaction;
  const path = `iggy.${name ?? "unknown"}`;
  return {
    record: transaction.toRecord(options) as TransactionRecord,
    request: request && pduDetail(request, `${path}.request`, false, options),
    response: response &&
      pduDetail(response, `${path}.response`, request === null, options),
  };
}

/** A PDU with its field tree and bytes; `path` is that of its fields. */
export function pduDetail(
  pdu: Pdu,
  path: string,
  isOrphan: boolean,
  options: DetailOptions,
): PduDetail {
  const hidden = options.showSecrets ? [] : secretRanges(pdu, isOrphan);
  const shown = Math.min(pdu.bytes.length, options.hexBytes);
  return {
    tree: treeOf(pdu, path, options),
    hex: hexOf(pdu.bytes.subarray(0, shown), hidden),
    hidden: pdu.bytes.length - shown,
    length: pdu.length,
  };
}

/** The fields of a PDU: those of its header, then those of its body. */
export function treeOf(pdu: Pdu, path: string, options: JsonOptions): Node[] {
  const budget = { nodes: MOST_NODES };
  const children = (decoded: Decoded | null, prefix: string) =>
    (decoded?.tree?.children ?? [])
      .filter(({ name }) => !name.startsWith("_"))
      .map((node) => nodeOf(node, prefix, options, budget))
      .filter((node) => node !== null);
  const header = children(pdu.headerTree, `${path}.vsr`);
  const body = pdu.isEmpty ? [] : children(pdu.decodedTree, path);
  if (header.length === 0) return body;
  return [{
    name: "vsr",
    path: `${path}.vsr`,
    type: "group",
    wire: "",
    doc: "The header of the framing.",
    text: "",
    offset: 0,
    length: pdu.headerEnd,
    children: header,
  }, ...body];
}

function nodeOf(
  node: FieldNode,
  prefix: string,
  options: JsonOptions,
  budget: { nodes: number },
): Node | null {
  if (budget.nodes-- <= 0) return null;
  const { name, kind, value, offset, length } = node;
  const isItem = /^\d+$/.test(name);
  const path = isItem || kind.hoisted ? prefix : `${prefix}.${name}`;
  const isList = Array.isArray(value);
  const hasParts = node.children.length > 0;
  const made: Node = {
    name,
    path,
    type: hasParts ? "group" : kind.type,
    wire: kind.wire,
    doc: kind.doc,
    text: isList
      ? `${value.length} ${value.length === 1 ? "item" : "items"}`
      : hasParts
      ? ""
      : longValue(kind, value, options),
    offset,
    length,
    children: node.children
      .filter(({ name }) => !name.startsWith("_"))
      .map((child) => nodeOf(child, path, options, budget))
      .filter((child) => child !== null),
  };
  if (kind.secret) made.secret = true;
  if (!hasParts) made.value = jsonOf(kind, value, options);
  return made;
}

function jsonOf(kind: Kind<unknown>, value: unknown, options: JsonOptions): JsonValue {
  if (value === null || value === undefined) return null;
  const json = kind.json?.(value, options) ?? value;
  return typeof json === "bigint" ? String(json) : json as JsonValue;
}

/** Bytes as hex, `**` for each that is hidden. */
export function hexOf(bytes: Uint8Array, hidden: readonly ByteRange[]): string {
  let hex = bytes.toHex();
  for (const { start, end } of hidden) {
    const from = Math.min(start, bytes.length), to = Math.min(end, bytes.length);
    hex = hex.slice(0, from * 2) + "*".repeat((to - from) * 2) + hex.slice(to * 2);
  }
  return hex;
}
