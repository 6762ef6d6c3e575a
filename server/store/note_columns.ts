import type { Moment } from "../../core/flow/mod.ts";
import type { Delays, WireTimes } from "../../core/dissect/time_split.ts";
import type { Side, Stamp } from "../../core/flow/mod.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import type { SecurityRecord } from "../../core/framing/tls/facts.ts";
import type { Issue } from "../../core/issue.ts";
import type { Taken } from "./batch.ts";
import type { KindNames } from "./kinds.ts";
import { concat } from "../../core/bytes/copy.ts";
import { packedColumn, unpackColumn } from "./packed_columns.ts";

/** What is written down of a PDU beside its bytes. */
export interface PduNote {
  packet: number;
  seconds: number;
  nanos: number;
  /** Length of the packet. */
  frame: number | null;
  /** The packet it began in, where that is another. */
  begun: Stamp | null;
  length: number;
  /** Bytes that were captured. */
  bytes: number;
  start: number;
  end: number;
  status: number | null;
  release: number;
  layout: string | null;
  header: string | null;
  headerEnd: number;
  headerRelease: number;
  evicted: string | null;
  sender: Side | null;
  subject: string | null;
  refersTo: number | null;
}

/** What is written down of a transaction beside the bytes of its PDUs. */
export interface TransactionNote {
  conversation: number;
  client: string;
  server: string;
  framing: string | null;
  release: string | null;
  user: string | null;
  /** When the capture began. */
  began: Moment | null;
  /** What TLS or QUIC agreed on. */
  security: SecurityRecord | null;
  /** Numbers of the QUIC connection and its stream. */
  connection: number | null;
  stream: number | null;
  command: string | null;
  name: string | null;
  code: number | null;
  statusName: string | null;
  thinkUs: number | null;
  wire: WireTimes | null;
  issues: readonly Issue[];
  request: PduNote | null;
  response: PduNote | null;
}

/** Numbers that are written down of a transaction, of each of its PDUs, and of all together. */
const OWN_WIDTH = 17, PDU_WIDTH = 21, WIDTH = OWN_WIDTH + 2 * PDU_WIDTH;
/** The one of a PDU that says how many bytes were captured. */
const PDU_BYTES = 8;
const PADDING = 8;
/** Bytes before the numbers: how many transactions, and the lengths of numbers and texts. */
const HEAD = 12;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Gathers notes of transactions as columns of numbers: whatever is no number stands in a list
 * of values, once for all that have it, and has its place there as number. Null is NaN.
 */
export class NoteWriter {
  readonly #kinds: KindNames;
  /** From a number to that of the next column. */
  readonly #step: number;
  /** One column after the other, each for as many transactions as there may be. */
  readonly #numbers: Float64Array;
  #count = 0;
  /** Where the next number goes: the next column of the transaction being added. */
  #at = 0;
  #values: unknown[] = [];
  #places = new Map<unknown, number>();
  #issues: [place: number, issues: readonly Issue[]][] = [];

  /** For at most so many transactions. */
  constructor(kinds: KindNames, most: number) {
    this.#kinds = kinds;
    // No multiple of a page, or all columns would want the same few lines of the CPU's cache.
    this.#step = most + PADDING;
    this.#numbers = new Float64Array(this.#step * WIDTH);
  }

  /** Transactions taken since the last {@link finish}. */
  get count(): number {
    return this.#count;
  }

  /** Takes the next transaction. */
  add({ transaction, conversation }: Taken): void {
    const { request, response, issues, wire } = transaction;
    this.#at = this.#count;
    this.#number(conversation.id);
    this.#value(conversation.client);
    this.#value(conversation.server);
    this.#value(conversation.framing);
    this.#value(transaction.release);
    this.#value(conversation.user);
    this.#value(conversation.began);
    this.#value(conversation.security);
    this.#number(transaction.connection);
    this.#number(transaction.stream);
    this.#value(transaction.command?.name ?? null);
    this.#value(transaction.name);
    this.#number(transaction.code);
    this.#value(transaction.statusName);
    this.#number(transaction.thinkUs);
    // Most tell of the round trip alone.
    this.#value(wire === null ? null : wire.delays ?? false);
    this.#number(wire?.roundTripUs ?? null);
    this.#pdu(request);
    this.#pdu(response);
    if (issues.length > 0) this.#issues.push([this.#count, issues]);
    this.#count++;
  }

