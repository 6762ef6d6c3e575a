import { sequenceAdd, sequenceDistance, type Side, type Stamp } from "../flow/mod.ts";

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
  // Of the last bytes of each flow, where they end and what their sender had of the other one;
  // null before the first. As 32 bits with a sign they take no memory of their own.
  #clientEnd: number | null = null;
  #clientHad: number | null = null;
  #serverEnd: number | null = null;
  #serverHad: number | null = null;
  #speaker: Side | null = null;

  /** Whether `length` bytes of a side, which come now, begin a turn of it. */
  begins(side: Side, stamp: Stamp, length: number): boolean {
    const { sequence, acknowledged } = stamp;
    if (sequence === undefined || acknowledged === undefined || stamp.message) {
      const isAnew = stamp.message === true || this.#speaker !== side;
      this.#speaker = side;
      return isAnew;
    }
    const isClient = side === "client";
    const end = isClient ? this.#clientEnd : this.#serverEnd;
    const had = isClient ? this.#clientHad : this.#serverHad;
    const otherEnd = isClient ? this.#serverEnd : this.#clientEnd;
    const otherHad = isClient ? this.#serverHad : this.#clientHad;
    if (isClient) {
      this.#clientEnd = sequenceAdd(sequence, length) | 0;
      this.#clientHad = acknowledged | 0;
    } else {
      this.#serverEnd = sequenceAdd(sequence, length) | 0;
      this.#serverHad = acknowledged | 0;
    }
    const answersAll = otherHad === (sequence | 0) && otherEnd !== null &&
      sequenceDistance(otherEnd, acknowledged) >= 0;
    if (answersAll) return true;
    return end === (sequence | 0) && had !== null &&
      sequenceDistance(had, acknowledged) > 0;
  }
}
