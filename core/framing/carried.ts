import type { Side, Stamp } from "../flow/mod.ts";
import type { Framer, Framing, FramingHost, Opening } from "./framing.ts";
import { HeldFlows } from "./held.ts";

/** Bytes held back at most while it is unknown what is carried. */
const MAX_HELD = 64 * 1024;
/** Bytes held up to which it is looked for at each event. */
const OPENING = 4096;

/** What a {@link Carried} is told. */
export interface CarriedOptions {
  readonly host: FramingHost;
  /** The framings that may be carried. */
  readonly framings: readonly Framing[];
  /** Whether the first bytes are the first ever, as far as is known when they are there. */
  readonly fromStart: () => boolean;
  /** Told what is carried, once a framing knows it. */
  found?(framing: Framing): void;
  /** What an inner framing works with; made by the host's `carry` unless told otherwise. */
  hostOf?(framing: Framing, fromStart: boolean): FramingHost;
}

/**
 * The flows inside a carrier: held back until one of the framings knows them, then given to
 * it. What nobody knows is let go.
 */
export class Carried implements Framer {
  readonly #options: CarriedOptions;
  readonly #held = new HeldFlows();
  #inner: Framer | null = null;
  /** Bytes held when the framing is looked for again. */
  #nextDetection = 0;
  /** Nobody knows it. */
  #ignored = false;

  constructor({ framings, ...options }: CarriedOptions) {
    // What takes datagrams does not lie in flows.
    const ofFlows = framings.filter(({ transport }) => transport !== "udp");
    this.#options = { ...options, framings: ofFlows };
  }

  data(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    if (this.#inner !== null) return this.#inner.data(side, bytes, start, end, stamp);
    if (this.#ignored || start === end) return;
    this.#held.data(side, bytes, start, end, stamp);
    // Every look joins what is held: not at every record.
    const { size } = this.#held;
    if (size < this.#nextDetection) return;
    this.#nextDetection = size > OPENING ? size * 1.25 : 0;
    this.#recognise(size > MAX_HELD);
  }

  gap(side: Side, length: number, stamp: Stamp | null): void {
    if (this.#inner !== null) return this.#inner.gap(side, length, stamp);
    if (!this.#ignored) this.#held.gap(side, length, stamp);
  }

  finish(side: Side, stamp: Stamp): void {
    if (this.#inner !== null) return this.#inner.finish(side, stamp);
    if (!this.#ignored) this.#held.finish(side, stamp);
  }

  close(): void {
    if (this.#held.size > 0) this.#recognise(true);
    this.#inner?.close();
  }

  #recognise(ended: boolean): void {
    const held = this.#held;
    const { host, framings, fromStart } = this.#options;
    const opening: Opening = {
      client: held.joined("client", MAX_HELD),
      server: held.joined("server", MAX_HELD),
      fromStart: fromStart() && !held.hasGap,
      expected: host.expected,
      ended,
    };
    let open = false;
    for (const framing of framings) {
      const verdict = framing.detect(opening, host);
      if (verdict === "yes") return this.#adopt(framing, opening.fromStart);
      open ||= verdict === "more";
    }
    if (open && !ended) return;
    this.#ignored = true;
    this.#inner = host.unrecognised(opening, held.firstPacket);
    if (this.#inner === null) held.clear();
    else held.tell(this.#inner, false);
  }

  #adopt(framing: Framing, fromStart: boolean): void {
    const { host, hostOf, found } = this.#options;
    const inner = hostOf?.(framing, fromStart) ?? host.carry(framing, fromStart);
    this.#inner = framing.open(inner);
    found?.(framing);
    this.#held.tell(this.#inner, false);
  }
}
