import type { Block } from "./pdu_file.ts";

/** The blocks used last, of all captures, up to a number of bytes. */
export class BlockCache {
  readonly #most: number;
  readonly #blocks = new Map<string, Block>();
  readonly #latest = new Map<string, Block>();
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** The block with this transaction, where it is at hand. */
  get(key: string, n: number): Block | null {
    const latest = this.#latest.get(key);
    if (latest !== undefined && holds(latest, n)) return latest;
    for (const [name, block] of this.#blocks) {
      if (!name.startsWith(key) || !holds(block, n)) continue;
      this.#blocks.delete(name);
      this.#blocks.set(name, block);
      return block;
    }
    return null;
  }

  /** Keeps a block; the ones not used for longest go. */
  put(key: string, block: Block): void {
    const name = `${key}/${block.first}`;
    this.#latest.set(key, block);
    if (this.#latest.size > 100) this.#latest.clear();
    if (this.#blocks.has(name) || block.size > this.#most) return;
    this.#blocks.set(name, block);
    this.#bytes += block.size;
    for (const [oldest, { size }] of this.#blocks) {
      if (this.#bytes <= this.#most) break;
      this.#blocks.delete(oldest);
      this.#bytes -= size;
    }
  }

  /** Forgets all blocks of a capture. */
  drop(key: string): void {
    this.#latest.delete(key);
    for (const [name, block] of this.#blocks) {
      if (!name.startsWith(key)) continue;
      this.#blocks.delete(name);
      this.#bytes -= block.size;
    }
  }
}

function holds({ first, count }: Block, n: number): boolean {
  return n >= first && n < first + count;
}
