import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Registry } from "../../core/dissect/registry.ts";
import { concat, copyInto } from "../../core/bytes/copy.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import type { Taken } from "./batch.ts";
import type { KindNames } from "./kinds.ts";
import { NoteReader, NoteWriter } from "./note_columns.ts";
import { StoredTransaction } from "./stored_transaction.ts";

/** A block is written once it has so many bytes or transactions. */
const BLOCK_BYTES = 256 * 1024, BLOCK_TRANSACTIONS = 512;

/** Compression that hardly costs anything. */
export const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } } as const;

/** Where a block of transactions lies in its file. */
export interface BlockPlace {
  /** Number of its first transaction, and how many there are. */
  first: number;
  count: number;
  offset: number;
  /** Compressed bytes. */
  length: number;
}

/** Gathers transactions into compressed blocks: their notes, then all PDU bytes. */
export class BlockBuilder {
  readonly #notes: NoteWriter;
  /** Bytes of PDUs, one after the other. */
  #bytes = new Uint8Array(2 * BLOCK_BYTES);
  #length = 0;

  constructor(kinds: KindNames) {
    this.#notes = new NoteWriter(kinds, BLOCK_TRANSACTIONS);
  }

  get count(): number {
    return this.#notes.count;
  }

  /** Takes the next transaction; true when the block should be finished. */
  add(taken: Taken): boolean {
    this.#notes.add(taken);
    this.#take(taken.transaction.request);
    this.#take(taken.transaction.response);
    return this.#length >= BLOCK_BYTES || this.count >= BLOCK_TRANSACTIONS;
  }

  /** Copies the bytes of a PDU at once: kept, they would outlive V8's young generation. */
  #take(pdu: Pdu | null): void {
    if (pdu === null) return;
    const { bytes } = pdu;
    const end = this.#length + bytes.length;
    if (end > this.#bytes.length) {
      const wider = new Uint8Array(end);
      wider.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = wider;
    }
    copyInto(this.#bytes, this.#length, bytes);
    this.#length = end;
  }

  /** The block's bytes; the next one begins. */
  finish(): Uint8Array {
    const notes = this.#notes.finish();
    const bytes = concat([notes, this.#bytes.subarray(0, this.#length)]);
    this.#length = 0;
    if (this.#bytes.length > 2 * BLOCK_BYTES) {
      this.#bytes = new Uint8Array(2 * BLOCK_BYTES);
    }
    return zstdCompressSync(bytes, FAST);
  }
}

/** A block read back. */
export class Block {
  readonly first: number;
  /** Memory it takes. */
  readonly size: number;
  readonly #notes: NoteReader;
  readonly #bytes: Uint8Array;
  /** Where each transaction's bytes begin, and where the last ones end. */
  readonly #starts: readonly number[];

  constructor(first: number, compressed: Uint8Array) {
    // Not a Buffer: the `slice` of those is a view, where that of a Uint8Array is a copy.
    const { buffer, byteOffset, byteLength } = zstdDecompressSync(compressed);
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const notes = new NoteReader(bytes);
    this.first = first;
    this.size = bytes.length + notes.memory;
    this.#notes = notes;
    this.#bytes = bytes;
    const starts = [notes.size];
    for (let i = 0; i < notes.count; i++) starts.push(starts[i]! + notes.bytesAt(i));
    this.#starts = starts;
  }

  get count(): number {
    return this.#notes.count;
  }

  /** The transaction of a number within this block; its bytes are its own. */
  transaction(number: number, registry: Registry, kinds: KindNames): StoredTransaction {
    const i = number - this.first;
    const bytes = this.#bytes.slice(this.#starts[i], this.#starts[i + 1]);
    return new StoredTransaction(number, this.#notes.at(i), bytes, registry, kinds);
  }
}
