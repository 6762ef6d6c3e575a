/**
 * @module
 * TLS 1.2 and 1.3 as a carrier: records, the handshake as far as it says what was agreed on, and
 * the content where the session's secrets are known, handed to whichever framing recognises it.
 * A record whose tag does not fit is never shown.
 */
import type { Side, Stamp } from "../../flow/mod.ts";
import { type Issue, issue } from "../../issue.ts";
import { Carried } from "../carried.ts";
import type { Framer, Framing, FramingHost, Opening, Verdict } from "../framing.ts";
import { NO_EXCHANGE } from "../pdu.ts";
import { ALERT_CLOSE_NOTIFY, alertName, NO_RENEGOTIATION } from "./alerts.ts";
import { isSupported, securityRecord, securityText } from "./facts.ts";
import { type Outcome, RecordOpener } from "./record_opener.ts";
import { isHello, isTls, RECORD, RecordReader, type TlsRecord } from "./record_reader.ts";
import { TlsSession } from "./session.ts";
import { SessionSearch } from "./session_search.ts";

/** Bytes of a side, and of all sessions, that wait for their keys at most. */
const MAX_WAITING = 64 * 1024, MAX_WAITING_IN_ALL = 64 * 1024 * 1024;
/** Bytes of early data that wait for the server's answer at most. */
const MAX_EARLY = 64 * 1024;

/**
 * TLS as a carrier, told by its first record on any port.
 *
 * Source: RFC 8446, RFC 5246.
 */
export const tls: Framing = Object.freeze({
  name: "tls",
  since: "0.5",
  ports: [],
  carrier: true,
  detect,
  open: (host: FramingHost) => new TlsFramer(host),
});

function detect({ client, server, fromStart, expected, ended }: Opening): Verdict {
  if (client.length + server.length < 6) return ended ? "no" : "more";
  if (fromStart) {
    if (!isHello(client, 1)) return isHello(server, 1) ? "swapped" : "no";
    // A server without TLS may read the hello in its own way.
    if (!expected || ended || isTls(server)) return "yes";
    return server.length < 5 ? "more" : "no";
  }
  if (isHello(client, 1) || isHello(server, 2)) return "yes";
  if (isHello(server, 1) || isHello(client, 2)) return "swapped";
  const [one, other] = [isTls(client), isTls(server)];
  return one && other || expected && (one || other) ? "yes" : "no";
}

/** One side's records. */
interface Half {
  readonly side: Side;
  readonly reader: RecordReader;
  readonly opener: RecordOpener;
  /** Records that wait for their keys. */
  waiting: TlsRecord[];
  waitingBytes: number;
  /** Records that no key opened. */
  forged: number;
  finished: Stamp | null;
  /** Its first content is the first ever, as the record's number or a hello before it tells. */
  isFirst: boolean;
}

class TlsFramer implements Framer {
  readonly #host: FramingHost;
  readonly #session: TlsSession;
  readonly #search: SessionSearch;
  readonly #halves: Readonly<Record<Side, Half>>;
  readonly #inner: Carried;
  /** Early data, until it is known whether the server takes it. */
  #early: { bytes: Uint8Array; stamp: Stamp }[] = [];
  #earlyBytes = 0;
  #opened = false;
  /** Nothing more is read: there are no keys, or none that fit. */
  #over = false;
  #lastPacket: number | null = null;

