import { planned, planOf } from "./compile/plan.ts";
import { type Cursor, decodeText } from "../bytes/cursor.ts";
import type { Writer } from "../bytes/writer.ts";
import {
  basisOf,
  type JsonOptions,
  type JsonValue,
  type Kind,
  type LuaScope,
  type ReadContext,
  type SampleContext,
  type Versioned,
} from "./kind.ts";
import { LATEST } from "./releases.ts";

const LETTERS = ["a", "Z", "0", " ", "-", "é", "日", "🦀"];

function sampleText({ random }: SampleContext, least: number): string {
  let text = "";
  for (let left = least + random.below(6); left > 0; left--) {
    text += LETTERS[random.below(LETTERS.length)]!;
  }
  return text;
}

function readText(cursor: Cursor, context: ReadContext, length: number): string {
  const offset = cursor.offset;
  const { text, valid } = decodeText(cursor.take(length));
  if (!valid) context.problem("malformed", "text is not UTF-8", offset);
  else if (text.includes("\0")) context.problem("protocol", "text holds a NUL", offset);
  return text;
}

const encoder = new TextEncoder();

function writeText(writer: Writer, value: string, prefix: 1 | 4): void {
  const bytes = encoder.encode(value);
  if (prefix === 1) {
    if (bytes.length > 255) {
      throw new RangeError(`${bytes.length} bytes do not fit a u8 length`);
    }
    writer.u8(bytes.length);
  } else writer.u32(bytes.length);
  writer.bytes(bytes);
}

/** Text behind a u8 length in bytes; may be empty. */
export function text8(doc = ""): Kind<string> {
  return planned({
    type: "string",
    wire: "u8 length, UTF-8",
    doc,
    minSize: 1,
    prefix: 1,
    read: (cursor, context) => readText(cursor, context, cursor.u8()),
    lua: ({ make }) => make("text8"),
    write: (writer, value) => writeText(writer, value, 1),
    sample: (context) => sampleText(context, 0),
  }, { op: "text", length: { prefix: 1 }, least: 0 });
}

/** A name: 1 to 255 bytes of UTF-8 behind a u8 length; an empty one is reported. */
export function name8(doc = ""): Kind<string> {
  return planned({
    ...text8(doc),
    wire: "u8 length 1..255, UTF-8",
    minSize: 2,
    read(cursor, context) {
      const length = cursor.u8();
      if (length === 0) context.problem("protocol", "empty name", cursor.offset - 1);
      return readText(cursor, context, length);
    },
    lua: ({ make }) => make("name8"),
    sample: (context) => sampleText(context, 1),
  }, { op: "text", length: { prefix: 1 }, least: 1 });
}

/** Text behind a u32 length in bytes. */
export function text32(doc = ""): Kind<string> {
  return planned({
    type: "string",
    wire: "u32 length, UTF-8",
    doc,
    minSize: 4,
    prefix: 4,
    read: (cursor, context) => readText(cursor, context, cursor.u32()),
    lua: ({ make }) => make("text32"),
    write: (writer, value) => writeText(writer, value, 4),
    sample: (context) => sampleText(context, 0),
  }, { op: "text", length: { prefix: 4 }, least: 0 });
}

/** Text behind a u32 length where length 0, or the end of the payload, says that there is none. */
export function optionalText32(doc = ""): Kind<string | null> {
  return planned({
    ...text32(doc),
    nullable: true,
    wire: "u32 length (0 none), UTF-8",
    minSize: 0,
    read(cursor, context) {
      if (cursor.remaining === 0) return null;
      const length = cursor.u32();
      return length === 0 ? null : readText(cursor, context, length);
    },
    lua: ({ make }) => make("optional_text32"),
    write: (writer, value) => writeText(writer, value ?? "", 4),
    sample: (context) => sampleText(context, 0) || null,
  }, { op: "text", length: { prefix: 4 }, least: 0, emptyIsNull: "end" });
}

