/**
 * What the bytes of a payload are to a reader: JSON, text, or Base64 of either.
 *
 * @module
 */
import type { Node } from "../../api.ts";
import { visible } from "./format.ts";

/** Characters shown of a payload. */
const MAX_SHOWN = 20_000;
/** Shorter texts are taken for words rather than Base64. */
const LEAST_BASE64 = 16;

/** A payload as a reader wants it. */
export interface Meaning {
  readonly kind: "JSON" | "text" | "Base64 of JSON" | "Base64 of text";
  readonly text: string;
}

/** What a field of bytes holds; null where it is not of bytes, hidden, or not to be read. */
export function meaningOf(node: Node, hex: string): Meaning | null {
  const { type, secret, children, offset, length, value } = node;
  const size = type === "bytes" && isBytes(value) ? value.length : 0;
  if (secret || children.length > 0 || size === 0 || size > length) return null;
  // A length may stand before the bytes themselves.
  const end = offset + length;
  const digits = hex.slice((end - size) * 2, end * 2);
  return /^([0-9a-f]{2})+$/.test(digits) ? read(bytesOf(digits)) : null;
}

/**
 * Reads bytes as JSON, text, or Base64 of either.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * assertEquals(read(bytes('{"a":1}')), { kind: "JSON", text: '{\n  "a": 1\n}' });
 * assertEquals(read(bytes("hello")), { kind: "text", text: "hello" });
 * assertEquals(read(bytes(btoa("hello, world"))), {
 *   kind: "Base64 of text",
 *   text: "hello, world",
 * });
 * assertEquals(read(Uint8Array.of(0, 255)), null);
 * ```
 */
export function read(bytes: Uint8Array): Meaning | null {
  const text = textOf(bytes);
  if (text === null) return null;
  const json = jsonOf(text);
  if (json !== null) return { kind: "JSON", text: shown(json) };
  const inner = ofBase64(text);
  if (inner !== null) {
    const innerJson = jsonOf(inner);
    return innerJson === null
      ? { kind: "Base64 of text", text: shown(inner) }
      : { kind: "Base64 of JSON", text: shown(innerJson) };
  }
  return { kind: "text", text: shown(text) };
}

function isBytes(value: unknown): value is { readonly length: number } {
  return typeof value === "object" && value !== null && "hex" in value &&
    "length" in value && typeof value.length === "number";
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return /\p{Cc}/u.test(text.replaceAll(/[\t\r\n]/g, "")) ? null : text;
  } catch {
    return null; // not UTF-8
  }
}

/** JSON of an object or a list, laid out; numbers keep their digits only where they fit. */
function jsonOf(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}

function ofBase64(text: string): string | null {
  if (text.length < LEAST_BASE64 || text.length % 4 !== 0) return null;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  const inner = textOf(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  return inner !== null && inner.length > 0 ? inner : null;
}

/** Lines stay lines; everything else that does not print is made visible. */
function shown(text: string): string {
  const lines = text.slice(0, MAX_SHOWN).split(/\r?\n/).map((line) =>
    line.split("\t").map(visible).join("\t")
  );
  return lines.join("\n") + (text.length > MAX_SHOWN ? "\n…" : "");
}
