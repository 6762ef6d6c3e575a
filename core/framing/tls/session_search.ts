import type { Side } from "../../flow/mod.ts";
import { TLS_1_3 } from "./handshake.ts";
import type { SecretStore } from "./key_log.ts";
import { COST_OF_KEYS, SearchBudget } from "./search_budget.ts";
import { RECORD, type TlsRecord } from "./record_reader.ts";
import { type Epoch, keysOf13, secretLabel, type TlsSession } from "./session.ts";
import { SUITES_OF_TLS_1_3 } from "./suites.ts";
import type { TrafficKeys } from "./traffic_keys.ts";

/** A session found by one of its records, and what keys and number that record has. */
export interface FoundSession {
  readonly random: Uint8Array;
  readonly suite: number;
  readonly epoch: Epoch;
  readonly number: number;
}

/** Keys that a record may be sealed by. */
interface Candidate extends Omit<FoundSession, "number"> {
  readonly keys: TrafficKeys;
}

/** What it costs to find whether a number is plausible, in attempts: AES does many at once. */
const COST_OF_AES = 1 / 64, COST_OF_CHACHA = 1 / 8, CHACHA = 0x1303;
/** Highest number that is tried, and how many are at a time. */
const MAX_NUMBER = 1 << 20, AT_A_TIME = 1 << 12;
/** Highest number that records of a handshake have. */
const MAX_HANDSHAKE = 16;
/** Longest record that is tried: short ones come soon enough. */
const MAX_RECORD = 4096;

/**
 * Finds the session of a connection whose hellos were not captured, and the number of its
 * first record, by trying: the tag proves what fits. Of the numbers of TLS 1.3 only those are
 * tried by which the record's last byte would be a content type; that costs little. TLS 1.2
 * needs its ServerHello.
 */
export class SessionSearch {
  readonly #session: TlsSession;
  readonly #store: SecretStore | null;
  readonly #budget: SearchBudget | null;

  constructor(session: TlsSession, store: SecretStore | null) {
    this.#session = session;
    this.#store = store;
    this.#budget = store === null ? null : new SearchBudget(store);
  }

  /**
   * What seals a side's record; null where it is not found, or nothing is to be sought.
   *
   * @param isPlain It may be a record that is not sealed.
   */
  find(side: Side, { type, bytes }: TlsRecord, isPlain: boolean): FoundSession | null {
    const [store, budget] = [this.#store, this.#budget];
    if (store === null || budget === null || budget.isSpent) return null;
    if (!this.#lacks(side) || bytes.length > MAX_RECORD) return null;
    const { suite, version } = this.#session.facts;
    let found: FoundSession | null = null;
    if ((version ?? TLS_1_3) >= TLS_1_3) {
      if (type !== RECORD.applicationData) return null;
      found = open(bytes, this.#candidates(side, store, budget), budget);
    } else if (!isPlain && suite !== null) {
      found = this.#open12(side, bytes, suite, budget);
    }
    if (found !== null) budget.refund();
    return found;
  }

  /** The hello that a side's sealed records follow is missing. */
  #lacks(side: Side): boolean {
    const { begun, agreed, assumed } = this.#session;
    return assumed || (side === "client" ? !begun : !agreed);
  }

  #candidates(side: Side, store: SecretStore, budget: SearchBudget): Candidate[] {
    const { random: known, facts } = this.#session;
    const candidates: Candidate[] = [];
    for (const random of known === null ? budget.randoms() : [known]) {
      for (const epoch of ["handshake", "application"] as const) {
        const suites = facts.suite === null ? SUITES_OF_TLS_1_3 : [facts.suite];
        const secret = store.peek(random, secretLabel(side, epoch));
        for (const suite of suites) {
          const keys = keysOf13(secret, suite);
          if (keys === null) continue;
          if (!budget.pay(COST_OF_KEYS)) return candidates;
          candidates.push({ random, suite, epoch, keys });
        }
      }
    }
    return candidates;
  }

  /** In TLS 1.2 only the ClientHello can be done without: keys are made of both randoms. */
  #open12(
    side: Side,
    record: Uint8Array,
    suite: number,
    budget: SearchBudget,
  ): FoundSession | null {
    for (const random of budget.randoms()) {
      const keys = this.#session.keys12(side, random);
      if (keys === null) continue;
      if (!budget.pay(COST_OF_KEYS)) return null;
      if (keys.open(record, 0) === null) continue;
      return { random, suite, epoch: "application", number: 0 };
    }
    return null;
  }
}

/** The candidate, and the number, that open a record; null where none do. */
function open(
  record: Uint8Array,
  candidates: readonly Candidate[],
  budget: SearchBudget,
): FoundSession | null {
  for (let from = 0; from < MAX_NUMBER; from += AT_A_TIME) {
    for (const { keys, ...candidate } of candidates) {
      const isHandshake = candidate.epoch === "handshake";
      const count = isHandshake ? MAX_HANDSHAKE : AT_A_TIME;
      if (isHandshake && from > 0) continue;
      const cost = candidate.suite === CHACHA ? COST_OF_CHACHA : COST_OF_AES;
      if (!budget.pay(count * cost)) return null;
      for (const number of keys.plausible(record, from, count)) {
        if (!budget.pay(1)) return null;
        if (keys.open(record, number) !== null) return { ...candidate, number };
      }
    }
  }
  return null;
}
