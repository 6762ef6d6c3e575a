import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
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
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(kinds: KindNames) {
    this.#notes = new NoteWriter(kinds, BLOCK_TRANSACTIONS);
  }

  get count(): number {
    return this.#notes.count;
  }

  /** Takes the next transaction; true when the block should be finished. */
  add(transaction: Transaction): boolean {
    this.#notes.add(transaction);
    for (const pdu of [transaction.request, transaction.response]) {
      if (pdu === null) continue;
      this.#parts.push(pdu.bytes);
      this.#bytes += pdu.bytes.length;
    }
    return this.#bytes >= BLOCK_BYTES || this.count >= BLOCK_TRANSACTIONS;
  }

  /** The block's bytes; the next one begins. */
  finish(): Uint8Array {
    const notes = this.#notes.finish();
    const bytes = new Uint8Array(notes.length + this.#bytes);
    bytes.set(notes);
    let at = notes.length;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#bytes = 0;
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
    this.size = bytes.length + notes.size;
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
