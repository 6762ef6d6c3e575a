import type { Conversation, Side } from "../core/flow/mod.ts";
import type { Packet } from "../core/capture/packet.ts";
import { PacketFlows } from "../core/tcp/mod.ts";

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
  readonly #flows: PacketFlows;
  #conversation: Conversation | null = null;
  readonly #waiting: { side: Side; bytes: Uint8Array }[] = [];

  /** `out` gets the bytes of a side of conversation `wanted`, valid during the call. */
  constructor(wanted: number, side: Side, out: (bytes: Uint8Array) => void) {
    this.#wanted = wanted;
    this.#side = side;
    this.#out = out;
    this.#flows = new PacketFlows({
      data: (conversation, side, bytes, start, end) => {
        if (conversation.number !== this.#wanted) return;
        this.#conversation = conversation;
        if (!conversation.handshake) {
          this.#waiting.push({ side, bytes: bytes.slice(start, end) });
        } else if (side === this.#side) this.#out(bytes.subarray(start, end));
      },
    }, { holes: "end" });
  }

  /** Takes the next packet. */
  push(packet: Packet): void {
    this.#flows.push(packet);
  }

  /** Says that no packet follows, and which endpoint proved to be the client. */
  end(client: string | null): void {
    this.#flows.end();
    const swapped = client !== null && this.#conversation?.serverEndpoint === client &&
      this.#conversation.clientEndpoint !== client;
    for (const { side, bytes } of this.#waiting) {
      if ((side === this.#side) !== swapped) this.#out(bytes);
    }
  }
}
