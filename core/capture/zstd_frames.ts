import { u32le } from "../bytes/integers.ts";

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;

const MAGIC = 0;
const SKIPPABLE_SIZE = 1;
const DESCRIPTOR = 2;
const BLOCK_HEADER = 3;
const BLOCK_BODY = 4;
const LAST_BLOCK_BODY = 5;
const FRAME_TAIL = 6;

/** Whether bytes open a zstd frame, skippable ones included. */
export function isZstd(bytes: Uint8Array): boolean {
  return u32le(bytes, 0) === FRAME_MAGIC || isSkippable(bytes);
}

/** Whether bytes open a skippable frame, which holds nothing of the content. */
export function isSkippable(bytes: Uint8Array): boolean {
  return ((u32le(bytes, 0) & ~15) >>> 0) === SKIPPABLE_MAGIC;
}

/**
 * Finds where zstd frames end, without decompressing: the decompressor at hand takes one
 * frame at a time, passes over no skippable ones and does not tell a cut frame from a whole.
 *
 * Source: RFC 8878 sections 3.1.1 and 3.1.2.
 */
export class ZstdFrames {
  #state = MAGIC;
  /** Bytes of the field or the body that is now being passed over. */
  #left = 4;
  /** Value of the field so far, little endian. */
  #value = 0;
  #shift = 0;
  #checksumBytes = 0;

  /** True where a frame ended and no other began. */
  get atBoundary(): boolean {
    return this.#state === MAGIC && this.#left === 4;
  }

  /** Passes over bytes and gives how many belong to the current frame. */
  advance(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length) {
      if (this.#isField()) {
        this.#value += bytes[at]! * 2 ** this.#shift;
        this.#shift += 8;
        this.#left -= 1;
        at += 1;
      } else {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
      }
      while (this.#left === 0) this.#next();
      if (this.atBoundary) return at;
    }
    return at;
  }

  #isField(): boolean {
    const state = this.#state;
    return state === MAGIC || state === SKIPPABLE_SIZE || state === DESCRIPTOR ||
      state === BLOCK_HEADER;
  }

  /** Moves on from a field or body that is complete. */
  #next(): void {
    const value = this.#value;
    switch (this.#state) {
      case MAGIC:
        return value === FRAME_MAGIC
          ? this.#go(DESCRIPTOR, 1)
          : this.#go(SKIPPABLE_SIZE, 4);
      case SKIPPABLE_SIZE:
        return this.#go(FRAME_TAIL, value);
      case DESCRIPTOR:
        this.#checksumBytes = value & 4;
        return this.#go(BLOCK_BODY, headerBytes(value));
      case BLOCK_BODY:
        return this.#go(BLOCK_HEADER, 3);
      case BLOCK_HEADER: {
        const isRunLength = (value >>> 1 & 3) === 1;
        const size = isRunLength ? 1 : value >>> 3;
        return this.#go(value & 1 ? LAST_BLOCK_BODY : BLOCK_BODY, size);
      }
      case LAST_BLOCK_BODY:
        return this.#go(FRAME_TAIL, this.#checksumBytes);
      default:
        return this.#go(MAGIC, 4);
    }
  }

  #go(state: number, length: number): void {
    this.#state = state;
    this.#left = length;
    this.#value = 0;
    this.#shift = 0;
  }
}

/** Bytes of a frame header after its descriptor: window, dictionary id and content size. */
function headerBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3]!;
  const content = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6]!;
  return (isSingleSegment ? 0 : 1) + dictionary + content;
}
