import type { Transaction } from "../dissect/transaction.ts";
import { formatTime } from "../dissect/time.ts";
import type { Pdu } from "../framing/pdu.ts";
import {
  type JsonOptions,
  type JsonReader,
  jsonReader,
  jsonWriter,
  out,
} from "../schema/mod.ts";
import { escapeJson } from "../bytes/json_text.ts";

const { putAscii, putBytes, putDigits9, putJson, putNumber } = jsonWriter;

const encoder = new TextEncoder();
const REQUEST = encoder.encode(',"request":');
const RESPONSE = encoder.encode(',"response":');
const RESPONSE_TIME = encoder.encode(',"response_time_us":');
const END = encoder.encode(',"issues":[]}\n');
const NULL = encoder.encode("null");
const PACKET = encoder.encode('{"packet":');
const TIME = encoder.encode(',"time":"');
const LENGTH = encoder.encode('Z","length":');
const STATUS = encoder.encode(',"status":');
const STATUS_NAME = encoder.encode(',"status_name":');
const FIELDS = encoder.encode(',"fields":');
const VSR = encoder.encode(',"vsr":');

type Layout = NonNullable<Pdu["layout"]>;

/** What lines say of a conversation and a command, and what it was made of. */
interface Head {
  readonly text: Uint8Array;
  readonly release: string | null;
  readonly framing: string | null;
  readonly clientPort: number;
  readonly code: number | null;
}

/** Bytes of a line that are not fields, at most: endpoints, names, numbers. */
const FRAME_BYTES = 4096;
/** Conversations whose heads are kept; with more open ones they would take their memory. */
const MAX_HEADS = 1024;

/**
 * Writes transactions as the lines that `toRecord` and `JSON.stringify` make, without a record
 * and without a string: compiled readers write the fields. What is odd in any way, and what
 * has something to report, it leaves to those.
 */
export class LineWriter {
  readonly #options: JsonOptions;
  #second = NaN;
  #secondText: Uint8Array = new Uint8Array();
  /** What lines say of a conversation and a command, by the two. */
  readonly #heads = new Map<object, Map<string | number | null, Head>>();
  /** Names of statuses as JSON. */
  readonly #statuses = new Map<string, Uint8Array>();
  /** The readers that wrote the fields of the last PDUs. */
  readonly #readers = new Map<Layout, { release: number; reader: JsonReader | null }>();

  constructor(options: JsonOptions) {
    this.#options = options;
  }

  /** Writes a line at the start of `out`; gives its length, or -1 where it did not. */
  write(transaction: Transaction): number {
    // What is told of QUIC differs from stream to stream.
    if (transaction.hasOwnIssues || transaction.connection !== null) return -1;
    const { request, response, responseTimeUs } = transaction;
    if (responseTimeUs !== null && responseTimeUs < 0) return -1;
    const head = this.#head(transaction);
    let at = putNumber(transaction.number, putAscii('{"transaction":', 0));
    at = putBytes(head, at);
    at = putBytes(REQUEST, at);
    at = request === null ? putBytes(NULL, at) : this.#pdu(request, transaction, at);
    if (at < 0) return -1;
    at = putBytes(RESPONSE, at);
    at = response === null ? putBytes(NULL, at) : this.#pdu(response, transaction, at);
    if (at < 0) return -1;
    at = putBytes(RESPONSE_TIME, at);
    if (responseTimeUs === null) at = putBytes(NULL, at);
    else if (Number.isSafeInteger(responseTimeUs)) at = putNumber(responseTimeUs, at);
    else at = putAscii(String(responseTimeUs), at);
    at = putBytes(END, at);
    return at > out.length ? -1 : at;
  }

  /** The part of a line that is alike for all transactions of a command in a conversation. */
  #head({ conversation, name, code, release }: Transaction): Uint8Array {
    let known = this.#heads.get(conversation);
    if (known === undefined) {
      if (this.#heads.size >= MAX_HEADS) this.#heads.clear();
      this.#heads.set(conversation, known = new Map());
    }
    const key = name ?? code;
    const { framing, clientPort } = conversation;
    let head = known.get(key);
    if (
      head === undefined || head.release !== release || head.framing !== framing ||
      head.clientPort !== clientPort || head.code !== code
    ) {
      const { number, client, server, transport } = conversation;
      const over = transport === "udp" ? { transport } : {};
      const part = { conversation: number, ...over, client, server, framing, release };
      const at = putJson({ ...part, command: name, code }, 0);
      const text = out.slice(0, at - 1);
      text[0] = ",".charCodeAt(0);
      head = { text, release, framing, clientPort, code };
      known.set(key, head);
    }
    return head.text;
  }

  #statusName(name: string): Uint8Array {
    let text = this.#statuses.get(name);
    if (text === undefined) {
      text = encoder.encode(escapeJson(JSON.stringify(name)));
      this.#statuses.set(name, text);
    }
    return text;
  }

  #time(seconds: number, nanos: number, at: number): number {
    if (seconds !== this.#second) {
      this.#second = seconds;
      this.#secondText = encoder.encode(formatTime(seconds, 0).replace(/\d{9}Z$/, ""));
    }
    return putDigits9(nanos, putBytes(this.#secondText, at));
  }

  #pdu(pdu: Pdu, { response, statusName }: Transaction, at: number): number {
    if (!pdu.whole || pdu.hasFindings || pdu.evicted !== null) return -1;
    if (at + FRAME_BYTES > out.length) return -1;
    const { stamp, status, layout, headerKind } = pdu;
    at = putNumber(stamp.packet, putBytes(PACKET, at));
    at = this.#time(stamp.seconds, stamp.nanos, putBytes(TIME, at));
    at = putNumber(pdu.length, putBytes(LENGTH, at));
    if (pdu === response) {
      if (status === null || statusName === null) return -1;
      at = putNumber(status, putBytes(STATUS, at));
      at = putBytes(this.#statusName(statusName), putBytes(STATUS_NAME, at));
    }
    at = putBytes(FIELDS, at);
    // A request without bytes is read all the same: its layout may miss them.
    if (layout === null || pdu.isEmpty && status !== null) at = putBytes(NULL, at);
    else {
      const end = this.#read(layout, pdu, pdu.release, pdu.start, pdu.end, at);
      if (end < 0) return -1;
      at = pdu.isEmpty ? putBytes(NULL, at) : end;
    }
    if (pdu.sender !== null) {
      at = putJson(pdu.sender, putAscii(',"sender":', at));
    }
    if (headerKind !== null) {
      const { headerRelease, headerEnd } = pdu;
      at = this.#read(headerKind, pdu, headerRelease, 0, headerEnd, putBytes(VSR, at));
      if (at < 0) return -1;
    }
    return putAscii("}", at);
  }

  #read(
    layout: Layout,
    { bytes }: Pdu,
    release: number,
    start: number,
    end: number,
    at: number,
  ): number {
    let known = this.#readers.get(layout);
    if (known === undefined || known.release !== release) {
      const reader = jsonReader(layout, release, this.#options.showSecrets);
      known = { release, reader };
      this.#readers.set(layout, known);
    }
    const { reader } = known;
    return reader === null ? -1 : reader(bytes, start, end, at, this.#options.maxBytes);
  }
}
