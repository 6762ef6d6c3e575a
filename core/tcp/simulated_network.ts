import type { Side } from "../flow/mod.ts";
import type { Segment, SegmentSink } from "../net/segment.ts";
import { sequenceAdd } from "./sequence.ts";
import { buildSegment, type SegmentHeader } from "./segment_builder.ts";

/** What the network and the capture do to packets; chances are from 0 to 1. */
export interface NetworkOptions {
  /** Equal seeds give equal captures. */
  seed?: number;
  /** Longest payload of a segment, bytes. */
  mss?: number;
  /** Chance that a segment is lost before the capture point, to be sent again. */
  loss?: number;
  /** Chance that a segment is overtaken by later ones. */
  reorder?: number;
  /** Chance that a segment is captured twice. */
  duplicate?: number;
  /** Chance that a byte of a segment is flipped, so that the receiver wants it again. */
  corrupt?: number;
  /** Chance that the capture misses a packet that did arrive. */
  drop?: number;
  /** Sequence numbers of the two SYNs. */
  clientSequence?: number;
  serverSequence?: number;
  clientPort?: number;
  serverPort?: number;
}

/** What one side writes; the next write begins when the other side has it all. */
export type Script = readonly (readonly [Side, Uint8Array])[];

/** Microseconds: between segments, a delay of the network, and before sending again. */
const SPACING = 10, DELAY = 200, TIMEOUT = 20_000;

interface Sent {
  micros: number;
  header: SegmentHeader;
  payload: Uint8Array;
  /** Piece of the write it carries; -1 for none. */
  piece: number;
  captured: boolean;
  arrives: boolean;
}

/**
 * A client and a server that speak TCP over a bad network, as a capture beside the server
 * would show it: handshake, the script, both FIN. Deterministic.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * let packets = 0;
 * simulate([["client", new Uint8Array(3000)]], { mss: 1000 }, () => packets++);
 * assertEquals(packets, 3 + 3 + 3 + 3); // handshake, segments, acknowledgments, end
 * ```
 */
export function simulate(
  script: Script,
  options: NetworkOptions,
  sink: SegmentSink,
): void {
  new Network(options, sink).run(script);
}

class Network {
  readonly #options: Required<NetworkOptions>;
  readonly #sink: SegmentSink;
  #random: number;
  #micros = 0;
  #packets = 0;
  /** Next sequence number of each side. */
  readonly #next: Record<Side, number>;

  constructor(options: NetworkOptions, sink: SegmentSink) {
    const none = { loss: 0, reorder: 0, duplicate: 0, corrupt: 0, drop: 0 };
    const ends = { clientSequence: 1000, serverSequence: 5000, serverPort: 8090 };
    this.#options = {
      seed: 1,
      mss: 1460,
      clientPort: 40000,
      ...none,
      ...ends,
      ...options,
    };
    this.#sink = sink;
    this.#random = this.#options.seed;
    const { clientSequence: client, serverSequence: server } = this.#options;
    this.#next = { client, server };
  }

  run(script: Script): void {
    this.#control("client", "S");
    this.#control("server", "SA");
    this.#control("client", "A");
    for (const [side, bytes] of script) this.#write(side, bytes);
    this.#control("client", "FA");
    this.#control("server", "FA");
    this.#control("client", "A");
  }

  /** One packet without payload, never lost. */
  #control(side: Side, flags: string): void {
    this.#emit(this.#header(side, flags, this.#next[side]), new Uint8Array(0));
    if (flags !== "A") this.#next[side] = sequenceAdd(this.#next[side], 1);
    this.#micros += DELAY;
  }

  #write(side: Side, bytes: Uint8Array): void {
    const other = side === "client" ? "server" : "client";
    const { mss } = this.#options;
    const first = this.#next[side];
    const sent: Sent[] = [];
    for (let at = 0, piece = 0; at < bytes.length; at += mss, piece++) {
      const header = this.#header(side, "PA", sequenceAdd(first, at));
      this.#send(
        this.#micros + piece * SPACING,
        header,
        bytes.subarray(at, at + mss),
        piece,
        sent,
      );
    }
    sent.sort((a, b) => a.micros - b.micros);
    const arrived = new Set<number>();
    let upTo = 0;
    for (const { micros, header, payload, piece, captured, arrives } of sent) {
      this.#micros = Math.max(this.#micros, micros);
      if (captured) this.#emit(header, payload);
      if (!arrives) continue;
      arrived.add(piece);
      while (arrived.has(upTo)) upTo++;
      this.#next[side] = sequenceAdd(first, Math.min(upTo * mss, bytes.length));
      const acknowledgment = this.#header(other, "A", this.#next[other]);
      if (!this.#chance(this.#options.drop)) {
        this.#emit(acknowledgment, new Uint8Array(0));
      }
    }
    this.#micros += DELAY;
  }

  /** Sends a segment until it arrives, and adds each sending to `sent`. */
  #send(
    micros: number,
    header: SegmentHeader,
    payload: Uint8Array,
    piece: number,
    sent: Sent[],
  ): void {
    const { loss, reorder, duplicate, corrupt, drop } = this.#options;
    const add = (at: number, bytes: Uint8Array, captured: boolean, arrives: boolean) =>
      sent.push({ micros: at, header, payload: bytes, piece, captured, arrives });
    if (this.#chance(reorder)) micros += Math.floor(this.#draw() * 30 * SPACING);
    if (this.#chance(loss)) {
      return this.#send(micros + TIMEOUT, header, payload, piece, sent);
    }
    if (this.#chance(corrupt)) {
      const bad = payload.slice();
      const at = Math.floor(this.#draw() * bad.length);
      bad[at] = (bad[at] ?? 0) ^ 0xff;
      add(micros, bad, true, false);
      return this.#send(micros + TIMEOUT, header, payload, piece, sent);
    }
    add(micros, payload, !this.#chance(drop), true);
    if (this.#chance(duplicate)) add(micros + DELAY, payload, true, true);
  }

  #header(side: Side, flags: string, sequence: number): SegmentHeader {
    const { clientPort, serverPort } = this.#options;
    const fromClient = side === "client";
    return {
      source: fromClient ? 0x0a000001 : 0x0a000002,
      destination: fromClient ? 0x0a000002 : 0x0a000001,
      sourcePort: fromClient ? clientPort : serverPort,
      destinationPort: fromClient ? serverPort : clientPort,
      sequence,
      acknowledgment: flags.includes("A")
        ? this.#next[fromClient ? "server" : "client"]
        : 0,
      flags,
    };
  }

  #emit(header: SegmentHeader, payload: Uint8Array): void {
    const segment: Segment = buildSegment(
      header,
      payload,
      ++this.#packets,
      this.#micros++,
    );
    this.#sink(segment);
  }

  #chance(chance: number): boolean {
    return chance > 0 && this.#draw() < chance;
  }

  /** From 0 to below 1: mulberry32. */
  #draw(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#random ^ (this.#random >>> 15), this.#random | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}
