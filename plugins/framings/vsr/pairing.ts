import { sameBytes } from "../../../core/bytes/equal.ts";
import type { Side, Stamp } from "../../../core/flow/mod.ts";
import { type Issue, issue } from "../../../core/issue.ts";
import type { Command, ReleaseSet } from "../../../core/schema/mod.ts";
import { hasHeard, isNext, mayAnswer } from "../../../core/framing/order.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import { VSR_HEADER } from "./header_parts.ts";
import { clientOf, isClient } from "./request.ts";
import {
  FIRST_PARTITION_OPERATION,
  NON_REPLICATED,
  REGISTER,
  STALE_CLIENT,
} from "./names.ts";
import { VSR_TEXTS } from "../texts.ts";

/** A request that waits for its answer. */
export interface PendingRequest {
  /** The operation the client sent. */
  readonly operation: number;
  /** Its number in the session. */
  readonly number: bigint;
  readonly command: Command | null;
  readonly code: number | null;
  readonly pdu: Pdu;
  readonly issues: Issue[];
  /** The copy that was sent while this one still waited. */
  again?: PendingRequest;
}

/** How a client numbers the requests of one operation. */
interface Numbers {
  last: bigint;
  /** How often a number was greater than the last; -Infinity once one was not. */
  rises: number;
}

/** Statuses after which a client sends the same bytes again. */
const TRANSIENT = [57, 58];
/** Codes of logins that came before Register; servers evict who sends one. */
export const OLD_LOGINS = [38, 44];

/** Numbers that have to follow smaller ones before a client is known to count. */
const MIN_RISES = 4;
/** Clients of a connection that are remembered; a connection has one or two. */
const MAX_CLIENTS = 16;

/** What {@link VsrPairing} works with. */
export interface PairingHost {
  readonly fromStart: boolean;
  readonly maxOutstanding: number;
  readonly releases: ReleaseSet;
  /** Takes a request that will have no answer. */
  unanswered(request: PendingRequest, reason: string): void;
}

/**
 * Finds the request that a frame of the server answers. Replies carry the operation and number
 * of their request and may overtake each other; requests with the same operation and number
 * are answered in order. Where bytes were lost it rather pairs nothing than wrongly.
 */
export class VsrPairing {
  readonly #host: PairingHost;
  /** Requests that wait, oldest first: mostly one, and never more than the host allows. */
  #waiting: PendingRequest[] = [];
  /** Answers to come for requests that were given up because too many waited. */
  readonly #givenUp = new Map<string, number>();
  /** The last request of each operation, to know it when it is sent again. */
  readonly #last = new Map<number, { request: PendingRequest; transient: boolean }>();
  /** Nothing of the conversation was missed. */
  #certain: boolean;
  /** How the client numbers each operation. */
  readonly #numbers = new Map<number, Numbers>();
  /** The client waits for each answer before it sends on. */
  #lockstep = true;
  /** Ids of the clients that spoke on this connection, in hexadecimal, and that of the last. */
  readonly #clients = new Set<string>();
  #lastClient: Uint8Array | null = null;
  #lastPacket = 0;
  /** The packet with the last bytes of the server's flow. */
  #lastServerPacket = 0;

  constructor(host: PairingHost) {
    this.#host = host;
    this.#certain = host.fromStart;
  }

