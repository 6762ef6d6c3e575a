import { sequenceAdd, sequenceDistance, type Side, type Stamp } from "../flow/mod.ts";

/** The last bytes of a flow: where they end, and what their sender had of the other one. */
interface Last {
  readonly end: number;
  readonly acknowledged: number;
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
  readonly #last: Record<Side, Last | null> = { client: null, server: null };

  #speaker: Side | null = null;

  /** Whether `length` bytes of a side, which come now, begin a turn of it. */
  begins(side: Side, stamp: Stamp, length: number): boolean {
    const { sequence, acknowledged } = stamp;
    if (sequence === undefined || acknowledged === undefined || stamp.message) {
      const isAnew = stamp.message === true || this.#speaker !== side;
      this.#speaker = side;
      return isAnew;
    }
    const own = this.#last[side];
    const other = this.#last[side === "client" ? "server" : "client"];
    this.#last[side] = { end: sequenceAdd(sequence, length), acknowledged };
    if (other !== null && other.acknowledged === sequence) {
      if (sequenceDistance(other.end, acknowledged) >= 0) return true;
    }
    return own !== null && own.end === sequence &&
      sequenceDistance(own.acknowledged, acknowledged) > 0;
  }
}
