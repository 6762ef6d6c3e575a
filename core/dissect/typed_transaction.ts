import type { Pdu } from "../framing/pdu.ts";
import type { Issue } from "../issue.ts";
import type { Command, Fields, Kind } from "../schema/mod.ts";
import type { Outcome } from "./outcome.ts";
import type { RecordOptions, Transaction } from "./transaction.ts";
import type { TransactionRecord } from "./record.ts";
import type { TimeSplit } from "./time_split.ts";

/** Bytes shown of a bytes value in records, where nobody says how many. */
const MAX_BYTES = 64;

/**
 * A transaction as programs read it: the name of its command, and the fields of request and
 * response as values. Fields are decoded when first asked for.
 */
export class TypedTransaction<
  Name extends string | null = string | null,
  Request = Fields,
  Response = Fields,
> {
  /** The same with bytes, packets and layouts, as filters, statistics and exporters take it. */
  readonly raw: Transaction;

  constructor(raw: Transaction) {
    this.raw = raw;
  }

  /** Name of the command, or of a framing's own PDU; null where the code is unknown. */
  get command(): Name {
    return this.raw.name as Name;
  }

  /**
   * Fields of the request; null where none was captured, where it has no payload, and where it
   * cannot be read as a whole: `raw` has what could be read.
   */
  get request(): Request | null {
    return this.#fields(this.raw.request, "request") as Request | null;
  }

  /** Fields of the response, as for the request; null too where it is an error. */
  get response(): Response | null {
    return this.#fields(this.raw.response, "response") as Response | null;
  }

  #fields(pdu: Pdu | null, part: "request" | "response"): unknown {
    if (pdu === null || pdu.isEmpty || pdu.decoded === null) return null;
    const { command, name } = this.raw;
    const layout: Kind<unknown> | undefined = command?.[part];
    // What a framing names itself has a layout of its own.
    if (command !== null && command.name === name && pdu.layout !== layout) return null;
    return pdu.decoded.complete ? pdu.decoded.fields : null;
  }

  /** From 0 in the order of completion. */
  get number(): number {
    return this.raw.number;
  }

  /** Number of the conversation, as tshark's `tcp.stream`. */
  get conversation(): number {
    return this.raw.conversation.number;
  }

  /** `address:port` of both ends. */
  get client(): string {
    return this.raw.conversation.client;
  }

  get server(): string {
    return this.raw.conversation.server;
  }

  /** Who logged in last on the conversation. */
  get user(): string | null {
    return this.raw.conversation.user;
  }

  /** How its PDUs are framed, and the releases that may have made it. */
  get framing(): string | null {
    return this.raw.conversation.framing;
  }

  get release(): string | null {
    return this.raw.release;
  }

  get code(): number | null {
    return this.raw.code;
  }

  /** Status of the response, and its name; null where there is none. */
  get status(): number | null {
    return this.raw.response?.status ?? null;
  }

  get statusName(): string | null {
    return this.raw.statusName;
  }

  /** What became of it; null where nothing tells. */
  get outcome(): Outcome | null {
    return this.raw.outcome;
  }

  /** What the response says that is not ok: a status, or why the session was ended. */
  get failure(): string | null {
    return this.raw.failure;
  }

  /** Packets that completed request and response, from 1. */
  get requestPacket(): number | null {
    return this.raw.request?.stamp.packet ?? null;
  }

  get responsePacket(): number | null {
    return this.raw.response?.stamp.packet ?? null;
  }

  /** When the request was complete, or the response where no request was captured, in UTC. */
  get time(): Date {
    const { request, response } = this.raw;
    const stamp = (request ?? response)?.stamp;
    return new Date(stamp === undefined ? NaN : stamp.seconds * 1e3 + stamp.nanos / 1e6);
  }

  /** From the end of the request to the end of the response, in µs. */
  get responseTimeUs(): number | null {
    return this.raw.responseTimeUs;
  }

  /** Where that time went. */
  get timeSplit(): TimeSplit {
    return this.raw.timeSplit;
  }

  /** How long the client did something else before this request, in µs. */
  get thinkUs(): number | null {
    return this.raw.thinkUs;
  }

  /** All findings, of the frames and of their fields. */
  get issues(): readonly Issue[] {
    return this.raw.issues;
  }

  /** The record that `-T ndjson` prints; secrets are redacted unless told otherwise. */
  toRecord(options: Partial<RecordOptions> = {}): TransactionRecord {
    return this.raw.toRecord({ maxBytes: MAX_BYTES, showSecrets: false, ...options });
  }
}

/** The fields that requests of a command have. */
export type RequestOf<C> = C extends Command<infer Request, unknown> ? Request : never;

/** The fields that a successful response to a command has. */
export type ResponseOf<C> = C extends Command<unknown, infer Response> ? Response : never;

/** Transactions of some commands: comparing `command` tells the fields of both sides. */
export type TransactionOf<C extends Command> = C extends
  Command<infer Request, infer Response, infer Name>
  ? TypedTransaction<Name, Request, Response>
  : never;

/**
 * A transaction that is none of the commands that are known by type: a frame that a framing
 * names itself (`vsr.commit`), or an unknown code.
 */
export type OtherTransaction = TypedTransaction<`${string}.${string}` | null>;
