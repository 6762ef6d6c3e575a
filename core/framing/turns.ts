import { sequenceAdd, sequenceDistance, type Side, type Stamp } from "../flow/mod.ts";

/**
 * The last bytes of a flow: where they end, and what their sender had of the other one. Both are
 * -1 before the first.
 */
interface Last {
  end: number;
  acknowledged: number;
}

/**
 * Tells by sequence and acknowledgment numbers where an end begins to speak anew: it has heard
 * something since it last spoke, or all that the other one said to answer what it had said. Who
 * waits for each answer begins a PDU there, whatever was lost before. So does who begins a
 * carrier's message; where stamps have no numbers the order of events tells.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const turns = new Turns();
 * const said = (sequence: number, acknowledged: number) =>
 *   ({ packet: 1, seconds: 0, nanos: 0, sequence, acknowledged });
 * assertEquals(turns.begins("client", said(100, 500), 20), false); // the first ever seen
 * assertEquals(turns.begins("client", said(120, 500), 20), false); // the same, going on
 * assertEquals(turns.begins("server", said(500, 140), 8), true); // the answer
 * assertEquals(turns.begins("server", said(508, 140), 8), false); // going on
 * assertEquals(turns.begins("client", said(140, 516), 20), true); // the next request
 * ```
 */
export class Turns {
  readonly #client: Last = { end: -1, acknowledged: -1 };
  readonly #server: Last = { end: -1, acknowledged: -1 };

  #speaker: Side | null = null;

  /** Whether `length` bytes of a side, which come now, begin a turn of it. */
  begins(side: Side, stamp: Stamp, length: number): boolean {
    const { sequence, acknowledged } = stamp;
    if (sequence === undefined || acknowledged === undefined || stamp.message) {
      const isAnew = stamp.message === true || this.#speaker !== side;
      this.#speaker = side;
      return isAnew;
    }
    const own = side === "client" ? this.#client : this.#server;
    const other = side === "client" ? this.#server : this.#client;
    const isNext = own.end === sequence;
    const heard = sequenceDistance(own.acknowledged, acknowledged);
    own.end = sequenceAdd(sequence, length);
    own.acknowledged = acknowledged;
    if (other.acknowledged === sequence) {
      if (sequenceDistance(other.end, acknowledged) >= 0) return true;
    }
    return isNext && heard > 0;
  }
}
