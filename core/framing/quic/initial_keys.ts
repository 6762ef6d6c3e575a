import type { Side } from "../../flow/mod.ts";
import type { LongHeader } from "./header.ts";
import {
  initialProtection,
  type OpenedPacket,
  type PacketProtection,
} from "./protection.ts";

/** Ids that first keys are kept of: the client's own, and one for each time it began again. */
const MAX_IDS = 4;

/** An Initial packet without its protection. */
export interface OpenedInitial {
  readonly opened: OpenedPacket;
  /** The client began again, with keys of another id. */
  readonly again: boolean;
}

/**
 * The keys of a connection's Initial packets. They come from the id that the client's first
 * packet went to, and after a Retry from the one that it chose; versions have keys of their
 * own, of which a server may choose another than the client began with.
 *
 * Source: RFC 9001 section 5.2, RFC 9368 section 4.1.
 */
export class InitialKeys {
  /** The last one first. */
  #ids: { readonly id: Uint8Array; readonly made: Map<string, PacketProtection> }[] = [];

  /** A client's packet was seen that told the keys. */
  get known(): boolean {
    return this.#ids.length > 0;
  }

  /**
   * Opens `bytes[at..header.end)`; null where no keys fit.
   *
   * @param mayBegin The datagram is long enough for a client's first one.
   */
  open(
    side: Side,
    header: LongHeader,
    bytes: Uint8Array,
    at: number,
    mayBegin: boolean,
  ): OpenedInitial | null {
    const { version, destination, numberAt, end } = header;
    for (const { id, made } of this.#ids) {
      const key = `${side} ${version}`;
      let protection = made.get(key);
      if (protection === undefined) {
        made.set(key, protection = initialProtection(version, id, side));
      }
      const opened = protection.open(bytes, at, numberAt, end);
      if (opened !== null) return { opened, again: false };
    }
    if (side === "server" || !mayBegin) return null;
    // What does not open changes nothing, so that a damaged packet does no harm.
    const protection = initialProtection(version, destination, side);
    const opened = protection.open(bytes, at, numberAt, end);
    if (opened === null) return null;
    const again = this.known;
    const made = new Map([[`${side} ${version}`, protection]]);
    this.#ids = [{ id: destination, made }, ...this.#ids.slice(0, MAX_IDS - 1)];
    return { opened, again };
  }
}
