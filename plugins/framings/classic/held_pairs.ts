import type { Pdu } from "../../../core/framing/pdu.ts";
import { CLASSIC_TEXTS as TEXTS } from "../texts.ts";
import type { Given } from "./given.ts";
import type { Pending } from "./pending.ts";

/** Bytes of pairs that are held back, at most. */
const MAX_BYTES = 4 << 20;

/** A request with what is taken for its response. */
interface LikelyPair {
  readonly pending: Pending;
  readonly pdu: Pdu;
}

/**
 * Pairs of a client that is taken to wait for each answer, held back until it has shown so, or
 * the contrary.
 */
export class HeldPairs {
  readonly #given: Given;
  #pairs: LikelyPair[] = [];
  #bytes = 0;
  /** Nothing was said yet since the last of them. */
  isFresh = false;

  constructor(given: Given) {
    this.#given = given;
  }

  /** Keeps a pair; gives out those that there is no room for any more. */
  add(pending: Pending, pdu: Pdu, isProven: boolean): void {
    const pair = { pending, pdu };
    this.#pairs.push(pair);
    this.#bytes += sizeOf(pair);
    this.isFresh = true;
    let count = 0;
    while (this.#bytes > MAX_BYTES && count < this.#pairs.length - 1) {
      this.#bytes -= sizeOf(this.#pairs[count++]!);
    }
    for (const old of this.#pairs.splice(0, count)) this.#give(old, isProven);
  }

  /** Gives all of them out, oldest first. */
  give(isProven: boolean): void {
    const pairs = this.#pairs;
    this.#pairs = [];
    this.#bytes = 0;
    this.isFresh = false;
    for (const pair of pairs) this.#give(pair, isProven);
  }

  /** Gives a pair out, or both alone where the client turned out not to wait. */
  #give({ pending, pdu }: LikelyPair, isProven: boolean): void {
    if (isProven) return this.#given.pair(pending, pdu);
    this.#given.unanswered(pending, TEXTS.missed);
    this.#given.orphan(pdu, TEXTS.untold);
  }
}

function sizeOf({ pending, pdu }: LikelyPair): number {
  return pdu.bytes.length + (pending.pdu?.bytes.length ?? 0);
}
