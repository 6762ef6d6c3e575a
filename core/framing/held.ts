import { otherSide, type Side, type Stamp } from "../flow/mod.ts";
import type { Framer, OpeningSegment } from "./framing.ts";

/** What happened on a conversation before its framing was known. */
type HeldEvent =
  | { kind: "data"; side: Side; bytes: Uint8Array; stamp: Stamp }
  | { kind: "gap"; side: Side; length: number; stamp: Stamp | null }
  | { kind: "finish"; side: Side; stamp: Stamp };

/** The flows of a conversation as far as they are held back, to be told again. */
export class HeldFlows {
  #events: HeldEvent[] = [];
  /** Bytes held. */
  size = 0;
  /** Bytes of a flow were lost. */
  hasGap = false;

  /** Keeps a copy of bytes. */
  data(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    this.#events.push({ kind: "data", side, bytes: bytes.slice(start, end), stamp });
    this.size += end - start;
  }

  gap(side: Side, length: number, stamp: Stamp | null): void {
    this.#events.push({ kind: "gap", side, length, stamp });
    this.hasGap = true;
  }

  finish(side: Side, stamp: Stamp): void {
    this.#events.push({ kind: "finish", side, stamp });
  }

  /** The packet of the first bytes; null where there are none. */
  get firstPacket(): number | null {
    return this.#events.find(({ kind }) => kind === "data")?.stamp?.packet ?? null;
  }

  /** The bytes of one side up to its first gap, or at least `enough` of them. */
  joined(side: Side, enough: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (const event of this.#events) {
      if (event.side !== side) continue;
      if (event.kind === "gap" && length > 0) break;
      if (event.kind !== "data") continue;
      parts.push(event.bytes);
      length += event.bytes.length;
      if (length >= enough) break;
    }
    if (parts.length === 1) return parts[0]!;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  /** What each packet brought, with its length on the wire. */
  segments(): OpeningSegment[] {
    const found: { side: Side; bytes: Uint8Array; length: number; packet: number }[] = [];
    for (const event of this.#events) {
      if (event.kind === "data") {
        const { side, bytes, stamp: { packet } } = event;
        found.push({ side, bytes, length: bytes.length, packet });
      } else if (event.kind === "gap") {
        const last = found.findLast(({ side }) => side === event.side);
        if (last?.packet === event.stamp?.packet && last) last.length += event.length;
      }
    }
    return found;
  }

  /** Tells everything again, with the sides changed where they were guessed wrong. */
  tell(framer: Framer, swapped: boolean): void {
    const events = this.#events;
    this.clear();
    for (const event of events) {
      const side = swapped ? otherSide(event.side) : event.side;
      if (event.kind === "data") {
        framer.data(side, event.bytes, 0, event.bytes.length, event.stamp);
      } else if (event.kind === "gap") framer.gap(side, event.length, event.stamp);
      else framer.finish(side, event.stamp);
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#events = [];
    this.size = 0;
  }
}
