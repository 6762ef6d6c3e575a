import { otherSide, type Side, type Stamp } from "../../flow/mod.ts";
import { Oldest } from "../../oldest.ts";
import { Carried } from "../carried.ts";
import type { Framer, Framing, FramingHost } from "../framing.ts";
import type { SecurityRecord } from "../tls/facts.ts";
import { OrderedBytes } from "./ordered_bytes.ts";

/** Streams open at most; those opened first are closed for others. */
const MAX_OPEN = 4096;
/** Out-of-order bytes of one flow of a stream, and closed streams kept apart, at most. */
const MAX_HELD = 1024 * 1024, MAX_CLOSED = 65_536;
/** Out-of-order bytes of a connection, and of all, at most. */
const MAX_HELD_IN_ONE = 16 * 1024 * 1024, MAX_HELD_IN_ALL = 64 * 1024 * 1024;
/** Packets after which bytes that are missing are given up. */
const PATIENCE = 512;

/** Packets for which an answer waits for the rest of its question, captured out of order. */
const DELAY = 16;

/** Bytes of a stream that wait for those of the other flow. */
interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly fin: boolean;
  readonly stamp: Stamp;
}

/** One flow of a stream. */
interface Half {
  readonly bytes: OrderedBytes;
  /** Bytes it has in all, once that is known. */
  size: number | null;
  finished: boolean;
  /** Count of packets when bytes began to wait for earlier ones; null where none wait. */
  since: number | null;
}

interface Stream {
  readonly id: number;
  readonly framer: Framer;
  readonly halves: Readonly<Record<Side, Half>>;
  stamp: Stamp;
  /** What the server said while the client's flow had not ended. */
  early: Piece[];
}

/**
 * The streams of one QUIC connection. Each is a pair of flows with a framer of its own, so
 * requests are paired by their stream.
 *
 * Source: RFC 9000 sections 2 and 3.
 */
export class QuicStreams {
  readonly #host: FramingHost;
  /** Number of the connection in the capture. */
  readonly #connection: number;
  readonly #open = new Map<number, Stream>();
  /** Ids of closed streams, by their kind all those below, and others. */
  readonly #below: [number, number, number, number] = [0, 1, 2, 3];
  readonly #closed = new Set<number>();
  readonly #oldestClosed = new Oldest(this.#closed);
  #packets = 0;
  /** Out-of-order bytes of all streams. */
  #held = 0;
  /** Streams whose server's bytes wait, and until which packet. */
  #delayed: { readonly stream: Stream; readonly until: number }[] = [];
  /** What streams carry, once one of them told, and what its framers work with. */
  #carried: { framing: Framing; host: FramingHost } | null = null;
  #made: FramingHost | null = null;
  #agreed: SecurityRecord | null = null;
  /** The stream that is told of something. */
  #speaking = 0;

  constructor(host: FramingHost, connection: number) {
    this.#host = host;
    this.#connection = connection;
  }

  /** Takes bytes of a stream. */
  data(
    side: Side,
    id: number,
    offset: number,
    bytes: Uint8Array,
    fin: boolean,
    stamp: Stamp,
  ): void {
    const stream = this.#streamOf(id);
    if (stream === null) return;
    const asked = (id & 1) === 0 ? stream.halves.client : stream.halves.server;
    const isAnswer = (side === "client") !== ((id & 1) === 0);
    if (isAnswer && !asked.finished) {
      stream.early.push({ offset, bytes: bytes.slice(), fin, stamp });
      this.#delayed.push({ stream, until: this.#packets + DELAY });
    } else this.#take(stream, side, { offset, bytes, fin, stamp });
  }

