import type { Side, Stamp } from "../../flow/mod.ts";
import type { SecretStore } from "../tls/key_log.ts";
import type { PacketType } from "./header.ts";

/** A packet, or the rest of a datagram, that waits for its keys. */
export interface SealedPacket {
  readonly side: Side;
  readonly type: PacketType;
  /** As its header says; null where that is short. */
  readonly version: number | null;
  readonly bytes: Uint8Array;
  readonly stamp: Stamp;
}

interface Kept extends SealedPacket {
  /** Its place among all that came. */
  readonly order: number;
}

/**
 * Packets that wait for their keys, by what these open. Their bytes count among those that
 * all sessions of a store keep waiting.
 */
export class SealedPackets {
  /** Bytes that came, also of packets that were only counted. */
  bytes = 0;
  readonly #store: SecretStore | null;
  #kinds: Map<string, Kept[]> | null = null;
  #count = 0;

  constructor(store: SecretStore | null) {
    this.#store = store;
  }

  /** Whether packets wait. */
  get any(): boolean {
    return this.#kinds !== null && this.#kinds.size > 0;
  }

  /** Keeps a copy of a packet. */
  add(packet: SealedPacket): void {
    const kept = { ...packet, bytes: packet.bytes.slice(), order: this.#count++ };
    const kind = `${packet.side} ${packet.type} ${packet.version}`;
    this.#kinds ??= new Map();
    const others = this.#kinds.get(kind);
    if (others === undefined) this.#kinds.set(kind, [kept]);
    else others.push(kept);
    this.count(kept.bytes.length);
    if (this.#store !== null) this.#store.waiting += kept.bytes.length;
  }

  /** Counts bytes of packets that are not kept. */
  count(bytes: number): void {
    this.bytes += bytes;
  }

  /** Gives the packets of all kinds that are ready by one of them, in the order they came. */
  take(isReady: (packet: SealedPacket) => boolean): SealedPacket[] {
    const taken: Kept[] = [];
    if (this.#kinds === null) return taken;
    for (const [kind, kept] of [...this.#kinds]) {
      if (!isReady(kept[0]!)) continue;
      this.#kinds.delete(kind);
      for (const packet of kept) {
        taken.push(packet);
        this.bytes -= packet.bytes.length;
        if (this.#store !== null) this.#store.waiting -= packet.bytes.length;
      }
    }
    return taken.sort((a, b) => a.order - b.order);
  }
}
