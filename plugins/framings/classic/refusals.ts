import { concat } from "../../../core/bytes/copy.ts";
import type { FramingHost } from "../../../core/framing/framing.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import type { Command } from "../../../core/schema/mod.ts";
import { CLASSIC_TEXTS as TEXTS, filled } from "../texts.ts";
import type { Given } from "./given.ts";
import type { Pending } from "./pending.ts";
import { type ServerFrame, ServerView, stagedLength } from "./server_view.ts";
import {
  STAGED_READS_SINCE,
  STATUS_INVALID_COMMAND,
  STATUS_UNAUTHENTICATED,
} from "./statuses.ts";

/** A staged request that was refused, maybe before all of it was read. */
interface Refusal {
  readonly pending: Pending;
  readonly command: Command;
  readonly beforeLogin: boolean;
}

/** Follows what a server makes of a request that it refused before it had read its body. */
export class Refusals {
  readonly #host: FramingHost;
  readonly #given: Given;
  /** What the server reads where it does not read what the client meant. */
  #view: ServerView | null = null;
  #refused: Pending | null = null;
  /** A refusal that is still to be followed. */
  #open: Refusal | null = null;

  constructor(host: FramingHost, given: Given) {
    this.#host = host;
    this.#given = given;
  }

  /** The server reads something else than the client meant. */
  get isFollowed(): boolean {
    return this.#view !== null;
  }

  /** A refusal is to be followed before anything further is read. */
  get isOpen(): boolean {
    return this.#open !== null;
  }

  /** Gives up following what the server reads. */
  forget(): void {
    this.#view = null;
  }

  /** A new response: the last refusal was followed, or is not to be. */
  settle(): void {
    this.#open = null;
  }

  /** A request was given this answer. */
  answered(pending: Pending, { status }: Pdu): void {
    const { command } = pending;
    if (status === 0 || command?.staged == null) return;
    if (this.#host.releases.newest < STAGED_READS_SINCE) return;
    const beforeLogin = status === STATUS_UNAUTHENTICATED;
    this.#open = { pending, command, beforeLogin };
  }

  /** Bytes of the client are about to be read. */
  feed(bytes: Uint8Array): void {
    this.#view?.feed(bytes);
  }

  /** Whether a response answers something that the client did not mean as a request. */
  misread(pdu: Pdu, queue: Pending[]): boolean {
    const frame = this.#view?.frames.shift();
    if (frame === undefined) return false;
    if (!this.#isOf(pdu, frame)) return false;
    const swallowBelow = (offset: number) => {
      while (queue[0] !== undefined && queue[0].offset < offset) {
        this.#given.swallowed(queue.shift()!);
      }
    };
    swallowBelow(frame.start);
    if (queue[0]?.offset === frame.start) {
      if (queue[0].offset + queue[0].length === frame.end) this.#view = null;
      return false;
    }
    const refused = this.#refused!;
    const { packet } = refused.pdu?.stamp ?? {};
    const message = filled(
      TEXTS.further_answer,
      packet === undefined ? "" : filled(TEXTS.of_packet, packet),
      frame.start - refused.offset,
    );
    this.#given.alone(pdu, "protocol", message, refused);
    swallowBelow(frame.end);
    return true;
  }

  /**
   * Whether a response can be that to a frame. Servers before 0.7 read a request whole before
   * they refuse it: if one could be before 0.7, what it says tells the release.
   */
  #isOf({ status }: Pdu, { code }: ServerFrame): boolean {
    const { commands, releases } = this.#host;
    if (code !== null && commands.byCode(code) !== undefined) return true;
    const isStaged = status === STATUS_INVALID_COMMAND;
    if (!isStaged && releases.oldest >= STAGED_READS_SINCE) return true;
    releases.restrict((release) => release >= STAGED_READS_SINCE === isStaged);
    if (!isStaged) this.forget();
    return isStaged;
  }

  /**
   * Follows what the server makes of the bytes that the open refusal leaves unread. `arriving`
   * are the bytes of the client's frame that is not complete; gives the length at which that
   * frame ends for the server, null where it ends as it says, and -1 where nothing tells as
   * bytes of the request are missing.
   */
  follow(arriving: Uint8Array, queue: readonly Pending[]): number | null {
    if (this.#open === null) return null;
    const { pending, command, beforeLogin } = this.#open;
    const { releases, maxPdu } = this.#host;
    const bytes = bytesFrom(pending, queue, arriving);
    const taken = stagedLength(command, bytes, beforeLogin, releases.newest);
    if (taken === pending.length) return null;
    if (pending.pdu?.whole === false) return -1;
    if (taken === null) return null;
    if (pending.length > maxPdu && pending.pdu === null) return taken;
    const start = pending.offset + taken;
    this.#refused = pending;
    this.#view = new ServerView(start, command, beforeLogin, releases.newest);
    this.#view.feed(bytes.subarray(Math.min(taken, bytes.length)));
    return null;
  }

  /** Where the frame begins that the open refusal answers. */
  get offset(): number {
    return this.#open?.pending.offset ?? 0;
  }
}

/** The client's bytes from a request on, as far as they are here. */
function bytesFrom(
  pending: Pending,
  queue: readonly Pending[],
  arriving: Uint8Array,
): Uint8Array {
  const parts = [pending, ...queue].flatMap(({ pdu }) => pdu === null ? [] : [pdu.bytes]);
  return concat([...parts, arriving]);
}