  #take(stream: Stream, side: Side, { offset, bytes, fin, stamp }: Piece): void {
    stream.stamp = stamp;
    const half = stream.halves[side];
    if (fin) half.size ??= offset + bytes.length;
    half.bytes.push(offset, bytes);
    this.#settle(stream, side);
    if (half.bytes.held > 0) this.#bound();
    // A peer answers what it has all of: what is still missing was not captured.
    if (fin && half.finished) this.#complete(stream, otherSide(side));
  }

  /** Gives up missing bytes of the streams opened first while too many wait for them. */
  #bound(): void {
    for (const stream of this.#open.values()) {
      const inAll = this.#host.keys?.waiting ?? 0;
      if (this.#held <= MAX_HELD_IN_ONE && inAll <= MAX_HELD_IN_ALL) return;
      for (const side of ["client", "server"] as const) {
        stream.halves[side].bytes.flush();
        this.#settle(stream, side);
      }
    }
  }

  /** Counts out-of-order bytes. */
  #count(bytes: number): void {
    this.#held += bytes;
    if (this.#host.keys !== null) this.#host.keys.waiting += bytes;
  }

  /** Gives what waited for the other flow. */
  #release(stream: Stream): void {
    const pieces = stream.early;
    stream.early = [];
    const side = (stream.id & 1) === 0 ? "server" : "client";
    for (const piece of pieces) this.#take(stream, side, piece);
  }

  /** A side gave up its flow of a stream. */
  reset(side: Side, id: number, stamp: Stamp): void {
    const stream = this.#streamOf(id);
    if (stream === null) return;
    this.#release(stream);
    stream.stamp = stamp;
    const half = stream.halves[side];
    half.bytes.flush();
    half.size = half.bytes.position;
    this.#settle(stream, side);
  }

  /** Counts a packet; gives up what others have waited for too long. */
  packet(): void {
    this.#packets++;
    while (this.#delayed.length > 0 && this.#delayed[0]!.until <= this.#packets) {
      this.#release(this.#delayed.shift()!.stream);
    }
    if (this.#packets % PATIENCE !== 0) return;
    for (const stream of this.#open.values()) {
      for (const side of ["client", "server"] as const) {
        const half = stream.halves[side];
        if (half.since === null || this.#packets - half.since < PATIENCE) continue;
        half.bytes.flush();
        this.#settle(stream, side);
      }
    }
  }

  /** Takes what the connection agreed on. */
  describe(found: SecurityRecord): void {
    this.#agreed = found;
    this.#made?.security(found);
  }

  /** The connection ended. */
  close(): void {
    for (const stream of this.#open.values()) this.#close(stream);
  }

  #streamOf(id: number): Stream | null {
    const known = this.#open.get(id);
    if (known !== undefined) return known;
    if (id < this.#below[id & 3]! || this.#closed.has(id)) return null;
    if (this.#open.size >= MAX_OPEN) this.#close(this.#open.values().next().value!);
    const framer = this.#framer();
    const stream: Stream = {
      id,
      framer,
      stamp: NO_STAMP,
      early: [],
      halves: {
        client: this.#half(() => stream, "client"),
        server: this.#half(() => stream, "server"),
      },
    };
    // A stream of one direction has only the flow of who opened it.
    if ((id & 2) !== 0) {
      const silent = (id & 1) === 0 ? "server" : "client";
      stream.halves[silent].finished = true;
    }
    this.#open.set(id, stream);
    return stream;
  }

  #half(stream: () => Stream, side: Side): Half {
    const bytes = new OrderedBytes({
      data: (told) => {
        const { id, framer, stamp } = stream();
        this.#speaking = id;
        framer.data(side, told, 0, told.length, stamp);
      },
      gap: (length) => {
        const { id, framer, stamp } = stream();
        this.#speaking = id;
        framer.gap(side, length, stamp);
      },
      held: (bytes) => this.#count(bytes),
    }, MAX_HELD);
    return { bytes, size: null, finished: false, since: null };
  }

  /** A framer for a new stream: one that finds out what is carried until one stream told. */
  #framer(): Framer {
    if (this.#carried !== null) return this.#carried.framing.open(this.#carried.host);
    return new Carried({
      host: this.#host,
      framings: this.#host.framings.filter(({ carrier }) => carrier !== true),
      fromStart: () => true,
      hostOf: (framing) => this.#made ??= this.#hostOf(framing),
      found: (framing) => this.#carried ??= { framing, host: this.#made! },
    });
  }

  /** What the framers of all streams work with: it says where each exchange came. */
  #hostOf(framing: Framing): FramingHost {
    const host = this.#host.carry(framing, true, true);
    if (this.#agreed !== null) host.security(this.#agreed);
    const exchange: FramingHost["exchange"] = (done) =>
      host.exchange({
        ...done,
        connection: this.#connection,
        stream: this.#speaking,
      });
    return Object.create(host, { exchange: { value: exchange } });
  }

  /** Says that a flow ended, once all its bytes were told. */
  #settle(stream: Stream, side: Side): void {
    const half = stream.halves[side];
    half.since = half.bytes.held === 0 ? null : half.since ?? this.#packets;
    if (half.finished || half.size === null || half.bytes.position < half.size) return;
    half.finished = true;
    this.#speaking = stream.id;
    stream.framer.finish(side, stream.stamp);
    this.#release(stream);
    const { client, server } = stream.halves;
    if (client.finished && server.finished) this.#close(stream);
  }

  #complete(stream: Stream, side: Side): void {
    const half = stream.halves[side];
    if (half.finished || half.size === null && half.bytes.held === 0) return;
    half.bytes.flush(half.size);
    this.#settle(stream, side);
  }

  #close(stream: Stream): void {
    const { id, halves, framer } = stream;
    if (!this.#open.has(id)) return;
    this.#release(stream);
    if (!this.#open.delete(id)) return;
    for (const half of [halves.client, halves.server]) {
      if (!half.finished) half.bytes.flush(half.size);
    }
    this.#speaking = id;
    framer.close();
    this.#closed.add(id);
    const kind = id & 3;
    while (this.#closed.delete(this.#below[kind]!)) this.#below[kind]! += 4;
    if (this.#closed.size <= MAX_CLOSED) return;
    this.#closed.delete(this.#oldestClosed.take()!);
  }
}

/** A stream that nothing was told of yet. */
const NO_STAMP: Stamp = { packet: 0, seconds: 0, nanos: 0 };
