import { isError } from "../dissect/outcome.ts";
import type { Counted } from "./counted.ts";
import { Sketch } from "./sketch.ts";

/** What counts together all for which there was no room. */
export const OTHERS = "(others)";
/** Statuses kept apart at most: a hostile capture has four billion. */
const MAX_STATUSES = 1000;

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

/** Where time went. What was lost is a part of the network's time too. */
export type TimeParts = Readonly<Record<TimePart, Sketch>>;

const TIME_PARTS = ["server", "network", "think", "lost", "zeroWindow"] as const;
/** What response times are made of, and the client's time before a request. */
export type TimePart = typeof TIME_PARTS[number];

function timeParts(): TimeParts {
  return {
    server: new Sketch(),
    network: new Sketch(),
    think: new Sketch(),
    lost: new Sketch(),
    zeroWindow: new Sketch(),
  };
}

/** How long the parts of response times took together, in µs, where the server's is known. */
export class SpentTimes {
  count = 0;
  server = 0;
  /** What was lost included. */
  network = 0;
  lost = 0;
  zeroWindow = 0;

  add({ serverTime, networkTime, lostTime, zeroWindowTime }: Counted): void {
    this.count++;
    this.server += serverTime ?? 0;
    this.network += networkTime ?? 0;
    this.lost += lostTime ?? 0;
    this.zeroWindow += zeroWindowTime ?? 0;
  }

  /** Takes over the times of another. */
  merge(other: SpentTimes): void {
    this.count += other.count;
    this.server += other.server;
    this.network += other.network;
    this.lost += other.lost;
    this.zeroWindow += other.zeroWindow;
  }
}

/** How often a request failed in one way. */
export interface FailureCount {
  /** Null where a session was ended without one. */
  readonly status: number | null;
  /** Name of the status, or why a session was ended; null where it has no name. */
  readonly name: string | null;
  count: number;
}

/** What is counted of transactions at one time. */
export class Series {
  count = 0;
  /** Requests whose response was due and did not come. */
  unanswered = 0;
  /** PDUs that ask for no response. */
  oneWay = 0;
  /** Responses whose request was not captured. */
  withoutRequest = 0;
  errors = 0;
  /** Errors by name of the status, or its number where it has none. */
  readonly statuses = new Map<string, FailureCount>();
  requestBytes = 0;
  responseBytes = 0;
  /** Response times in µs. */
  readonly times = new Sketch();
  /** Where they went; null where no server time is known. */
  spent: SpentTimes | null = null;

  /** Counts one transaction; what needs sketches, such as its times, where `whole`. */
  add(counted: Counted, whole = true): void {
    const { outcome, requestBytes, responseBytes } = counted;
    this.count++;
    if (requestBytes === null) this.withoutRequest++;
    else this.requestBytes += requestBytes;
    if (responseBytes !== null) this.responseBytes += responseBytes;
    if (outcome === "unanswered") this.unanswered++;
    else if (outcome === "one_way") this.oneWay++;
    else if (isError(outcome)) this.#fail(counted.status, counted.failure, 1);
    if (!whole) return;
    if (counted.responseTime !== null) this.times.add(counted.responseTime);
    if (counted.serverTime !== null) (this.spent ??= new SpentTimes()).add(counted);
  }

  #fail(status: number | null, name: string | null, count: number): void {
    this.errors += count;
    const key = name ?? `${status}`;
    const known = this.statuses.get(key);
    if (known !== undefined) known.count += count;
    else if (this.statuses.size < MAX_STATUSES || key === OTHERS) {
      this.statuses.set(key, { status, name, count });
    } else {
      this.errors -= count;
      this.#fail(null, OTHERS, count);
    }
  }

  /** Takes over the counts of another time. */
  merge(other: Series): void {
    this.count += other.count;
    this.unanswered += other.unanswered;
    this.oneWay += other.oneWay;
    this.withoutRequest += other.withoutRequest;
    for (const { status, name, count } of other.statuses.values()) {
      this.#fail(status, name, count);
    }
    this.requestBytes += other.requestBytes;
    this.responseBytes += other.responseBytes;
    this.times.merge(other.times);
    if (other.spent !== null) (this.spent ??= new SpentTimes()).merge(other.spent);
  }
}

/** What is counted of a group of transactions: where their time went, and messages, too. */
export class Counters extends Series {
  /** Parts of the response times, and the time before a request, in µs; null where unknown. */
  parts: TimeParts | null = null;
  produced: MessageCounts | null = null;
  consumed: MessageCounts | null = null;

  override add(counted: Counted, whole = true): void {
    super.add(counted, whole);
    if (!whole) return;
    this.#split(counted);
    if (counted.producedMessages !== null) {
      (this.produced ??= new MessageCounts())
        .add(counted.producedMessages, counted.producedBytes ?? 0);
    }
    if (counted.consumedMessages !== null) {
      (this.consumed ??= new MessageCounts())
        .add(counted.consumedMessages, counted.consumedBytes ?? 0);
    }
  }

  #split(counted: Counted): void {
    const { serverTime, networkTime, thinkTime, lostTime, zeroWindowTime } = counted;
    if (serverTime === null && thinkTime === null && lostTime === null) return;
    this.parts ??= timeParts();
    if (serverTime !== null) this.parts.server.add(serverTime);
    if (networkTime !== null) this.parts.network.add(networkTime);
    if (thinkTime !== null) this.parts.think.add(thinkTime);
    if (lostTime !== null) this.parts.lost.add(lostTime);
    if (zeroWindowTime !== null) this.parts.zeroWindow.add(zeroWindowTime);
  }

  /** Takes over the counts of another group. */
  override merge(other: Counters): void {
    super.merge(other);
    if (other.parts !== null) {
      this.parts ??= timeParts();
      for (const part of TIME_PARTS) {
        this.parts[part].merge(other.parts[part]);
      }
    }
    if (other.produced) (this.produced ??= new MessageCounts()).merge(other.produced);
    if (other.consumed) (this.consumed ??= new MessageCounts()).merge(other.consumed);
  }
}
