import type { Packet } from "../../core/capture/packet.ts";
import { ConversationState } from "../../core/dissect/conversation_state.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import { Transaction } from "../../core/dissect/transaction.ts";
import type { Conversation, Side, Stamp } from "../../core/flow/mod.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import { NetDecoder } from "../../core/net/mod.ts";
import type { Segment } from "../../core/net/segment.ts";
import { type Address, CapturedFlow } from "../../core/synth/mod.ts";
import { ReleaseSet } from "../../core/schema/mod.ts";

import type { Said } from "./session.ts";
import type { Speech } from "../../plugins/framings/speech.ts";

/** Bytes of a value shown; `dissect` shows as many unless told otherwise. */
const MAX_BYTES = 64;
const NEVER: Stamp = { packet: 0, seconds: 0, nanos: 0 };

/**
 * The truth about a synthesised capture: a record for each exchange as `dissect -T ndjson`
 * prints it, made of what was sent and of the packets' headers. A PDU of which bytes were not
 * captured has `packet` and `time` null.
 */
export class Truth {
  readonly #registry: Registry;
  readonly #write: (line: string) => void;
  readonly #conversations = new Map<string, TrueConversation>();
  readonly #net: NetDecoder;
  #stamp: Stamp = NEVER;
  #seen = 0;
  #records = 0;

  /** `write` takes lines of JSON. */
  constructor(registry: Registry, write: (line: string) => void) {
    this.#registry = registry;
    this.#write = write;
    this.#net = new NetDecoder((segment) => this.#cover(segment), () => {});
  }

  /** Tells of a connection before its first packet. */
  conversation(
    speech: Speech,
    release: number,
    addresses: Readonly<Record<Side, Address>>,
    initial: Readonly<Record<Side, number>>,
  ): TrueConversation {
    const conversation = new TrueConversation(addresses, initial, (said, stamps) => {
      this.#record(conversation, speech, release, said, stamps);
    });
    this.#conversations.set(keyOf(conversation), conversation);
    return conversation;
  }

  /** Takes a packet of the capture, numbered as there. */
  packet(packet: Packet): void {
    const { number, seconds, nanos } = packet;
    this.#stamp = { packet: number, seconds, nanos };
    this.#net.decode(packet);
  }

  /** No packet follows. */
  end(): void {
    for (const { flows } of this.#conversations.values()) {
      flows.client.end();
      flows.server.end();
    }
  }

  #cover(segment: Segment): void {
    const { addresses } = this.#net;
    const end = (address: number, port: number) => {
      const text = addresses.text(address);
      return text.includes(":") ? `[${text}]:${port}` : `${text}:${port}`;
    };
    const from = end(segment.source, segment.sourcePort);
    const to = end(segment.destination, segment.destinationPort);
    const sent = this.#conversations.get(`${from} ${to}`);
    const conversation = sent ?? this.#conversations.get(`${to} ${from}`);
    if (conversation === undefined) return;
    if (conversation.number < 0) conversation.number = this.#seen++;
    const captured = Math.min(segment.end - segment.start, segment.length);
    if (captured <= 0) return;
    conversation.cover(
      sent ? "client" : "server",
      segment.sequence,
      captured,
      this.#stamp,
    );
  }

  #record(
    conversation: TrueConversation,
    speech: Speech,
    release: number,
    said: Said,
    stamps: Readonly<Record<Side, Stamp | null>>,
  ): void {
    const state = new ConversationState(this.#registry, conversation);
    const releases = new ReleaseSet([release]);
    const framing = this.#registry.framings.find(({ name }) => name === speech.framing);
    if (framing !== undefined) state.adopt(framing, releases);
    const { command, name, status } = said;
    const asked = stamps.client ?? NEVER, answered = stamps.server ?? NEVER;
    // A frame that is no response stands where requests do, whoever sent it.
    const request = said.request !== null
      ? speech.requestPdu(asked, said.request)
      : command === null && said.response !== null
      ? speech.requestPdu(answered, said.response)
      : null;
    const response = command !== null && said.response !== null
      ? speech.responsePdu(answered, said.response, command, status)
      : null;
    if (command === null && request !== null) {
      request.sender = said.request === null ? "server" : "client";
    } else if (command !== null) {
      request?.interpret(command.request, releases);
      response?.interpret(command.response, releases);
    }
    const code = command?.code ?? null;
    const exchange = { command, name, code, request, response, issues: [] };
    const record = new Transaction(this.#records++, state, exchange, [])
      .toRecord({ maxBytes: MAX_BYTES, showSecrets: false });
    const seen = (pdu: Pdu | null) =>
      pdu?.stamp.packet === 0 ? { packet: null, time: null } : {};
    const whole = request?.stamp.packet !== 0 && response?.stamp.packet !== 0;
    this.#write(JSON.stringify({
      ...record,
      request: record.request && { ...record.request, ...seen(request) },
      response: record.response && { ...record.response, ...seen(response) },
      response_time_us: whole ? record.response_time_us : null,
    }));
  }
}