  /**
   * Bytes of the client, up to those of a packet, were passed over. Where the client heard no
   * reply since, they are of another request than the one that follows them.
   */
  passed(last: Stamp, next: Stamp): void {
    const isHeard = hasHeard(last, next, VSR_HEADER);
    if (last.packet > this.#lastServerPacket && !isHeard) this.#lockstep = false;
  }

  /** Bytes of a flow came. */
  alive(side: Side, { packet }: Stamp): void {
    if (side === "server") this.#lastServerPacket = packet;
  }

  /** Bytes of either flow were lost, at some moment since the last that were read. */
  gap(): void {
    this.#certain = false;
  }

  /** Takes a request; marks it where it is one sent again. */
  add(request: PendingRequest): void {
    this.#markReplay(request);
    this.#countNumber(request);
    this.#noteClient(request);
    const { packet, begun } = request.pdu.stamp;
    // The end of one request with the beginning of the next: nobody waited for an answer.
    const isRun = begun?.packet === this.#lastPacket;
    const together = packet === this.#lastPacket || isRun;
    if (isRun || this.#waiting.length > 0 && (together || this.#certain)) {
      this.#lockstep = false;
    }
    this.#lastPacket = packet;
    this.#waiting.push(request);
    if (this.#waiting.length > this.#host.maxOutstanding) this.#dropOldest();
  }

  /** The request that a reply answers, or why there is none. */
  answer(operation: number, number: bigint, reply: Pdu): PendingRequest | string {
    if (this.#givenUp.size > 0 && this.#wasGivenUp(operation, number)) {
      return VSR_TEXTS.given_up;
    }
    const oldest = this.#oldest(operation, number);
    if (oldest !== null && !isAllowed(oldest, reply)) {
      // It was said before the server had the request: another one was missed.
      this.#certain = false;
      return VSR_TEXTS.untold;
    }
    const first = this.#certain ? oldest : this.#onlyOne(operation, number);
    if (first === null) {
      this.#certain = false;
      return VSR_TEXTS.not_captured;
    }
    const request = this.#latestCopy(first, reply);
    if (!this.#certain && !this.#couldAnswer(request, reply)) {
      return VSR_TEXTS.untold;
    }
    this.#remove(request);
    this.#remember(request, TRANSIENT.includes(reply.status ?? 0));
    return request;
  }

  /**
   * The request that an eviction answers, or null where it came unasked. It names the client,
   * or the server's own number for the connection where it knows of no client.
   */
  evict(reason: number, client: string, pdu: Pdu): PendingRequest | null {
    if (reason === STALE_CLIENT) return null;
    const isKnown = this.#clients.has(client);
    const waiting = this.#waiting.filter((request) =>
      !isKnown || clientOf(request.pdu.bytes).toHex() === client
    );
    const request =
      waiting.find(({ operation, code }) =>
        operation === REGISTER || OLD_LOGINS.includes(code ?? 0)
      ) ?? waiting[0];
    if (request === undefined || !isAllowed(request, pdu)) return null;
    // It carries no number: after a loss only the place tells what it answers.
    const isProven = this.#certain ||
      this.#lockstep && isNext(request.pdu.stamp, pdu.stamp);
    if (!isProven) return null;
    this.#remove(request);
    return request;
  }

  /** Gives out every request that still waits. */
  close(reason: string): void {
    for (const request of this.#waiting) this.#host.unanswered(request, reason);
    this.#waiting = [];
  }

  /**
   * Who sends a request again has given up its first copy: of copies that the server had when
   * it answered, the reply is that of the last.
   */
  #latestCopy(first: PendingRequest, reply: Pdu): PendingRequest {
    let request = first;
    for (let again = request.again; again !== undefined; again = request.again) {
      if (!this.#waiting.includes(again) || !isAllowed(again, reply)) break;
      const { packet } = again.pdu.stamp;
      this.#remove(request);
      this.#host.unanswered(
        request,
        `sent again in packet ${packet} before it was answered`,
      );
      request = again;
    }
    return request;
  }

  /** A reply that the request's layout cannot explain answers something that was lost. */
  #couldAnswer({ command, operation, pdu }: PendingRequest, reply: Pdu): boolean {
    // Inside QUIC there are no places to prove it by; there the number has to do.
    const isProven = reply.stamp.sequence === undefined ||
      this.#lockstep && isNext(pdu.stamp, reply.stamp);
    if (!isProven && !this.#areUnique(operation)) return false;
    if (command === null || reply.status !== 0 || reply.isEmpty) return true;
    const { bytes, start, end, whole } = reply;
    return this.#host.releases.fits(command.response, bytes, start, end, !whole);
  }

  /**
   * Some clients use a number again for reads and for operations of partitions: there a number
   * names one request only where this client has shown that it counts. Elsewhere a number comes
   * again with the same request, as that of Register does until it is granted.
   */
  #areUnique(operation: number): boolean {
    if (operation === REGISTER) return false;
    const rises = this.#numbers.get(operation)?.rises ?? 0;
    const isOwn = operation !== NON_REPLICATED && operation < FIRST_PARTITION_OPERATION;
    return rises >= (isOwn ? 0 : MIN_RISES);
  }

