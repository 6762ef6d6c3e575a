import type { PacketToWrite } from "../../core/capture/mod.ts";
import { endpointAddress } from "../../core/filter/address.ts";
import type { Endpoints, Side } from "../../core/flow/mod.ts";
import { type Address, buildFrame, FLAGS } from "../../core/synth/frame.ts";
import type { Moment } from "./proxy_messages.ts";

/** Payload of one frame; a chunk of a flow becomes as many as it takes. */
const MAX_PAYLOAD = 32 * 1024;
const WINDOW = 65_535;

/** A connection of the proxy as packets would have it. */
interface Flow {
  readonly client: Address;
  readonly server: Address;
  /** Sequence numbers of what each side sends next. */
  readonly next: Record<Side, number>;
}

/**
 * What passes through a proxy as packets, which a capture holds and a proxy never sees: each
 * piece of a flow is a segment, with the addresses of both ends and right sequence numbers.
 */
export class FlowFrames {
  readonly #flows = new Map<number, Flow>();

  /** A connection begins; its handshake. */
  *open(endpoints: Endpoints, moment: Moment): Generator<PacketToWrite> {
    const { clientEndpoint, clientPort, serverEndpoint, serverPort } = endpoints;
    const [one, other] = [bytesOf(clientEndpoint), bytesOf(serverEndpoint)];
    const isWide = one.length !== other.length;
    const flow: Flow = {
      client: { address: isWide ? mapped(one) : one, port: clientPort },
      server: { address: isWide ? mapped(other) : other, port: serverPort },
      next: { client: 0, server: 0 },
    };
    this.#flows.set(endpoints.number, flow);
    yield frame(flow, "client", FLAGS.SYN, moment);
    flow.next.client = 1;
    yield frame(flow, "server", FLAGS.SYN | FLAGS.ACK, moment);
    flow.next.server = 1;
    yield frame(flow, "client", FLAGS.ACK, moment);
  }

  /** Bytes that passed. */
  *data(
    n: number,
    side: Side,
    bytes: Uint8Array,
    moment: Moment,
  ): Generator<PacketToWrite> {
    const flow = this.#flows.get(n);
    if (flow === undefined) return;
    for (let at = 0; at < bytes.length; at += MAX_PAYLOAD) {
      const part = bytes.subarray(at, at + MAX_PAYLOAD);
      yield frame(flow, side, FLAGS.PSH | FLAGS.ACK, moment, part);
      flow.next[side] = flow.next[side] + part.length >>> 0;
    }
  }

  /** Bytes that passed unseen: a hole, as lost segments leave it. */
  skipped(n: number, side: Side, length: number): void {
    const flow = this.#flows.get(n);
    if (flow !== undefined) flow.next[side] = flow.next[side] + length >>> 0;
  }

  /** One side has said everything. */
  *finish(n: number, side: Side, moment: Moment): Generator<PacketToWrite> {
    const flow = this.#flows.get(n);
    if (flow === undefined) return;
    yield frame(flow, side, FLAGS.FIN | FLAGS.ACK, moment);
    flow.next[side] = flow.next[side] + 1 >>> 0;
  }

  /** The connection ended. */
  close(n: number): void {
    this.#flows.delete(n);
  }
}

function frame(
  { client, server, next }: Flow,
  side: Side,
  flags: number,
  { seconds, nanos }: Moment,
  payload: Uint8Array = new Uint8Array(),
): PacketToWrite {
  const [from, to, other] = side === "client"
    ? [client, server, next.server]
    : [server, client, next.client];
  const header = {
    sequence: next[side],
    acknowledgment: flags & FLAGS.ACK ? other : 0,
    flags,
    window: WINDOW,
  };
  const { bytes } = buildFrame(
    from,
    to,
    header,
    payload.length,
    (bytes, at) => bytes.set(payload, at),
  );
  return { seconds, nanos, bytes };
}

/** The address of an endpoint; that of nobody where it is a name. */
function bytesOf(endpoint: string): Uint8Array {
  const address = endpointAddress(endpoint);
  if (address === null) return new Uint8Array(4);
  const digits = address.family === 4 ? 8 : 32;
  return Uint8Array.fromHex(address.value.toString(16).padStart(digits, "0"));
}

/** An IPv4 address as IPv6 has it. Source: RFC 4291 section 2.5.5.2. */
function mapped(address: Uint8Array): Uint8Array {
  if (address.length === 16) return address;
  const bytes = new Uint8Array(16);
  bytes.set([0xff, 0xff], 10);
  bytes.set(address, 12);
  return bytes;
}
