import type { Side } from "../core/flow/mod.ts";
import type { Packet } from "../core/capture/packet.ts";
import { NetDecoder } from "../core/net/mod.ts";
import { type Conversation, TcpTracker } from "../core/tcp/mod.ts";

/**
 * The bytes of one flow in order, beside a pipeline that reads the same packets: it gives
 * nothing up before the end, so that late copies of bytes still find their place, and leaves
 * holes out. Where no handshake says who the client is, bytes wait for the end, when the
 * framing has told.
 */
export class RawFlow {
  readonly #wanted: number;
  readonly #side: Side;
  readonly #out: (bytes: Uint8Array) => void;
  readonly #net: NetDecoder;
  readonly #tracker: TcpTracker;
  #conversation: Conversation | null = null;
  readonly #waiting: { side: Side; bytes: Uint8Array }[] = [];

  /** `out` gets the bytes of a side of conversation `wanted`, valid during the call. */
  constructor(wanted: number, side: Side, out: (bytes: Uint8Array) => void) {
    this.#wanted = wanted;
    this.#side = side;
    this.#out = out;
    this.#net = new NetDecoder((segment) => this.#tracker.push(segment), () => {}, {
      headers: (segment) => this.#tracker.pushHeader(segment),
    });
    this.#tracker = new TcpTracker({
      data: ({ conversation, side }, bytes, start, end) => {
        if (conversation.number !== this.#wanted) return;
        this.#conversation = conversation;
        if (!conversation.handshake) {
          this.#waiting.push({ side, bytes: bytes.slice(start, end) });
        } else if (side === this.#side) this.#out(bytes.subarray(start, end));
      },
    }, {
      addressText: (address) => this.#net.addresses.text(address),
      holes: "end",
    });
  }

  /** Takes the next packet. */
  push(packet: Packet): void {
    this.#net.decode(packet);
  }

  /** Says that no packet follows, and which endpoint proved to be the client. */
  end(client: string | null): void {
    this.#tracker.end();
    const swapped = client !== null && this.#conversation?.serverEndpoint === client &&
      this.#conversation.clientEndpoint !== client;
    for (const { side, bytes } of this.#waiting) {
      if ((side === this.#side) !== swapped) this.#out(bytes);
    }
  }
}