  #noteClient({ pdu: { bytes } }: PendingRequest): void {
    if (this.#lastClient !== null && isClient(bytes, this.#lastClient)) return;
    this.#lastClient = clientOf(bytes);
    if (this.#clients.size < MAX_CLIENTS) this.#clients.add(this.#lastClient.toHex());
  }

  #countNumber({ operation, number }: PendingRequest): void {
    const numbers = this.#numbers.get(operation);
    if (numbers === undefined) this.#numbers.set(operation, { last: number, rises: 0 });
    else {
      // Less than the last, or the same: it comes again, and no later one says otherwise.
      numbers.rises = number > numbers.last ? numbers.rises + 1 : -Infinity;
      numbers.last = number;
    }
  }

  /**
   * Gives up, of several requests that a reply may answer, all but the last; that too where the
   * client does not wait for answers. Gives what is left.
   */
  #onlyOne(operation: number, number: bigint): PendingRequest | null {
    const same = this.#waiting.filter((request) => isOf(request, operation, number));
    const last = same.at(-1) ?? null;
    if (same.length <= 1) return last;
    for (const request of same) {
      if (this.#lockstep && request === last) continue;
      this.#remove(request);
      this.#host.unanswered(request, VSR_TEXTS.missed);
    }
    return this.#lockstep ? last : null;
  }

  /** Whether an answer is to a request that was given up; it is awaited no more then. */
  #wasGivenUp(operation: number, number: bigint): boolean {
    const key = keyOf(operation, number);
    const count = this.#givenUp.get(key) ?? 0;
    if (count > 1) this.#givenUp.set(key, count - 1);
    else this.#givenUp.delete(key);
    return count > 0;
  }

  #dropOldest(): void {
    const oldest = this.#waiting.shift();
    if (oldest === undefined) return;
    const key = keyOf(oldest.operation, oldest.number);
    this.#givenUp.set(key, (this.#givenUp.get(key) ?? 0) + 1);
    const reason = "too many requests were waiting; its response is not tracked";
    this.#host.unanswered(oldest, reason);
  }

  #remove(request: PendingRequest): void {
    const at = this.#waiting.indexOf(request);
    if (at === 0) this.#waiting.shift();
    else if (at > 0) this.#waiting.splice(at, 1);
  }

  /**
   * Reads are not repeated under their number; operations of partitions are only where the
   * first one waits or was put off, since clients use a number for several of them.
   */
  #markReplay(request: PendingRequest): void {
    const { operation, number, pdu } = request;
    if (operation === NON_REPLICATED) return;
    const last = this.#last.get(operation);
    if (operation < FIRST_PARTITION_OPERATION) this.#remember(request, false);
    const earlier = last ?? { request: this.#oldest(operation, number), transient: true };
    if (earlier.request === null || earlier.request.number !== number) return;
    const certain = earlier.transient || operation < FIRST_PARTITION_OPERATION;
    if (!certain || !sameBytes(earlier.request.pdu.bytes, pdu.bytes)) return;
    const { packet } = earlier.request.pdu.stamp;
    if (this.#waiting.includes(earlier.request)) earlier.request.again = request;
    const message = `sent again: the same request as in packet ${packet}`;
    request.issues.push(issue("note", "sequence", message, pdu.stamp.packet));
  }

  #oldest(operation: number, number: bigint): PendingRequest | null {
    for (const request of this.#waiting) {
      if (isOf(request, operation, number)) return request;
    }
    return null;
  }

  #remember(request: PendingRequest, transient: boolean): void {
    const { operation } = request;
    if (operation === NON_REPLICATED) return;
    if (transient || operation < FIRST_PARTITION_OPERATION) {
      this.#last.set(operation, { request, transient });
    } else this.#last.delete(operation);
  }
}

function isAllowed({ pdu }: PendingRequest, reply: Pdu): boolean {
  return mayAnswer(pdu.stamp, pdu.length, reply.stamp);
}

/** Whether a request has that operation and number. */
function isOf(request: PendingRequest, operation: number, number: bigint): boolean {
  return request.operation === operation && request.number === number;
}

function keyOf(operation: number, number: bigint): string {
  return `${operation}/${number}`;
}
