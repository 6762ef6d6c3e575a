import type { Side } from "../../flow/mod.ts";
import { isHello, RECORD, type TlsRecord } from "./record_reader.ts";
import { HANDSHAKE, TLS_1_3 } from "./handshake.ts";
import type { Epoch, TlsSession } from "./session.ts";
import type { Opened, TrafficKeys } from "./traffic_keys.ts";

/** What became of a record. */
export type Outcome =
  /** Its content; `epoch` is null where it was not sealed. */
  | (Opened & { kind: "opened"; epoch: Epoch | null; lost: number })
  /** The keys are not known (yet). */
  | { kind: "sealed" }
  /** No key fits: wrong keys, a forged record, or none at all. */
  | { kind: "forged" };

/** Keys with the number of the record expected next, and what they are the keys of. */
interface Current {
  keys: TrafficKeys;
  epoch: Epoch;
  number: number;
}

/** What attempts may cost, in bytes, before the first record opens and between two that do. */
const MAX_COST = 32 * 1024 * 1024;
/** The message that a side begins with. */
const HELLOS = { client: HANDSHAKE.clientHello, server: HANDSHAKE.serverHello } as const;
/** What setting up an attempt costs, in bytes that could be opened meanwhile. */
const COST_OF_ATTEMPT = 2048;

/**
 * Opens the records of one flow. Which keys and which number a record has is found by trying:
 * those that are due first, then the keys that may follow, and after lost bytes the numbers
 * that may have been in them. The tag proves what fits.
 */
export class RecordOpener {
  readonly #side: Side;
  readonly #session: TlsSession;
  #current: Current | null = null;
  /** A ChangeCipherSpec was seen since the keys of TLS 1.2 last changed. */
  #changes = false;
  #budget = MAX_COST;
  /** Keys that may follow, kept while they may. */
  #later: Current[] = [];

  constructor(side: Side, session: TlsSession) {
    this.#side = side;
    this.#session = session;
  }

  /** Keys were found: what hello they follow matters no more. */
  get begun(): boolean {
    return this.#current !== null;
  }

  /** The next record has these keys and this number, as was found by trying. */
  begin(epoch: Epoch, number: number): void {
    const keys = this.#isTls13
      ? this.#session.keys13(this.#side, epoch)
      : this.#session.keys12(this.#side);
    if (keys === null) return;
    this.#current = { keys, epoch, number };
    this.#later = [];
    if (number === 0) this.#session.keysChanged(this.#side);
    else this.#session.lost(this.#side);
  }

  /** Opens the next record, or one that may be it after a loss. */
  open(record: TlsRecord): Outcome {
    const { type, bytes, missing } = record;
    if (this.#isPlain(type)) {
      if (type === RECORD.changeCipherSpec) this.#changes = true;
      // After a loss nothing would prove that this is a record, but a hello tells itself.
      if (missing > 0 && !isHello(bytes, HELLOS[this.#side])) return { kind: "forged" };
      return { kind: "opened", type, content: bytes.subarray(5), epoch: null, lost: 0 };
    }
    const followers = this.#followers(missing > 0);
    if (this.#current === null && followers.length === 0) return { kind: "sealed" };
    if (this.#current !== null) {
      const opened = this.#try(this.#current, record);
      if (opened !== null) {
        if (opened.type === RECORD.changeCipherSpec) this.#changes = true;
        return opened;
      }
    }
    for (const follower of followers) {
      const opened = this.#try(follower, record);
      if (opened === null) continue;
      this.#current = follower;
      this.#later = [];
      this.#changes = false;
      this.#session.keysChanged(this.#side);
      return { ...opened, lost: missing > 0 ? Infinity : 0 };
    }
    return { kind: "forged" };
  }

  /** Records are sealed from the first keys on, in TLS 1.3 without ChangeCipherSpec. */
  #isPlain(type: number): boolean {
    if (this.#isTls13) {
      return type === RECORD.changeCipherSpec ||
        type !== RECORD.applicationData && this.#current === null;
    }
    return this.#current === null && !this.#changes && type !== RECORD.applicationData;
  }

  get #isTls13(): boolean {
    return (this.#session.facts.version ?? TLS_1_3) >= TLS_1_3;
  }

  /** The keys that may follow the current ones, as far as they are known. */
  #followers(isAfterLoss: boolean): Current[] {
    const known = new Map(this.#later.map((later) => [later.epoch, later]));
    const add = (epoch: Epoch, make: () => TrafficKeys | null) => {
      const keys = known.has(epoch) ? null : make();
      if (keys !== null) this.#later.push({ keys, epoch, number: 0 });
    };
    const session = this.#session;
    if (!this.#isTls13) {
      // What was lost may have been a ChangeCipherSpec.
      if (this.#changes || isAfterLoss) {
        add("application", () => session.keys12(this.#side));
      }
    } else if (this.#current?.epoch === "application") {
      add("application", () => this.#current!.keys.next());
    } else {
      const epochs: Epoch[] = ["handshake", "application"];
      if (this.#current?.epoch === "handshake") epochs.shift();
      else if (this.#current === null && session.facts.earlyData !== null) {
        epochs.unshift("early");
      }
      for (const epoch of epochs) add(epoch, () => session.keys13(this.#side, epoch));
    }
    return this.#later;
  }

  #try(
    current: Current,
    { bytes, missing, skipped: most }: TlsRecord,
  ): Outcome & { kind: "opened" } | null {
    for (let skipped = 0; skipped <= most; skipped++) {
      this.#budget -= COST_OF_ATTEMPT + bytes.length;
      if (this.#budget < 0) return null;
      const opened = current.keys.open(bytes, current.number + skipped);
      if (opened === null) continue;
      current.number += skipped + 1;
      this.#budget = MAX_COST;
      const lost = skipped === 0
        ? 0
        : Math.max(0, missing - skipped * current.keys.overhead);
      return { kind: "opened", ...opened, epoch: current.epoch, lost };
    }
    return null;
  }
}
