import type { Transaction } from "../../core/dissect/transaction.ts";
import { type ByteRange, secretRanges } from "../../core/export/secrets.ts";
import { amountOf, longValue } from "../../core/export/values.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import {
  type Decoded,
  type FieldNode,
  type JsonOptions,
  type JsonValue,
  type Kind,
} from "../../core/schema/mod.ts";
import { frameNodes } from "./frame_nodes.ts";
import type { Node, PduDetail, TransactionDetail, TransactionRecord } from "../api.ts";

/** Most nodes of one tree; a batch of many messages has more. */
const MAX_NODES = 20_000;

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
  const { request, response } = transaction;
  return {
    record: transaction.toRecord(options) as TransactionRecord,
    time_split: timeSplitOf(transaction),
    request: request && pduDetail(transaction, "request", request, options),
    response: response && pduDetail(transaction, "response", response, options),
  };
}

function timeSplitOf(
  { timeSplit, thinkUs }: Transaction,
): TransactionDetail["time_split"] {
  return {
    request_us: timeSplit.requestUs,
    lost_us: timeSplit.lostUs,
    zero_window_us: timeSplit.zeroWindowUs,
    round_trip_us: timeSplit.roundTripUs,
    server_us: timeSplit.serverUs,
    response_us: timeSplit.responseUs,
    think_us: thinkUs,
  };
}

/** The path of a PDU's fields, as filters have it. */
export function pathOf(transaction: Transaction, side: "request" | "response"): string {
  const { name, command, conversation } = transaction;
  const layout = transaction[side]?.layout ?? null;
  if (side === "request" && layout !== null && layout !== command?.request) {
    // What a primary replicates: a command's request, or its prepare.
    for (const each of conversation.registry.commands.all) {
      if (each.prepare === layout) return `iggy.${each.name}.prepare`;
      if (each.request === layout) return `iggy.${each.name}.request`;
    }
  }
  const own = name?.includes(".") ? layout === command?.request && command?.name : null;
  return `iggy.${own || name || "unknown"}.${side}`;
}

/** A PDU of a transaction with its field tree and bytes. */
export function pduDetail(
  transaction: Transaction,
  side: "request" | "response",
  pdu: Pdu,
  options: DetailOptions,
): PduDetail {
  const isOrphan = side === "response" && transaction.request === null;
  const hidden = options.showSecrets ? [] : secretRanges(pdu, isOrphan);
  const shown = Math.min(pdu.bytes.length, options.hexBytes);
  return {
    tree: [
      ...frameNodes(transaction, side, pdu),
      ...treeOf(pdu, pathOf(transaction, side), options),
    ],
    hex: hexOf(pdu.bytes.subarray(0, shown), hidden),
    hidden: pdu.bytes.length - shown,
    length: pdu.length,
  };
}

/** The fields of a PDU: those of its header, then those of its body. */
export function treeOf(pdu: Pdu, path: string, options: JsonOptions): Node[] {
  const budget = { nodes: MAX_NODES };
  const children = (decoded: Decoded | null, at: string) =>
    nodesOf(decoded?.tree?.children ?? [], { at, parent: at }, options, budget);
  const header = children(pdu.headerTree, "iggy.vsr");
  const body = pdu.isEmpty ? [] : children(pdu.decodedTree, path);
  if (header.length === 0) return body;
  return [{
    name: "vsr",
    path: "iggy.vsr",
    type: "group",
    wire: "",
    doc: "The header of the framing.",
    text: "",
    offset: 0,
    length: pdu.headerEnd,
    children: header,
  }, ...body];
}

/** Where nodes are: their path without their names, and that of the structure around it. */
interface Position {
  readonly at: string;
  readonly parent: string;
}

function nodesOf(
  nodes: readonly FieldNode[],
  position: Position,
  options: JsonOptions,
  budget: { nodes: number },
): Node[] {
  const made: Node[] = [];
  for (const node of nodes) {
    if (node.name.startsWith("_")) continue;
    if (budget.nodes-- <= 0) break;
    made.push(nodeOf(node, position, options, budget));
  }
  return made;
}

function nodeOf(
  { name, kind, value, offset, length, children }: FieldNode,
  position: Position,
  options: JsonOptions,
  budget: { nodes: number },
): Node {
  const isItem = /^\d+$/.test(name);
  const base = kind.hoisted ? position.parent : position.at;
  const within = isItem ? position : { at: `${base}.${name}`, parent: base };
  const hasParts = children.length > 0;
  const made: Node = {
    name,
    path: within.at,
    type: hasParts ? "group" : kind.type,
    wire: kind.wire,
    doc: kind.doc,
    text: Array.isArray(value)
      ? amountOf(value.length, "items")
      : hasParts
      ? ""
      : longValue(kind, value, options),
    offset,
    length,
    children: nodesOf(children, within, options, budget),
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
