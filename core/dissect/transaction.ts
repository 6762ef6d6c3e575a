import type { Moment, Wire } from "../flow/mod.ts";
import type { Exchange, Pdu } from "../framing/pdu.ts";
import { type Issue, issue } from "../issue.ts";
import type { Command, Fields, JsonOptions, JsonValue } from "../schema/mod.ts";
import type { ConversationState } from "./conversation_state.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import type { RequestRecord, ResponseRecord, TransactionRecord } from "./record.ts";
import { formatTime } from "./time.ts";
import {
  begunOf,
  thinkTime,
  type TimeSplit,
  timeSplit,
  type WireTimes,
  wireTimes,
} from "./time_split.ts";

/** How records are made. */
export interface RecordOptions extends JsonOptions {}

/**
 * A request with its response. Either may be null: a request that came before the capture, a
 * response that never did. Fields are decoded when first asked for.
 */
export class Transaction {
  /** From 0 in the order of completion. */
  readonly number: number;
  readonly conversation: ConversationState;
  readonly command: Command | null;
  /** The command's name, or that of a framing's own PDU; null where the code is unknown. */
  readonly name: string | null;
  readonly code: number | null;
  readonly request: Pdu | null;
  readonly response: Pdu | null;
  /** The narrowest range of releases known when the transaction was complete. */
  readonly release: string | null;
  /** Number of the QUIC connection it came on, from 0 in the capture; null without QUIC. */
  readonly connection: number | null;
  /** Number of the carrier's stream it came on, where it has several: QUIC's. */
  readonly stream: number | null;
  #thinkUs: number | null = null;
  #wireTimes: WireTimes | null = null;
  /** What its times are still to be taken from; null once they were. */
  #wire: Wire | null = null;
  #before: Moment | null = null;
  #split: TimeSplit | null = null;
  #statusName: string | null | undefined;
  readonly #ownIssues: readonly Issue[];
  #issues: readonly Issue[] | null = null;

  constructor(
    number: number,
    conversation: ConversationState,
    exchange: Exchange,
    carried: readonly Issue[],
  ) {
    this.number = number;
    this.conversation = conversation;
    this.command = exchange.command;
    this.name = exchange.name ?? exchange.command?.name ?? null;
    this.code = exchange.code;
    this.request = exchange.request;
    this.response = exchange.response;
    this.connection = exchange.connection ?? null;
    this.stream = exchange.stream ?? null;
    this.release = conversation.releases?.text ?? null;
    this.#ownIssues = carried.length > 0
      ? [...carried, ...exchange.issues]
      : exchange.issues;
  }

  /**
   * Whether it is a remark: neither a request nor a response, only issues of its conversation,
   * such as bytes that belong to no PDU or keys that lack. It has a number among the others and
   * is listed with them, but no count of transactions includes it.
   */
  get isRemark(): boolean {
    return this.request === null && this.response === null;
  }

  /** Name of the response's status; null where there is none. */
  get statusName(): string | null {
    return this.#statusName === undefined ? this.#nameOfStatus() : this.#statusName;
  }

