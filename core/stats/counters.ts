import { isError } from "../dissect/outcome.ts";
import type { Transaction } from "../dissect/transaction.ts";
import type { Traffic } from "./traffic.ts";
import { Sketch } from "./sketch.ts";

/** Messages that went one way. */
export class MessageCounts {
  /** Requests that succeeded, with or without messages. */
  batches = 0;
  empty = 0;
  messages = 0;
  /** Bytes of the messages on the wire, their headers and indexes included. */
  bytes = 0;
  /** Messages of those batches that had any. */
  readonly sizes = new Sketch();

  add(messages: number, bytes: number): void {
    this.batches++;
    this.messages += messages;
    this.bytes += bytes;
    if (messages === 0) this.empty++;
    else this.sizes.add(messages);
  }

  /** Takes over the counts of another. */
  merge(other: MessageCounts): void {
    this.batches += other.batches;
    this.empty += other.empty;
    this.messages += other.messages;
    this.bytes += other.bytes;
    this.sizes.merge(other.sizes);
  }
}

/** Where time went. */
export interface TimeParts {
  readonly server: Sketch;
  readonly network: Sketch;
  readonly think: Sketch;
}

function timeParts(): TimeParts {
  return { server: new Sketch(), network: new Sketch(), think: new Sketch() };
}

/** What is counted of a group of transactions. */
export class Counters {
  count = 0;
  /** Requests whose response was due and did not come. */
  unanswered = 0;
  /** PDUs that ask for no response. */
  oneWay = 0;
  /** Responses whose request was not captured. */
  unasked = 0;
  errors = 0;
  /** Errors by name of the status, or its number where it has none. */
  readonly statuses = new Map<string, number>();
  requestBytes = 0;
  responseBytes = 0;
  /** Response times in µs. */
  readonly times = new Sketch();
  /** Parts of them, and the time before a request, in µs; null where none was timed. */
  parts: TimeParts | null = null;
  produced: MessageCounts | null = null;
  consumed: MessageCounts | null = null;

  /** Counts one transaction, its response time only where `timed`. */
  add(transaction: Transaction, timed = true): void {
    const { request, response, outcome } = transaction;
    if (timed) this.#time(transaction);
    this.count++;
    if (request === null) this.unasked++;
    else this.requestBytes += request.length;
    if (outcome === "unanswered") this.unanswered++;
    if (outcome === "one_way") this.oneWay++;
    if (response === null) return;
    this.responseBytes += response.length;
    if (isError(outcome)) this.#error(transaction.failure ?? "unknown");
  }

  #time({ responseTimeUs, timeSplit, thinkUs }: Transaction): void {
    if (responseTimeUs !== null) this.times.add(responseTimeUs);
    const { serverUs, networkUs } = timeSplit;
    if (serverUs === null && thinkUs === null) return;
    this.parts ??= timeParts();
    if (serverUs !== null) this.parts.server.add(serverUs);
    if (networkUs !== null) this.parts.network.add(networkUs);
    if (thinkUs !== null) this.parts.think.add(thinkUs);
  }

  #error(name: string): void {
    this.errors++;
    this.statuses.set(name, (this.statuses.get(name) ?? 0) + 1);
  }

  /** Counts the messages of a transaction, once their traffic is known. */
  addTraffic({ produced, consumed }: Traffic): void {
    if (produced !== null) {
      (this.produced ??= new MessageCounts()).add(
        produced.messages,
        produced.payloadBytes,
      );
    }
    if (consumed !== null) {
      (this.consumed ??= new MessageCounts()).add(
        consumed.messages,
        consumed.payloadBytes,
      );
    }
  }

  /** Takes over the counts of another group. */
  merge(other: Counters): void {
    this.count += other.count;
    this.unanswered += other.unanswered;
    this.oneWay += other.oneWay;
    this.unasked += other.unasked;
    this.errors += other.errors;
    for (const [name, count] of other.statuses) {
      this.statuses.set(name, (this.statuses.get(name) ?? 0) + count);
    }
    this.requestBytes += other.requestBytes;
    this.responseBytes += other.responseBytes;
    this.times.merge(other.times);
    if (other.parts !== null) {
      this.parts ??= timeParts();
      for (const part of ["server", "network", "think"] as const) {
        this.parts[part].merge(other.parts[part]);
      }
    }
    if (other.produced) (this.produced ??= new MessageCounts()).merge(other.produced);
    if (other.consumed) (this.consumed ??= new MessageCounts()).merge(other.consumed);
  }
}
