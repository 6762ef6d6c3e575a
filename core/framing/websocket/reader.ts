import { moved, sequenceAdd, type Stamp } from "../../flow/mod.ts";
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

/** Bytes of a payload with their packet; where they are lost, their number stands for them. */
export interface WebSocketPart {
  readonly bytes: Uint8Array | number;
  readonly stamp: Stamp;
}

/** One frame. */
export interface WebSocketFrame {
  readonly header: WebSocketHeader;
  readonly parts: readonly WebSocketPart[];
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
  /** A frame begins with these bytes, at this sequence number. */
  begun(header: Uint8Array, sequence: number): void;
  /** A frame is complete, or as complete as it gets. */
  frame(frame: WebSocketFrame): void;
  /** Whether the header and the payload after it are what this flow carries; for searches. */
  plausible(header: WebSocketHeader, payload: Uint8Array): boolean;
  /** Bytes of unknown content were lost; frames are searched for again. */
  lost(stamp: Stamp): void;
  /** `length` bytes were passed over in search of a frame. */
  skipped(length: number, stamp: Stamp): void;
}

const NOTHING = new Uint8Array(0);

/** Cuts one flow, behind the HTTP heads, into WebSocket frames. */
export class WebSocketReader {
  readonly #shape: WebSocketShape;
  /** Bytes of an incomplete header, or bytes under search. */
  #buffer: Uint8Array = NOTHING;
  #header: WebSocketHeader | null = null;
  /** Sequence number of its first byte. */
  #place: number | undefined;
  #parts: WebSocketPart[] = [];
  /** Payload bytes seen, lost ones included. */
  #position = 0;
  #searching: boolean;
  /** Bytes passed over since the search began. */
  #skipped = 0;
  /** The packet being read, with the sequence number of the next byte. */
  #stamp: Stamp = { packet: 0, seconds: 0, nanos: 0 };

  constructor(shape: WebSocketShape, inSync: boolean) {
    this.#shape = shape;
    this.#searching = !inSync;
  }

  /** Takes the next bytes of the flow. Every turn of the loop takes at least one. */
  push(bytes: Uint8Array, stamp: Stamp): void {
    let rest = this.#joined(bytes);
    this.#stamp = moved(stamp, bytes.length - rest.length);
    while (rest.length > 0) {
      const taken = this.#header !== null
        ? this.#payload(rest)
        : this.#searching
        ? this.#search(rest)
        : this.#begin(rest);
      if (taken === 0) break;
      rest = rest.subarray(taken);
      this.#stamp = moved(this.#stamp, taken);
    }
    this.#buffer = rest.slice();
  }

  /** `length` bytes of the flow are lost. */
  gap(length: number, stamp: Stamp | null): void {
    const left = this.#header === null ? -1 : this.#header.length - this.#position;
    if (length <= left) {
      this.#parts.push({ bytes: length, stamp: stamp ?? this.#stamp });
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
      this.#buffer = NOTHING;
      this.#tellSkipped();
    }
  }

  /** Reads a header; gives its size, or 0 while it is not all there. */
  #begin(bytes: Uint8Array): number {
    const header = readHeader(bytes, 0, bytes.length);
    if (header === null) return 0;
    if (header.length > this.#shape.most) {
      this.#lose();
      this.#skipped++;
      return 1;
    }
    this.#header = header;
    this.#place = this.#stamp.sequence;
    if (this.#place !== undefined) {
      this.#shape.begun(bytes.subarray(0, header.size), this.#place);
    }
    if (header.length === 0) this.#emit();
    return header.size;
  }

  #payload(bytes: Uint8Array): number {
    const { length, mask } = this.#header!;
    const take = Math.min(length - this.#position, bytes.length);
    const clear = unmask(bytes.subarray(0, take), mask, this.#position);
    // What a frame carries begins, for TCP, where the frame does.
    const stamp = { ...this.#stamp };
    stamp.message = this.#position === 0;
    if (stamp.message) stamp.sequence = this.#place;
    if (stamp.sequence !== undefined) {
      stamp.carried = {
        origin: sequenceAdd(stamp.sequence, -this.#position),
        shift: this.#position === 0 ? this.#header!.size : 0,
        length,
        mask,
      };
    }
    this.#parts.push({ bytes: clear, stamp });
    this.#advance(take);
    return take;
  }

  /** Passes over bytes up to a frame, or up to those that one may begin in. */
  #search(bytes: Uint8Array): number {
    const at = findFrame(bytes, this.#shape);
    const passed = at >= 0 ? at : Math.max(0, bytes.length - MAX_HEADER - PROBE);
    this.#skipped += passed;
    if (at < 0) return passed;
    this.#tellSkipped();
    this.#searching = false;
    return at > 0 ? at : this.#begin(bytes);
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
    if (this.#buffer.length === 0) return bytes;
    const joined = new Uint8Array(this.#buffer.length + bytes.length);
    joined.set(this.#buffer);
    joined.set(bytes, this.#buffer.length);
    this.#buffer = NOTHING;
    return joined;
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