/** A conversation as it was, whatever the capture shows of it. */
export class TrueConversation implements Conversation {
  number = -1;
  readonly flows = { client: new CapturedFlow(), server: new CapturedFlow() };
  readonly client = { conversation: this, side: "client", delivered: 0 } as const;
  readonly server = { conversation: this, side: "server", delivered: 0 } as const;
  readonly clientEndpoint: string;
  readonly serverEndpoint: string;
  readonly clientPort: number;
  readonly serverPort: number;
  readonly handshake = true;
  state: unknown = null;
  readonly #initial: Readonly<Record<Side, number>>;
  readonly #done: (said: Said, stamps: Record<Side, Stamp | null>) => void;
  /** Bytes of each flow up to the last PDU, from which sequence numbers are counted. */
  readonly #near = { client: 0, server: 0 };

  constructor(
    addresses: Readonly<Record<Side, Address>>,
    initial: Readonly<Record<Side, number>>,
    done: (said: Said, stamps: Record<Side, Stamp | null>) => void,
  ) {
    this.clientEndpoint = endpointText(addresses.client);
    this.serverEndpoint = endpointText(addresses.server);
    this.clientPort = addresses.client.port;
    this.serverPort = addresses.server.port;
    this.#initial = initial;
    this.#done = done;
  }

  swapSides(): void {}

  /** An exchange begins; gives what to call when its PDUs are written. */
  exchange(said: Said): (side: Side, start: number, end: number) => void {
    const stamps: Record<Side, Stamp | null> = { client: null, server: null };
    let open = (said.request === null ? 0 : 1) + (said.response === null ? 0 : 1);
    return (side, start, end) => {
      this.flows[side].want(start, end, (stamp) => {
        stamps[side] = stamp;
        if (--open === 0) this.#done(said, stamps);
      });
    };
  }

  /** `length` bytes from a sequence number on were captured. */
  cover(side: Side, sequence: number, length: number, stamp: Stamp): void {
    const near = this.#near[side];
    const first = this.#initial[side] + 1 + near >>> 0;
    const start = near + (sequence - first | 0);
    if (start + length > near) this.#near[side] = start + length;
    this.flows[side].cover(start, start + length, stamp);
  }
}

function keyOf({ clientEndpoint, serverEndpoint }: TrueConversation): string {
  return `${clientEndpoint} ${serverEndpoint}`;
}

function endpointText({ address, port }: Address): string {
  if (address.length === 4) return `${address.join(".")}:${port}`;
  const words = Array.from(
    { length: 8 },
    (_, i) => (address[2 * i]! << 8 | address[2 * i + 1]!).toString(16),
  );
  return `[${words.join(":").replace(/(^|:)0(:0)+(:|$)/, "::")}]:${port}`;
}