  constructor(host: FramingHost) {
    this.#host = host;
    this.#session = new TlsSession(host.keys);
    this.#search = new SessionSearch(this.#session, host.keys);
    this.#halves = { client: this.#half("client"), server: this.#half("server") };
    const { client, server } = this.#halves;
    this.#inner = new Carried({
      host,
      framings: host.framings.filter(({ name }) => name !== tls.name),
      fromStart: () => host.fromStart || client.isFirst && server.isFirst,
    });
  }

  data(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    if (this.#over) return;
    this.#lastPacket = stamp.packet;
    this.#halves[side].reader.push(bytes.subarray(start, end), stamp);
    // What one side says may tell the keys of the other.
    this.#drain("client");
    this.#drain("server");
  }

  gap(side: Side, length: number, stamp: Stamp | null): void {
    if (this.#over) return;
    this.#halves[side].reader.gap(length);
    // How much it was inside is known by the next record only, but that it was now counts.
    if (this.#opened) this.#inner.gap(side, 0, stamp);
  }

  finish(side: Side, stamp: Stamp): void {
    const half = this.#halves[side];
    half.finished = stamp;
    if (half.waiting.length === 0) this.#inner.finish(side, stamp);
  }

  close(): void {
    if (!this.#over && !this.#opened) this.#unreadable();
    this.#describe();
    this.#inner.close();
  }

  #half(side: Side): Half {
    return {
      side,
      reader: new RecordReader({
        record: (record) => this.#record(side, record),
        lost: ({ packet }) =>
          this.#report("warn", "malformed", `the ${side} sent what is no TLS`, packet),
      }, this.#host.fromStart),
      opener: new RecordOpener(side, this.#session),
      waiting: [],
      waitingBytes: 0,
      forged: 0,
      finished: null,
      isFirst: false,
    };
  }

  /** Takes a record, or a candidate for one; whether it is taken. */
  #record(side: Side, record: TlsRecord): boolean {
    if (this.#over) return true;
    const half = this.#halves[side];
    if (half.waiting.length === 0) {
      const outcome = this.#open(half, record);
      if (outcome.kind === "opened") this.#content(half, outcome, record.stamp);
      if (outcome.kind === "forged") this.#forged(half, record);
      if (outcome.kind !== "sealed") return outcome.kind === "opened";
      if (record.missing > 0 && !this.#session.agreed) return false;
    }
    half.waiting.push(record);
    this.#wait(half, record.bytes.length);
    const isTooMuch = half.waitingBytes > MAX_WAITING ||
      (this.#host.keys?.waiting ?? 0) > MAX_WAITING_IN_ALL;
    if (isTooMuch || this.#isHopeless) this.#unreadable();
    return true;
  }

  /** Opens a record; where a hello is missing, by whichever session of the key log fits. */
  #open(half: Half, record: TlsRecord): Outcome {
    const { side, opener } = half;
    const outcome = opener.open(record);
    if (outcome.kind === "opened" || opener.begun) return outcome;
    const found = this.#search.find(side, record, outcome.kind === "forged");
    if (found === null) return outcome;
    half.isFirst = found.number === 0 || found.epoch === "handshake";
    this.#session.assume(found.random, found.suite);
    opener.begin(found.epoch, found.number);
    const opened = opener.open(record);
    return opened.kind === "opened" && !half.isFirst && this.#host.fromStart
      ? { ...opened, lost: Infinity }
      : opened;
  }

  /** Counts what waits. */
  #wait(half: Half, bytes: number): void {
    half.waitingBytes += bytes;
    if (this.#host.keys !== null) this.#host.keys.waiting += bytes;
  }

  /** Sealed records came that nothing will ever open. */
  get #isHopeless(): boolean {
    const { agreed, facts } = this.#session;
    return (this.#host.keys?.isEmpty ?? true) && agreed || !isSupported(facts);
  }

  /** Opens what waits, as far as keys are known by now. */
  #drain(side: Side): void {
    const half = this.#halves[side];
    while (half.waiting.length > 0) {
      const [record] = half.waiting;
      const outcome = this.#open(half, record!);
      if (outcome.kind === "sealed") return;
      half.waiting.shift();
      this.#wait(half, -record!.bytes.length);
      if (outcome.kind === "opened") this.#content(half, outcome, record!.stamp);
      else this.#forged(half, record!);
      if (half.waiting.length === 0 && half.finished !== null) {
        this.#inner.finish(side, half.finished);
      }
    }
  }

  #content(
    half: Half,
    outcome: Outcome & { kind: "opened" },
    stamp: Stamp,
  ): void {
    const { side } = half;
    const { type, content, epoch, lost } = outcome;
    if (epoch === null) half.isFirst = true;
    if (epoch === "application" && !this.#opened) {
      this.#opened = true;
      this.#describe();
    }
    if (lost > 0) {
      this.#session.lost(side);
      if (epoch === "application") {
        this.#inner.gap(
          side,
          Number.isFinite(lost) ? lost : Number.MAX_SAFE_INTEGER,
          stamp,
        );
      }
    }
    if (type === RECORD.handshake) this.#session.handshake(side, content, stamp);
    else if (type === RECORD.alert) this.#alert(side, content, stamp);
    else if (type === RECORD.applicationData) {
      if (epoch === "early") {
        this.#earlyBytes += content.length;
        if (this.#earlyBytes <= MAX_EARLY) this.#early.push({ bytes: content, stamp });
      } else {
        if (side === "client") this.#settleEarly();
        this.#inner.data(side, content, 0, content.length, stamp);
      }
    }
    if (this.#session.facts.earlyData === "accepted") this.#settleEarly();
  }

  /** Hands on early data unless the server refused it: then it is sent again. */
  #settleEarly(): void {
    const held = this.#early;
    this.#early = [];
    if (this.#session.facts.earlyData === "rejected") return;
    for (const { bytes, stamp } of held) {
      this.#inner.data("client", bytes, 0, bytes.length, stamp);
    }
  }

  #alert(side: Side, content: Uint8Array, { packet }: Stamp): void {
    const code = content[1] ?? ALERT_CLOSE_NOTIFY;
    if (code === ALERT_CLOSE_NOTIFY) return;
    const name = alertName(code);
    if (code === NO_RENEGOTIATION) {
      this.#report("note", "protocol", `the ${side} refused a TLS renegotiation`, packet);
    } else this.#report("warn", "protocol", `TLS alert of the ${side}: ${name}`, packet);
  }

  /** Says once that the content cannot be read, and why. */
  #unreadable(): void {
    this.#over = true;
    for (const half of Object.values(this.#halves)) {
      half.waiting = [];
      this.#wait(half, -half.waitingBytes);
    }
    this.#describe();
    if (!this.#host.expected) return;
    const text = securityText(securityRecord(this.#session.facts, false));
    const message = `TLS: not readable ${this.#why()} (${text})`;
    this.#report("note", "undecoded", message, this.#lastPacket);
    this.#host.exchange(NO_EXCHANGE);
  }

  #why(): string {
    const { begun, agreed, facts } = this.#session;
    if (!isSupported(facts)) return "as its cipher suite is not supported";
    if (this.#host.keys?.isEmpty ?? true) return "without its keys: a key log opens it";
    if (!begun || !agreed) {
      return "as the capture lacks its handshake, and no secrets of the key log fit";
    }
    const { client, server } = this.#halves;
    return client.forged + server.forged > 0
      ? "with the secrets of the key log: they do not fit"
      : "as the key log has no secrets of its session";
  }

  /** A record does not open; where one was due, that is said. */
  #forged(half: Half, { missing, stamp }: TlsRecord): void {
    half.forged++;
    if (!this.#opened || missing > 0) return;
    const message = `a TLS record of the ${half.side} does not open: damaged or forged`;
    this.#report("warn", "malformed", message, stamp.packet);
  }

  #describe(): void {
    this.#host.security(securityRecord(this.#session.facts, this.#opened));
  }

  #report(
    severity: Issue["severity"],
    group: Issue["group"],
    message: string,
    packet: number | null,
  ): void {
    this.#host.report(issue(severity, group, message, packet));
  }
}
