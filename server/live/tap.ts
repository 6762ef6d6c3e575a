import { Dissector } from "../../core/dissect/dissector.ts";
import type { Conversation, Endpoints, Side, Stamp } from "../../core/flow/mod.ts";
import type { Moment } from "./proxy_messages.ts";

/** The dissection of what passes through a proxy. */
export class Tap {
  readonly #dissector: Dissector;
  readonly #failed: (detail: string) => void;
  readonly #open = new Map<number, { conversation: Conversation; isBroken: boolean }>();
  #packets = 0;

  constructor(dissector: Dissector, failed: (detail: string) => void) {
    this.#dissector = dissector;
    this.#failed = failed;
  }

  /** A connection begins; who connected is the client, whatever the bytes say. */
  open(endpoints: Endpoints): void {
    const conversation = { ...endpoints, handshake: true, swapSides() {} };
    this.#open.set(endpoints.number, { conversation, isBroken: false });
  }

  /** Bytes that passed. */
  data(n: number, side: Side, bytes: Uint8Array, moment: Moment): void {
    this.#safely(n, (conversation) => {
      const stamp = this.#stamp(moment);
      this.#dissector.data(conversation, side, bytes, 0, bytes.length, stamp);
    });
  }

  /** Bytes that passed unseen. */
  skipped(n: number, side: Side, length: number, moment: Moment): void {
    this.#safely(n, (conversation) => {
      this.#dissector.gap(conversation, side, length, this.#stamp(moment));
    });
  }

  /** One side has said everything. */
  finish(n: number, side: Side, moment: Moment): void {
    this.#safely(n, (conversation) => {
      this.#dissector.finish(conversation, side, this.#stamp(moment));
    });
  }

  /** The connection ended. */
  close(n: number): void {
    const found = this.#open.get(n);
    if (found === undefined) return;
    this.#safely(n, (conversation) => this.#dissector.close(conversation));
    this.#dissector.release(found.conversation);
    this.#open.delete(n);
  }

  /** The proxy ended, and all connections with it. */
  closeAll(): void {
    for (const n of [...this.#open.keys()]) this.close(n);
  }

  /** A fault of the dissection ends the dissection of this connection, not the connection. */
  #safely(n: number, work: (conversation: Conversation) => void): void {
    const found = this.#open.get(n);
    if (found === undefined || found.isBroken) return;
    try {
      work(found.conversation);
    } catch (error) {
      found.isBroken = true;
      this.#failed(error instanceof Error ? error.message : String(error));
    }
  }

  #stamp({ seconds, nanos }: Moment): Stamp {
    return { packet: ++this.#packets, seconds, nanos };
  }
}
