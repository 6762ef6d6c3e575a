import type { Packet, PacketSink } from "../capture/packet.ts";
import type { Side } from "../flow/mod.ts";
import { Clock } from "./clock.ts";
import { Endpoint, type TcpState } from "./endpoint.ts";
import type { EndpointOptions } from "./endpoint_options.ts";
import { type Address, buildFrame, type Frame, type SegmentHeader } from "./frame.ts";
import { fragmentationNeeded } from "./icmp.ts";
import { Path, type PathOptions } from "./path.ts";
import { SeededRandom } from "./random.ts";

/** Where packets are captured: beside an end of the path or in its middle. */
export type TapPlace = Side | "middle";

/** How a {@link Network} is made. */
export interface NetworkOptions {
  seed: number;
  path: PathOptions;
  tap: TapPlace;
  /** Time of the capture's beginning: seconds since the epoch. */
  startSeconds: number;
}

/** What an application is told of its end of a connection. */
export interface Application {
  /** Bytes arrived, in order. */
  received(bytes: Uint8Array): void;
  /** The connection is open, or bytes were acknowledged. */
  writable(): void;
  changed(state: TcpState): void;
}

/** A connection's two ends with their addresses. */
export interface Connection {
  readonly endpoints: Readonly<Record<Side, Endpoint>>;
  readonly addresses: Readonly<Record<Side, Address>>;
}

/** Ethernet, and what a packet of IPv4 and TCP without options has before its payload. */
const LINKTYPE = 1, ETHERNET = 14, HEADERS = 40;

/**
 * Connections over one network path, and the packets that a tap on it sees, numbered from 1,
 * in order of time. Each connection has a path of its own with the same options.
 */
export class Network {
  readonly clock = new Clock();
  readonly #random: SeededRandom;
  readonly #options: NetworkOptions;
  readonly #sink: PacketSink;
  #packets = 0;
  #id = 0;

  constructor(options: NetworkOptions, sink: PacketSink) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#sink = sink;
  }

  /** Adds a connection, still closed at both ends. */
  add(
    addresses: Readonly<Record<Side, Address>>,
    options: Readonly<Record<Side, EndpointOptions>>,
    applications: Readonly<Record<Side, Application>>,
  ): Connection {
    const { path: pathOptions, tap } = this.#options;
    const capture = (place: TapPlace) => (frame: Frame) => {
      if (place === tap) this.#capture(frame.bytes);
    };
    const path = (to: Side): Path =>
      new Path(this.clock, this.#random, pathOptions, capture("middle"), (frame) => {
        capture(to)(frame);
        connection.endpoints[to].receive(frame);
      });
    const paths = { client: path("server"), server: path("client") };
    const endpoint = (side: Side, other: Side): Endpoint =>
      new Endpoint(
        {
          ...applications[side],
          transmit: (header: SegmentHeader, length, fill) => {
            const [from, to] = [addresses[side], addresses[other]];
            this.#id = this.#id + 1 & 0xffff;
            const frame = buildFrame(from, to, header, length, fill, this.#id);
            capture(side)(frame);
            if (!this.#tooLong(frame, connection, side, options[side])) {
              paths[side].push(frame);
            }
          },
        },
        this.clock,
        options[side],
      );
    const connection: Connection = {
      addresses,
      endpoints: {
        client: endpoint("client", "server"),
        server: endpoint("server", "client"),
      },
    };
    return connection;
  }

  /** Whether the path refuses the packet; its sender is told, and sends smaller ones. */
  #tooLong(
    frame: Frame,
    { addresses, endpoints }: Connection,
    side: Side,
    { offload }: EndpointOptions,
  ): boolean {
    const { path: { mtu, delay }, tap } = this.#options;
    const isV4 = addresses[side].address.length === 4;
    if (mtu === null || offload !== null || !isV4) return false;
    if (frame.bytes.length - ETHERNET <= mtu) return false;
    this.clock.after(delay, () => {
      const packet = fragmentationNeeded(frame.bytes, addresses[side], mtu);
      if (tap === side) this.#capture(packet);
      const options = frame.start - ETHERNET - HEADERS;
      endpoints[side].sender.refused(mtu - HEADERS - options);
    });
    return true;
  }

  #capture(bytes: Uint8Array): void {
    const { now } = this.clock;
    const packet: Packet = {
      number: ++this.#packets,
      seconds: this.#options.startSeconds + Math.floor(now / 1e9),
      nanos: now % 1e9,
      linktype: LINKTYPE,
      bytes,
      start: 0,
      end: bytes.length,
      originalLength: bytes.length,
    };
    this.#sink(packet);
  }
}
