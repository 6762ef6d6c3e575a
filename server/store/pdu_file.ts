import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import type { KindNames } from "./kinds.ts";
import { noteOf, StoredTransaction, type TransactionNote } from "./stored_transaction.ts";

/** A block is written once it has so many bytes or transactions. */
const BLOCK_BYTES = 256 * 1024, BLOCK_TRANSACTIONS = 512;
/** Bytes before the notes: their length. */
const HEAD = 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Where a block of transactions lies in its file. */
export interface BlockPlace {
  /** Number of its first transaction, and how many there are. */
  first: number;
  count: number;
  offset: number;
  /** Compressed bytes. */
  length: number;
}

/** Gathers transactions into compressed blocks: their notes as JSON, then all PDU bytes. */
export class BlockBuilder {
  readonly #kinds: KindNames;
  #notes: TransactionNote[] = [];
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(kinds: KindNames) {
    this.#kinds = kinds;
  }

  get count(): number {
    return this.#notes.length;
  }

  /** Takes the next transaction; true when the block should be finished. */
  add(transaction: Transaction): boolean {
    this.#notes.push(noteOf(transaction, this.#kinds));
    for (const pdu of [transaction.request, transaction.response]) {
      if (pdu === null) continue;
      this.#parts.push(pdu.bytes);
      this.#bytes += pdu.bytes.length;
    }
    return this.#bytes >= BLOCK_BYTES || this.#notes.length >= BLOCK_TRANSACTIONS;
  }

  /** The block's bytes; the next one begins. */
  finish(): Uint8Array {
    const notes = encoder.encode(JSON.stringify(this.#notes));
    const bytes = new Uint8Array(HEAD + notes.length + this.#bytes);
    new DataView(bytes.buffer).setUint32(0, notes.length, true);
    bytes.set(notes, HEAD);
    let at = HEAD + notes.length;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#notes = [];
    this.#parts = [];
    this.#bytes = 0;
    return zstdCompressSync(bytes, {
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
    });
  }
}

/** A block read back. */
export class Block {
  readonly first: number;
  /** Memory it takes. */
  readonly size: number;
  readonly #notes: readonly TransactionNote[];
  readonly #bytes: Uint8Array;
  /** Where each transaction's bytes begin. */
  readonly #starts: readonly number[];

  constructor(first: number, compressed: Uint8Array) {
    // Not a Buffer: the `slice` of those is a view, where that of a Uint8Array is a copy.
    const { buffer, byteOffset, byteLength } = zstdDecompressSync(compressed);
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const length = new DataView(buffer, byteOffset).getUint32(0, true);
    const notes = decoder.decode(bytes.subarray(HEAD, HEAD + length));
    this.first = first;
    this.size = bytes.length + length;
    this.#notes = JSON.parse(notes);
    this.#bytes = bytes;
    let at = HEAD + length;
    this.#starts = this.#notes.map(({ request, response }) => {
      const start = at;
      at += (request?.bytes ?? 0) + (response?.bytes ?? 0);
      return start;
    });
  }

  get count(): number {
    return this.#notes.length;
  }

  /** The transaction of a number within this block; its bytes are its own. */
  transaction(number: number, registry: Registry, kinds: KindNames): StoredTransaction {
    const i = number - this.first;
    const start = this.#starts[i]!;
    const bytes = this.#bytes.slice(start, this.#starts[i + 1]);
    return new StoredTransaction(number, this.#notes[i]!, bytes, registry, kinds);
  }
}