/** Text where an empty one says that there is none. */
export function emptyIsNull(text: Kind<string>): Kind<string | null> {
  const kind: Kind<string | null> = {
    ...text as Kind<string | null>,
    nullable: true,
    wire: `${text.wire}; length 0 none`,
    read: (cursor, context, scope, outer) =>
      text.read(cursor, context, scope, outer) || null,
    lua: ({ make, reader }) => make("empty_is_nil", reader(text)),
    write: (writer, value, release, scope) =>
      text.write(writer, value ?? "", release, scope),
    sample: (context, scope) => text.sample(context, scope) || null,
  };
  const plan = planOf(text as Kind<unknown>);
  return plan?.op === "text" && plan.least === 0
    ? planned(kind, { ...plan, emptyIsNull: "length" })
    : kind;
}

/** Free text to the end of its part. */
export function textRest(doc = ""): Kind<string> {
  return planned({
    type: "string",
    wire: "UTF-8 to the end",
    doc,
    minSize: 0,
    read(cursor, context) {
      const offset = cursor.offset;
      const { text, valid } = decodeText(cursor.take(cursor.remaining));
      if (!valid) context.problem("malformed", "text is not UTF-8", offset);
      return text;
    },
    lua: ({ make }) => make("text_rest"),
    write: (writer, value) => writer.text(value),
    sample: (context) => sampleText(context, 1),
  }, { op: "text", length: "rest", least: 0 });
}

/** A name to the end of its part; an empty one and one with a NUL are reported. */
export function nameRest(doc = ""): Kind<string> {
  return planned({
    ...basisOf(textRest(doc)),
    minSize: 1,
    read(cursor, context) {
      if (cursor.remaining === 0) {
        context.problem("protocol", "empty name", cursor.offset);
      }
      return readText(cursor, context, cursor.remaining);
    },
    lua: ({ make }) => make("name_rest"),
  }, { op: "text", length: "rest", least: 1 });
}

/** ASCII text of exactly `length` bytes. */
export function fixedText(length: number, doc = ""): Kind<string> {
  return planned({
    type: "string",
    wire: `${length} bytes of text`,
    doc,
    minSize: length,
    read: (cursor, context) => readText(cursor, context, length),
    lua: ({ make }) => make("fixed_text", length),
    write(writer, value) {
      if (encoder.encode(value).length !== length) {
        throw new RangeError(`${length} bytes are needed`);
      }
      writer.text(value);
    },
    sample: ({ random }) => String(random.below(10)).repeat(length),
  }, { op: "text", length: { fixed: length }, least: 0 });
}

const printable = /^[\P{C}\n\r\t]*$/u;

/** The text of bytes that hold nothing but printable characters, or null. */
function printableText(bytes: Uint8Array): string | null {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    const isControl = byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d;
    if (isControl || byte === 0x7f) return null;
  }
  // A byte that only continues a character cannot begin the text.
  if (bytes.length === 0 || (bytes[0]! & 0xc0) === 0x80) return null;
  const { text, valid } = decodeText(bytes);
  return valid && printable.test(text) ? text : null;
}

/** Bytes as JSON: their length, hex cut at `maxBytes`, and text where they are printable. */
export function bytesJson(value: Uint8Array, options: JsonOptions): JsonValue {
  const { maxBytes } = options;
  const shown = value.length > maxBytes ? value.subarray(0, maxBytes) : value;
  const { length } = value;
  const hex = shown.toHex();
  const text = printableText(shown);
  return text === null ? { length, hex } : { length, hex, text };
}

/** Bytes to the end of their part, or as many as the field `lengthField` beside them says. */
export function bytes(doc = "", lengthField?: string): Kind<Uint8Array> {
  return planned({
    type: "bytes",
    wire: lengthField === undefined ? "bytes to the end" : `${lengthField} bytes`,
    doc,
    minSize: 0,
    read(cursor, _context, scope) {
      return cursor.take(
        lengthField === undefined ? cursor.remaining : Number(scope[lengthField]),
      );
    },
    lua: ({ make }) =>
      lengthField === undefined ? make("bytes_rest") : make("bytes_of", lengthField),
    write: (writer, value) => writer.bytes(value),
    json: bytesJson,
    sample({ random }) {
      return Uint8Array.from({ length: 1 + random.below(9) }, () => random.below(256));
    },
  }, {
    op: "bytes",
    length: lengthField === undefined ? "rest" : { field: lengthField },
  });
}

