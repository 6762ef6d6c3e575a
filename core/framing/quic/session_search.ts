import type { Side } from "../../flow/mod.ts";
import type { SecretStore } from "../tls/key_log.ts";
import { COST_OF_KEYS, SearchBudget } from "../tls/search_budget.ts";
import { secretLabel } from "../tls/session.ts";
import { cipherSuite, SUITES_OF_TLS_1_3 } from "../tls/suites.ts";
import { MAX_ID, QUIC_1, QUIC_2 } from "./header.ts";
import { type PacketProtection, protectionOf } from "./protection.ts";

/** A session found by one packet of a side. */
export interface FoundSession {
  readonly random: Uint8Array;
  readonly suite: number;
  readonly version: number;
  /** Bytes of the id that the packet was sent to. */
  readonly idLength: number;
  /** What opens the packet: it knows about which number is due. */
  readonly protection: PacketProtection;
}

/** What is known already; what is not is null, or empty. */
export interface Known {
  readonly random: Uint8Array | null;
  readonly suite: number | null;
  readonly version: number | null;
  readonly idLengths: readonly number[];
}

/** What taking a header's mask off costs, in attempts. */
const COST_OF_MASK = 1 / 4;
/** Highest packet number that is tried. */
const MAX_NUMBER = 1 << 20;
/** Lengths of ids, the usual ones first. */
const LENGTHS = [8, 0, 20, 4, 16, 18];
const ID_LENGTHS = [
  ...LENGTHS,
  ...Array.from({ length: MAX_ID }, (_, i) => i + 1).filter((i) => !LENGTHS.includes(i)),
];

/**
 * Finds the session of a connection that began before the capture, by trying the secrets of a
 * key log on a packet with a short header: the tag proves what fits. A packet says the low
 * bytes of its number only, so the rest is tried too.
 */
export class SessionSearch {
  readonly #store: SecretStore | null;
  readonly #budget: SearchBudget | null;

  constructor(store: SecretStore | null) {
    this.#store = store;
    this.#budget = store === null ? null : new SearchBudget(store);
  }

  /** What opens the packet `bytes[at..)` of a side; null where that is not found. */
  find(side: Side, bytes: Uint8Array, at: number, known: Known): FoundSession | null {
    const [store, budget] = [this.#store, this.#budget];
    if (store === null || budget === null || budget.isSpent) return null;
    const found = tryAll(store, budget, side, bytes, at, known);
    if (found !== null) budget.refund();
    return found;
  }
}

/** The session whose secret opens a packet; null where none does. */
function tryAll(
  store: SecretStore,
  budget: SearchBudget,
  side: Side,
  bytes: Uint8Array,
  at: number,
  known: Known,
): FoundSession | null {
  const label = secretLabel(side, "application");
  for (const random of known.random === null ? budget.randoms() : [known.random]) {
    const secret = store.peek(random, label);
    if (secret === null) continue;
    for (const version of known.version === null ? [QUIC_1, QUIC_2] : [known.version]) {
      for (const suite of known.suite === null ? SUITES_OF_TLS_1_3 : [known.suite]) {
        const protection = protectionOf(cipherSuite(suite), version, secret);
        if (protection === null) continue;
        if (!budget.pay(COST_OF_KEYS)) return null;
        const idLength = fits(budget, protection, bytes, at, known.idLengths);
        if (idLength === null) continue;
        return { random, suite, version, idLength, protection };
      }
    }
  }
  return null;
}

/** The length of id with which a protection opens the packet; null where none does. */
function fits(
  budget: SearchBudget,
  protection: PacketProtection,
  bytes: Uint8Array,
  at: number,
  known: readonly number[],
): number | null {
  for (const length of known.length === 0 ? ID_LENGTHS : known) {
    if (!budget.pay(COST_OF_MASK)) return null;
    const numberAt = at + 1 + length;
    const seen = protection.seen(bytes, at, numberAt);
    if (seen === null) continue;
    for (let number = seen.truncated; number < MAX_NUMBER; number += seen.window) {
      if (!budget.pay(1)) return null;
      protection.largest = number - 1;
      if (protection.open(bytes, at, numberAt, bytes.length) !== null) return length;
      if (seen.window >= MAX_NUMBER) break;
    }
    protection.largest = -1;
  }
  return null;
}
