import type { Side, Stamp } from "../../flow/mod.ts";
import type { TlsSession } from "../tls/session.ts";
import type { PacketType } from "./header.ts";
import { OrderedBytes } from "./ordered_bytes.ts";

/** Bytes of a handshake that came out of order kept at most. */
const MAX_HANDSHAKE = 64 * 1024;

/**
 * The handshake's messages, of which each side has a flow in each type of packets. There are
 * none until the first packet opens.
 *
 * Source: RFC 9000 section 19.6.
 */
export class CryptoFlows {
  readonly #session: TlsSession;
  #flows: Map<string, { readonly bytes: OrderedBytes; stamp: Stamp }> | null = null;

  /** Messages are told to a session. */
  constructor(session: TlsSession) {
    this.#session = session;
  }

  /** Takes bytes of a side at an offset. */
  push(
    side: Side,
    type: PacketType,
    offset: number,
    bytes: Uint8Array,
    stamp: Stamp,
  ): void {
    const key = `${side} ${type}`;
    this.#flows ??= new Map();
    let flow = this.#flows.get(key);
    if (flow === undefined) {
      const made = {
        stamp,
        bytes: new OrderedBytes({
          data: (told) => this.#session.handshake(side, told, made.stamp, type),
          gap: () => {},
        }, MAX_HANDSHAKE),
      };
      this.#flows.set(key, flow = made);
    }
    flow.stamp = stamp;
    flow.bytes.push(offset, bytes);
  }

  /** The client says another hello. */
  again(): void {
    this.#flows?.delete("client initial");
    this.#session.keysChanged("client", "initial");
  }
}