  #pdu(pdu: Pdu | null): void {
    if (pdu === null) {
      for (let i = 0; i < PDU_WIDTH; i++) this.#number(null);
      return;
    }
    const { stamp } = pdu;
    this.#number(stamp.packet);
    this.#number(stamp.seconds);
    this.#number(stamp.nanos);
    this.#number(stamp.length ?? null);
    this.#number(stamp.begun?.packet ?? null);
    this.#number(stamp.begun?.seconds ?? null);
    this.#number(stamp.begun?.nanos ?? null);
    this.#number(pdu.length);
    this.#number(pdu.bytes.length);
    this.#number(pdu.start);
    this.#number(pdu.end);
    this.#number(pdu.status);
    this.#number(pdu.release);
    this.#value(this.#kinds.nameOf(pdu.layout));
    this.#value(this.#kinds.nameOf(pdu.headerKind));
    this.#number(pdu.headerEnd);
    this.#number(pdu.headerRelease);
    this.#value(pdu.evicted);
    this.#value(pdu.sender);
    this.#value(pdu.subject);
    this.#number(pdu.refersTo);
  }

  #number(value: number | null): void {
    this.#numbers[this.#at] = value ?? NaN;
    this.#at += this.#step;
  }

  #value(value: unknown): void {
    if (value === null) return this.#number(null);
    let place = this.#places.get(value);
    if (place === undefined) {
      place = this.#values.push(value) - 1;
      this.#places.set(value, place);
    }
    this.#number(place);
  }

  /** All notes; the next ones begin. */
  finish(): Uint8Array {
    const count = this.#count;
    const values = encoder.encode(
      JSON.stringify({ values: this.#values, issues: this.#issues }),
    );
    const columns: Uint8Array[] = [];
    for (let at = 0; at < this.#numbers.length; at += this.#step) {
      columns.push(packedColumn(this.#numbers.subarray(at, at + count)));
    }
    const numbers = concat(columns);
    const head = new Uint32Array([count, numbers.length, values.length]);
    const bytes = concat([new Uint8Array(head.buffer), numbers, values]);
    this.#count = 0;
    this.#values = [];
    this.#places = new Map();
    this.#issues = [];
    return bytes;
  }
}

/** Notes read back. */
export class NoteReader {
  /** Transactions there are. */
  readonly count: number;
  /** Bytes that the notes take. */
  readonly size: number;
  readonly #columns: Float64Array;
  readonly #values: readonly unknown[];
  readonly #issues: ReadonlyMap<number, readonly Issue[]>;

  /** Of bytes that begin with what {@link NoteWriter} made. */
  constructor(bytes: Uint8Array) {
    const head = new DataView(bytes.buffer, bytes.byteOffset);
    this.count = head.getUint32(0, true);
    const end = HEAD + head.getUint32(4, true);
    this.size = end + head.getUint32(8, true);
    const columns = new Float64Array(this.count * WIDTH);
    for (let from = 0, at = HEAD; from < columns.length; from += this.count) {
      at = unpackColumn(bytes, at, columns.subarray(from, from + this.count));
    }
    this.#columns = columns;
    const { values, issues } = JSON.parse(decoder.decode(bytes.subarray(end, this.size)));
    this.#values = values;
    this.#issues = new Map(issues);
  }

  /** Memory that the notes take, about. */
  get memory(): number {
    return this.size + this.#columns.byteLength;
  }

  /** Bytes captured of the PDUs of the transaction at a place. */
  bytesAt(i: number): number {
    const request = this.#number(i, OWN_WIDTH + PDU_BYTES) ?? 0;
    return request + (this.#number(i, OWN_WIDTH + PDU_WIDTH + PDU_BYTES) ?? 0);
  }

  /** The note of the transaction at a place. */
  at(i: number): TransactionNote {
    let column = 0;
    const number = () => this.#number(i, column++);
    const value = <T>() => this.#value<T>(number());
    return {
      conversation: number()!,
      client: value<string>()!,
      server: value<string>()!,
      framing: value<string>(),
      release: value<string>(),
      user: value<string>(),
      began: value<Moment>(),
      security: value<SecurityRecord>(),
      connection: number(),
      stream: number(),
      command: value<string>(),
      name: value<string>(),
      code: number(),
      statusName: value<string>(),
      thinkUs: number(),
      wire: wireOf(value<Delays | false>(), number()),
      issues: this.#issues.get(i) ?? [],
      request: this.#pdu(i, OWN_WIDTH),
      response: this.#pdu(i, OWN_WIDTH + PDU_WIDTH),
    };
  }

  #pdu(i: number, from: number): PduNote | null {
    let column = from;
    const number = () => this.#number(i, column++);
    const value = <T>() => this.#value<T>(number());
    const packet = number();
    if (packet === null) return null;
    return {
      packet,
      seconds: number()!,
      nanos: number()!,
      frame: number(),
      begun: stampOf(number(), number(), number()),
      length: number()!,
      bytes: number()!,
      start: number()!,
      end: number()!,
      status: number(),
      release: number()!,
      layout: value<string>(),
      header: value<string>(),
      headerEnd: number()!,
      headerRelease: number()!,
      evicted: value<string>(),
      sender: value<Side>(),
      subject: value<string>(),
      refersTo: number(),
    };
  }

  #number(i: number, column: number): number | null {
    const value = this.#columns[column * this.count + i]!;
    return Number.isNaN(value) ? null : value;
  }

  #value<T>(place: number | null): T | null {
    return place === null ? null : this.#values[place] as T;
  }
}

function wireOf(
  delays: Delays | false | null,
  roundTripUs: number | null,
): WireTimes | null {
  return delays === null ? null : { roundTripUs, delays: delays || null };
}

function stampOf(
  packet: number | null,
  seconds: number | null,
  nanos: number | null,
): Stamp | null {
  if (packet === null || seconds === null || nanos === null) return null;
  return { packet, seconds, nanos };
}
