import type { Pdu } from "../../../core/framing/pdu.ts";
import type { Pending } from "./pending.ts";

/** Bytes of pairs that are held back, at most. */
const MAX_BYTES = 4 << 20;

/** A request with what is taken for its response. */
export interface LikelyPair {
  readonly pending: Pending;
  readonly pdu: Pdu;
}

/**
 * Pairs of a client that is taken to wait for each answer, held back until it has shown so, or
 * the contrary.
 */
export class HeldPairs {
  #pairs: LikelyPair[] = [];
  #bytes = 0;
  /** Nothing was said yet since the last of them. */
  isFresh = false;

  /** Keeps a pair; gives those that there is no room for any more. */
  add(pair: LikelyPair): LikelyPair[] {
    this.#pairs.push(pair);
    this.#bytes += sizeOf(pair);
    this.isFresh = true;
    let count = 0;
    while (this.#bytes > MAX_BYTES && count < this.#pairs.length - 1) {
      this.#bytes -= sizeOf(this.#pairs[count++]!);
    }
    return this.#pairs.splice(0, count);
  }

  /** Gives all of them, oldest first. */
  take(): LikelyPair[] {
    const pairs = this.#pairs;
    this.#pairs = [];
    this.#bytes = 0;
    this.isFresh = false;
    return pairs;
  }
}

function sizeOf({ pending, pdu }: LikelyPair): number {
  return pdu.bytes.length + (pending.pdu?.bytes.length ?? 0);
}
