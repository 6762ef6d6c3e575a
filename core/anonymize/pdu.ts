import { isUtf8 } from "node:buffer";
import type { Pdu } from "../framing/pdu.ts";
import { reseal } from "../export/seals.ts";
import type { FieldNode, Kind } from "../schema/mod.ts";
import type { StandIns } from "./stand_ins.ts";

/** A version number says what spoke, not who; four numbers would be an address. */
const VERSION = /^\d{1,4}(\.\d{1,4}){1,2}(-[a-z]{1,8}\.\d{1,4})?$/;
/** Bytes of the length before a value of a chosen type. */
const TAGGED_PREFIX = 4;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The bytes of a PDU with stand-ins for its texts, payloads, secrets and user headers, its
 * checksums right again. Numbers, enumerations and lengths stay. A payload that is not decoded
 * whole is blank: nobody knows what is in it.
 */
export function anonymousPdu(pdu: Pdu, standIns: StandIns): Uint8Array {
  const bytes = pdu.bytes.slice();
  const decoded = pdu.isEmpty ? null : pdu.decodedTree;
  const header = pdu.headerTree?.tree ?? null;
  if (header !== null) replaceTexts(header, bytes, standIns);
  if (!pdu.isEmpty) {
    const isSure = pdu.whole && decoded?.tree != null && decoded.complete &&
      decoded.problems === 0;
    if (isSure) replaceTexts(decoded.tree!, bytes, standIns);
    else bytes.fill(0, pdu.start);
  }
  if (pdu.whole) reseal(pdu, bytes);
  return bytes;
}

function replaceTexts(node: FieldNode, bytes: Uint8Array, standIns: StandIns): void {
  const { kind, value, children, offset, length } = node;
  if (kind.open || kind.names !== undefined || kind.generated) return;
  for (const child of children) replaceTexts(child, bytes, standIns);
  if (children.length > 0) return;
  const place = bytes.subarray(offset + length - ownLength(node), offset + length);
  if (kind.secret || typeof value === "string") replaceText(place, standIns);
  else if (value instanceof Uint8Array) place.set(standIns.payload(place));
  else if (isTagged(kind) && typeof value !== "boolean") {
    // A number that a user put there may name somebody.
    place.set(standIns.payload(place));
  }
}

/** Bytes of a value without the length, or form and length, before it. */
function ownLength({ kind, value, length }: FieldNode): number {
  if (typeof value === "string") return Math.min(length, utf8Length(value));
  if (value instanceof Uint8Array) return Math.min(length, value.length);
  return isTagged(kind) ? length - TAGGED_PREFIX : length - (kind.prefix ?? 0);
}

/** Bytes of a text in UTF-8; half a surrogate pair counts as the mark that replaces it. */
function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    const isPair = code >= 0xd800 && code < 0xdc00 && i + 1 < text.length &&
      (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
    length += code < 0x800 ? 1 : 2;
    // Four bytes of two characters.
    if (isPair) i++;
  }
  return length;
}

const tagged = new WeakMap<Kind<unknown>, boolean>();

/** Whether the kind's value is of a type that a user chose. */
function isTagged(kind: Kind<unknown>): boolean {
  let known = tagged.get(kind);
  if (known === undefined) {
    known = [kind, ...kind.forms ?? []].some(({ tagField, inner }) =>
      tagField !== undefined || inner?.tagField !== undefined
    );
    tagged.set(kind, known);
  }
  return known;
}

function replaceText(value: Uint8Array, standIns: StandIns): void {
  if (!isUtf8(value)) return void value.set(standIns.payload(value));
  const text = decoder.decode(value);
  if (VERSION.test(text)) return;
  value.set(encoder.encode(standIns.text(text)));
}