  #nameOfStatus(): string | null {
    const status = this.response?.status ?? null;
    if (status === null) return null;
    const { conversation } = this;
    return conversation.statusName(status, conversation.releases?.newest ?? 0);
  }

  /** What became of it; null where nothing tells. */
  get outcome(): Outcome | null {
    return outcomeOf(this);
  }

  /**
   * What the response says that is not ok: the status's name, or its number where it has none,
   * or why the session was ended. Null where it is ok and where there is none.
   */
  get failure(): string | null {
    const { response, outcome } = this;
    if (outcome === "evicted") return response!.evicted;
    return outcome === "error" ? this.statusName ?? `${response!.status}` : null;
  }

  /** From the end of the request to the end of the response, in µs; may be negative. */
  get responseTimeUs(): number | null {
    const { request, response } = this;
    if (request === null || response === null) return null;
    return (response.stamp.seconds - request.stamp.seconds) * 1e6 +
      (response.stamp.nanos - request.stamp.nanos) / 1e3;
  }

  /**
   * Says what its times are taken from: the conversation's segments, and when the response before
   * came. They are taken when first asked for, which has to be before further segments come.
   */
  timeBy(wire: Wire, before: Moment | null): void {
    this.#wire = wire;
    this.#before = before;
  }

  /** Says what its times are, where they are known. */
  protected setTimes(thinkUs: number | null, wire: WireTimes | null): void {
    this.#thinkUs = thinkUs;
    this.#wireTimes = wire;
  }

  /**
   * Takes now what further packets of its conversation may change: its times, and by which
   * release its status is called. Whoever keeps it to look at it later has to ask for that.
   */
  settle(): void {
    this.takeTimes();
    this.#statusName = this.#nameOfStatus();
  }

  /** Takes its times now, where they were not taken yet. */
  takeTimes(): void {
    const { request, response } = this;
    const wire = this.#wire, before = this.#before;
    this.#wire = this.#before = null;
    if (wire === null) return;
    if (request !== null && before !== null) {
      this.#thinkUs = thinkTime(wire, before, begunOf(request));
    }
    this.#wireTimes = wireTimes(wire, request, response);
  }

  /**
   * How long the client did something else between the response before on this conversation
   * and this request, in µs. Null where another request was under way, for the first, and where
   * nothing tells how far the client is.
   */
  get thinkUs(): number | null {
    if (this.#wire !== null) this.takeTimes();
    return this.#thinkUs;
  }

  /** What the segments said of it when it completed; null where it is not TCP. */
  get wire(): WireTimes | null {
    if (this.#wire !== null) this.takeTimes();
    return this.#wireTimes;
  }

  /** Whether something was found on the way to it, or while it was paired. */
  get hasOwnIssues(): boolean {
    return this.#ownIssues.length > 0;
  }

  /** Where the time went. */
  get timeSplit(): TimeSplit {
    this.#split ??= timeSplit(this.request, this.response, this.wire);
    return this.#split;
  }

  /** All findings: of the conversation on the way, of the frames and of their fields. */
  get issues(): readonly Issue[] {
    this.#issues ??= this.#collect();
    return this.#issues;
  }

  #collect(): Issue[] {
    const issues = [...this.#ownIssues];
    for (const pdu of [this.request, this.response]) {
      if (pdu !== null && !pdu.isSound) issues.push(...pduIssues(pdu));
    }
    const status = this.response?.status ?? null;
    const packet = this.response?.stamp.packet ?? null;
    if (status !== null && this.statusName === null) {
      issues.push(issue("note", "response_code", `unknown status ${status}`, packet, 0));
    }
    const time = this.responseTimeUs;
    if (time !== null && time < 0) {
      issues.push(
        issue("note", "sequence", "the response is older than its request", packet),
      );
    }
    return issues;
  }

  /** The record that `-T ndjson` prints, keys in order. */
  toRecord(options: RecordOptions): TransactionRecord {
    const { conversation, connection, stream } = this;
    return {
      transaction: this.number,
      conversation: conversation.number,
      ...conversation.transport === "udp" ? { transport: "udp" } : {},
      ...connection === null ? {} : { quic: { connection, stream } },
      client: conversation.client,
      server: conversation.server,
      framing: conversation.framing,
      release: this.release,
      command: this.name,
      code: this.code,
      request: this.request === null ? null : requestRecord(this.request, options),
      response: this.response === null
        ? null
        : this.#responseRecord(this.response, options),
      response_time_us: this.responseTimeUs,
      issues: this.issues,
    };
  }

  #responseRecord(pdu: Pdu, options: RecordOptions): ResponseRecord {
    const { stamp, length, status } = pdu;
    const record: ResponseRecord = {
      packet: stamp.packet,
      time: formatTime(stamp.seconds, stamp.nanos),
      length,
      status,
      status_name: this.statusName,
      fields: fieldsJson(pdu, options),
    };
    if (pdu.evicted !== null) record.evicted = pdu.evicted;
    if (pdu.header !== null) record.vsr = headerJson(pdu, options);
    return record;
  }
}

function requestRecord(pdu: Pdu, options: RecordOptions): RequestRecord {
  const { stamp, length } = pdu;
  const record: RequestRecord = {
    packet: stamp.packet,
    time: formatTime(stamp.seconds, stamp.nanos),
    length,
    fields: fieldsJson(pdu, options),
  };
  if (pdu.sender !== null) record.sender = pdu.sender;
  if (pdu.header !== null) record.vsr = headerJson(pdu, options);
  return record;
}

function fieldsJson(pdu: Pdu, options: RecordOptions): RequestRecord["fields"] {
  if (pdu.isEmpty || pdu.layout === null) return null;
  const fields = pdu.decoded!.fields;
  const json = pdu.layout.json?.(fields, options) ?? fields;
  return json as RequestRecord["fields"];
}

function headerJson(pdu: Pdu, options: RecordOptions): JsonValue {
  return pdu.headerKind!.json!(pdu.header as Fields, options);
}

function pduIssues(pdu: Pdu): Issue[] {
  const { packet } = pdu.stamp;
  const issues = [...pdu.issues];
  if (!pdu.whole) {
    const { length } = pdu.bytes;
    issues.push(issue(
      "warn",
      "sequence",
      `${pdu.length - length} of ${pdu.length} bytes are missing`,
      packet,
      length,
    ));
  }
  // A response may always be empty; in a request that is missing bytes.
  if (pdu.layout === null || pdu.isEmpty && pdu.status !== null) return issues;
  for (const found of pdu.decoded!.issues) {
    if (pdu.whole || found.group !== "malformed") {
      issues.push({ ...found, packet } as Issue);
    }
  }
  return issues.map(({ severity, group, message, packet, offset }) => (
    { severity, group, message, packet, offset }
  ));
}
