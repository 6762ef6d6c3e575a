import type { Stamp } from "../../flow/mod.ts";
import { u32be } from "../../bytes/integers.ts";

/** What the bytes in front of a payload say. */
export interface WebSocketHeader {
  readonly final: boolean;
  /** RSV1 to RSV3 as a number; 0 unless an extension is in use. */
  readonly reserved: number;
  readonly opcode: number;
  /** Four bytes to unmask the payload with; null where it is not masked. */
  readonly mask: Uint8Array | null;
  /** Bytes of the header, and of the payload. */
  readonly size: number;
  readonly length: number;
}

/** One frame; where bytes of its payload are lost, their number stands for them. */
export interface WebSocketFrame {
  readonly header: WebSocketHeader;
  readonly parts: readonly (Uint8Array | number)[];
  /** The packet that completed it. */
  readonly stamp: Stamp;
}

/** Opcodes. */
export const OPCODE = Object.freeze({
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
});

/** Longest header in bytes. */
export const MAX_HEADER = 14;
/** First bytes of a payload that tell whether it is plausible. */
const PROBE = 256;

/**
 * The header at `at`; null where it is not all there.
 *
 * Source: RFC 6455 section 5.2.
 */
export function readHeader(
  bytes: Uint8Array,
  at: number,
  end: number,
): WebSocketHeader | null {
  if (end - at < 2) return null;
  const first = bytes[at]!;
  const second = bytes[at + 1]!;
  const short = second & 0x7f;
  const lengthSize = short === 127 ? 8 : short === 126 ? 2 : 0;
  const masked = (second & 0x80) !== 0;
  const size = 2 + lengthSize + (masked ? 4 : 0);
  if (end - at < size) return null;
  return {
    final: (first & 0x80) !== 0,
    reserved: first >> 4 & 7,
    opcode: first & 15,
    mask: masked ? bytes.slice(at + size - 4, at + size) : null,
    size,
    length: lengthSize === 8
      ? u32be(bytes, at + 2) * 2 ** 32 + u32be(bytes, at + 6)
      : lengthSize === 2
      ? bytes[at + 2]! << 8 | bytes[at + 3]!
      : short,
  };
}

/** A copy of payload bytes without their mask; `position` is their place in the payload. */
export function unmask(
  bytes: Uint8Array,
  mask: Uint8Array | null,
  position = 0,
): Uint8Array {
  const copy = bytes.slice();
  if (mask === null) return copy;
  for (let i = 0; i < copy.length; i++) copy[i]! ^= mask[position + i & 3]!;
  return copy;
}

/** What a {@link WebSocketReader} is told. */
export interface WebSocketShape {
  /** Longest payload taken for real, in bytes. */
  readonly most: number;
  /** A frame is complete, or as complete as it gets. */
  frame(frame: WebSocketFrame): void;
  /** Whether the header and the payload after it are what this flow carries; for searches. */
  plausible(header: WebSocketHeader, payload: Uint8Array): boolean;
  /** Bytes of unknown content were lost; frames are searched for again. */
  lost(stamp: Stamp): void;
  /** `length` bytes were passed over in search of a frame. */
  skipped(length: number, stamp: Stamp): void;
}

/** Cuts one flow, behind the HTTP heads, into WebSocket frames. */
export class WebSocketReader {
  readonly #shape: WebSocketShape;
  /** Bytes of an incomplete header, or bytes under search. */
  #buffer: Uint8Array = new Uint8Array(0);
  #header: WebSocketHeader | null = null;
  #parts: (Uint8Array | number)[] = [];
  /** Payload bytes seen, lost ones included. */
  #position = 0;
  #searching: boolean;
  /** Bytes passed over since the search began. */
  #skipped = 0;
  #stamp: Stamp = { packet: 0, seconds: 0, nanos: 0 };

  constructor(shape: WebSocketShape, inSync: boolean) {
    this.#shape = shape;
    this.#searching = !inSync;
  }

  /** Takes the next bytes of the flow. */
  push(bytes: Uint8Array, stamp: Stamp): void {
    this.#stamp = stamp;
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#header === null) {
        rest = this.#joined(rest);
        if (this.#searching && !this.#find(rest)) return;
        if (this.#searching) rest = this.#buffer;
        this.#searching = false;
        this.#buffer = rest;
        const header = readHeader(rest, 0, rest.length);
        if (header === null) return;
        if (header.length > this.#shape.most) {
          this.#lose();
          continue;
        }
        this.#buffer = new Uint8Array(0);
        this.#header = header;
        rest = rest.subarray(header.size);
      }
      const take = Math.min(this.#header.length - this.#position, rest.length);
      if (take > 0) {
        this.#parts.push(
          unmask(rest.subarray(0, take), this.#header.mask, this.#position),
        );
      }
      this.#advance(take);
      rest = rest.subarray(take);
    }
  }

  /** `length` bytes of the flow are lost. */
  gap(length: number): void {
    const left = this.#header === null ? -1 : this.#header.length - this.#position;
    if (length <= left) {
      this.#parts.push(length);
      this.#advance(length);
      return;
    }
    this.cut();
    this.#lose();
  }

  /** Gives out what is incomplete. */
  cut(): void {
    if (this.#header !== null) this.#emit();
    else {
      this.#skipped += this.#buffer.length;
      this.#buffer = new Uint8Array(0);
      this.#tellSkipped();
    }
  }

  #lose(): void {
    this.#searching = true;
    this.#shape.lost(this.#stamp);
  }

  #advance(length: number): void {
    this.#position += length;
    if (this.#position === this.#header!.length) this.#emit();
  }

  #emit(): void {
    const frame = { header: this.#header!, parts: this.#parts, stamp: this.#stamp };
    this.#header = null;
    this.#parts = [];
    this.#position = 0;
    this.#shape.frame(frame);
  }

  #joined(bytes: Uint8Array): Uint8Array {
    if (this.#buffer.length === 0) return bytes.slice();
    const joined = new Uint8Array(this.#buffer.length + bytes.length);
    joined.set(this.#buffer);
    joined.set(bytes, this.#buffer.length);
    return joined;
  }

  /** Looks for a frame; leaves the bytes from it on, or those that it may begin in. */
  #find(bytes: Uint8Array): boolean {
    const at = findFrame(bytes, this.#shape);
    const undecided = Math.max(0, bytes.length - MAX_HEADER - PROBE);
    const passed = at >= 0 ? at : undecided;
    this.#buffer = bytes.slice(passed);
    this.#skipped += passed;
    if (at >= 0) this.#tellSkipped();
    return at >= 0;
  }

  #tellSkipped(): void {
    if (this.#skipped > 0) this.#shape.skipped(this.#skipped, this.#stamp);
    this.#skipped = 0;
  }
}

/** Offset of the first frame that carries something plausible, or -1. */
export function findFrame(
  bytes: Uint8Array,
  shape: Pick<WebSocketShape, "most" | "plausible">,
): number {
  for (let at = 0; at < bytes.length; at++) {
    // A whole binary message without extensions.
    if (bytes[at] !== 0x82) continue;
    const header = readHeader(bytes, at, bytes.length);
    if (header === null || header.length > shape.most) continue;
    const start = at + header.size;
    // The first bytes tell; a long payload is not unmasked for every candidate.
    const payload = unmask(bytes.subarray(start, start + PROBE), header.mask);
    if (shape.plausible(header, payload.subarray(0, header.length))) return at;
  }
  return -1;
}