/** As many bytes as `length`. */
export function fixedBytes(length: number, doc = ""): Kind<Uint8Array> {
  return planned({
    ...basisOf(bytes(doc)),
    wire: `${length} bytes`,
    minSize: length,
    read: (cursor) => cursor.take(length),
    lua: ({ make }) => make("fixed_bytes", length),
    sample: ({ random }) => Uint8Array.from({ length }, () => random.below(256)),
  }, { op: "bytes", length: { fixed: length } });
}

/** No bytes at all; null. */
export const absent: Kind<null> = planned({
  type: "bytes",
  wire: "nothing",
  doc: "",
  nullable: true,
  minSize: 0,
  read: () => null,
  lua: ({ make }) => make("absent"),
  write: () => {},
  sample: () => null,
}, { op: "absent" });

/** Bytes that a layout reserves; not shown, reported where they are not zero. */
export function zeros(length: number, doc = "Reserved, zero."): Kind<null> {
  return planned({
    type: "bytes",
    wire: `${length} zero bytes`,
    nullable: true,
    doc,
    minSize: length,
    read(cursor, context) {
      const offset = cursor.offset;
      const wrong = cursor.take(length).findIndex((byte) => byte !== 0);
      if (wrong >= 0 && context.release === LATEST) {
        const message = "a reserved byte is in use: newer than this program knows";
        context.note("undecoded", message, offset + wrong);
      } else if (wrong >= 0) {
        context.problem("protocol", "reserved byte is not zero", offset + wrong);
      }
      return null;
    },
    lua: ({ make }) => make("zeros", length),
    write: (writer) => writer.bytes(new Uint8Array(length)),
    sample: () => null,
  }, { op: "zeros", length });
}

/** Bytes that are not set where they are zeros: the field is left out then. */
export function unlessZeros(
  inner: Kind<Uint8Array>,
): Kind<Uint8Array | undefined> & Versioned {
  const kind = {
    ...basisOf(inner as Kind<Uint8Array | undefined>),
    optional: true,
    mayLack: true,
    read(cursor: Cursor) {
      const bytes = cursor.take(inner.minSize);
      return bytes.some((byte) => byte !== 0) ? bytes : undefined;
    },
    lua: ({ make }: LuaScope) => make("unless_zeros", inner.minSize),
    write: (writer: Writer, value: Uint8Array | undefined) =>
      writer.bytes(value ?? new Uint8Array(inner.minSize)),
  } as const;
  planned(kind as Kind<unknown>, { op: "unlessZeros", inner: inner as Kind<unknown> });
  return kind;
}

/** Marks a field as a password, token or key: it is redacted in every output by default. */
export function secret<T extends string | bigint | Uint8Array>(kind: Kind<T>): Kind<T> {
  return {
    ...kind,
    secret: true,
    json(value, options) {
      if (!options.showSecrets) return `[redacted ${secretLength(value)} bytes]`;
      return kind.json === undefined ? value as string : kind.json(value, options);
    },
  };
}

function secretLength(value: string | bigint | Uint8Array): number {
  if (typeof value === "bigint") return 16;
  return typeof value === "string" ? encoder.encode(value).length : value.length;
}

/** A value that must not be shown: its bytes, and what they read as. */
export class SecretBytes extends Uint8Array {
  /** What the bytes read as. */
  readonly value: unknown;

  constructor(bytes: Uint8Array, value: unknown) {
    super(bytes);
    this.value = value;
  }
}

/** Marks a field as a secret where the field `field` beside it has one of `values`. */
export function secretIf(
  field: string,
  values: readonly unknown[],
  inner: Kind<unknown>,
): Kind<unknown> {
  return planned({
    ...basisOf(inner),
    secretIf: { field, values },
    read(cursor, context, scope, outer) {
      const { offset } = cursor;
      const value = inner.read(cursor, context, scope, outer);
      if (!values.includes(scope[field])) return value;
      return new SecretBytes(cursor.bytes.slice(offset, cursor.offset), value);
    },
    lua: ({ make, reader }) =>
      make("secret_if", field, reader(inner), ...values.map(String)),
    write(writer, value, release, scope) {
      const plain = value instanceof SecretBytes ? value.value : value;
      inner.write(writer, plain, release, scope);
    },
    json(value, options) {
      if (!(value instanceof SecretBytes)) return inner.json!(value, options);
      return options.showSecrets
        ? inner.json!(value.value, options)
        : `[redacted ${value.length} bytes]`;
    },
  }, { op: "secretIf", field, values, inner });
}
