import { Oldest } from "../oldest.ts";

/** References kept at most; the oldest go first. */
const MOST = 1 << 16;

/**
 * Packet numbers by key, for PDUs that refer to one another without being request and response.
 * Its size is bounded.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const index = new PacketIndex(2);
 * for (const packet of [1, 2, 3]) index.set(`op ${packet}`, packet);
 * assertEquals([index.get("op 1"), index.get("op 3")], [null, 3]);
 * ```
 */
export class PacketIndex {
  readonly #packets = new Map<string, number>();
  readonly #oldest = new Oldest(this.#packets);
  readonly #most: number;

  constructor(most = MOST) {
    this.#most = most;
  }

  /** The packet last set for a key, or null. */
  get(key: string): number | null {
    return this.#packets.get(key) ?? null;
  }

  /** Remembers a packet, and forgets the one set longest ago where there are too many. */
  set(key: string, packet: number): void {
    this.#packets.delete(key);
    this.#packets.set(key, packet);
    if (this.#packets.size <= this.#most) return;
    this.#packets.delete(this.#oldest.take()!);
  }
}
