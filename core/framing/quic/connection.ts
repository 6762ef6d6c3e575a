import { decodeText } from "../../bytes/cursor.ts";
import { otherSide, type Side, type Stamp } from "../../flow/mod.ts";
import { issue } from "../../issue.ts";
import type { FramingHost } from "../framing.ts";
import { NO_EXCHANGE } from "../pdu.ts";
import { alertName } from "../tls/alerts.ts";
import { isSupported, securityRecord, securityText } from "../tls/facts.ts";
import type { SecretLabel } from "../tls/key_log.ts";
import { TlsSession } from "../tls/session.ts";
import { cipherSuite } from "../tls/suites.ts";
import { type FrameSink, readFrames } from "./frames.ts";
import {
  isLongHeader,
  isReadable,
  type LongHeader,
  MAX_ID,
  MIN_FIRST,
  type PacketType,
  QUIC_2,
  readLongHeader,
} from "./header.ts";
import { InitialKeys } from "./initial_keys.ts";
import { openFirst } from "./offloaded.ts";
import { OrderedBytes } from "./ordered_bytes.ts";
import { type OpenedPacket, type PacketProtection, protectionOf } from "./protection.ts";
import { type SealedPacket, SealedPackets } from "./sealed_packets.ts";
import { SessionSearch } from "./session_search.ts";
import { QuicStreams } from "./streams.ts";

/** Bytes that wait for their keys, and of a handshake out of order, at most. */
const MAX_WAITING = 64 * 1024, MAX_HANDSHAKE = 64 * 1024;
/** Bytes of all sessions that wait for their keys at most. */
const MAX_WAITING_IN_ALL = 64 * 1024 * 1024;
/** Lengths of ids where none is known. */
const ANY_LENGTH = Array.from({ length: MAX_ID + 1 }, (_, i) => i);
/** The error by which TLS alerts are told. Source: RFC 9001 section 4.8. */
const CRYPTO_ERROR = 0x100;

const SECRETS: Readonly<Record<Side, Partial<Record<PacketType, SecretLabel>>>> = {
  client: {
    early: "CLIENT_EARLY_TRAFFIC_SECRET",
    handshake: "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    application: "CLIENT_TRAFFIC_SECRET_0",
  },
  server: {
    handshake: "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    application: "SERVER_TRAFFIC_SECRET_0",
  },
};

/**
 * One QUIC connection: packets out of datagrams, their protection taken off where the keys are
 * known, and the streams of their frames.
 *
 * Source: RFC 9000, RFC 9001, RFC 9369.
 */
export class QuicConnection {
  readonly #host: FramingHost;
  readonly #session: TlsSession;
  readonly #search: SessionSearch;
  readonly #streams: QuicStreams;
  readonly #initials = new InitialKeys();
  readonly #protections = new Map<string, PacketProtection>();
  readonly #handshakes = new Map<string, OrderedBytes>();
  /** Told of each id by which a side may be reached. */
  readonly #known: (id: Uint8Array) => void;
  /** Lengths of the ids by which each side is reached, the last used first. */
  readonly #idLengths: Readonly<Record<Side, number[]>> = { client: [], server: [] };
  #version: number | null = null;
  readonly #sealed: SealedPackets;
  #opened = false;
  #over = false;
  #lastPacket: number | null = null;

  constructor(host: FramingHost, known: (id: Uint8Array) => void) {
    this.#host = host;
    this.#known = known;
    this.#session = new TlsSession(host.keys);
    this.#search = new SessionSearch(host.keys);
    this.#streams = new QuicStreams(host);
    this.#sealed = new SealedPackets(host.keys);
  }

  /** The server answered, or keys of its session were found. */
  get agreed(): boolean {
    return this.#session.agreed;
  }

  /** Takes a datagram, which may hold several packets. */
  datagram(side: Side, bytes: Uint8Array, stamp: Stamp): void {
    if (this.#over) return;
    this.#lastPacket = stamp.packet;
    this.#packets(side, bytes, stamp);
    this.#retry();
  }

  /** Nothing more comes. */
  close(): void {
    if (!this.#over && !this.#opened) this.#unreadable();
    this.#sealed.take(() => true);
    this.#streams.close();
    this.#describe();
    this.#over = true;
  }

  #packets(side: Side, bytes: Uint8Array, stamp: Stamp): void {
    for (let at = 0; at < bytes.length;) {
      if (!isLongHeader(bytes, at)) return this.#short(side, bytes, at, stamp);
      const header = readLongHeader(bytes, at, bytes.length);
      if (header === null) return;
      this.#long(side, header, bytes, at, stamp);
      at = header.end;
    }
  }

  #long(
    side: Side,
    header: LongHeader,
    bytes: Uint8Array,
    at: number,
    stamp: Stamp,
  ): void {
    const { type, version, source, destination, numberAt, end } = header;
    if (type === "negotiation") return;
    if (source.length > 0) this.#known(source);
    if (type === "retry") return;
    if (this.#version === null || !isReadable(this.#version)) this.#version = version;
    if (type === "unknown") return;
    if (destination.length > 0) this.#known(destination);
    if (type === "initial") return this.#initial(side, header, bytes, at, stamp);
    const protection = this.#protection(side, type, version);
    if (protection === null) {
      const sealed = bytes.subarray(at, end);
      if (!this.#session.assumed) {
        this.#wait({ side, type, version, bytes: sealed, stamp });
      }
      return;
    }
    const opened = protection.open(bytes, at, numberAt, end);
    if (opened === null) return;
    if (type === "handshake") this.#sealedBy(side, header);
    this.#frames(side, type, opened, stamp);
  }

  /** Takes what the header of a packet says, which its tag proved. */
  #sealedBy(side: Side, { version, source }: LongHeader): void {
    this.#version = version;
    this.#reachedBy(side, source.length);
  }

  #reachedBy(side: Side, idLength: number): void {
    const lengths = this.#idLengths[side];
    if (lengths[0] === idLength) return;
    const at = lengths.indexOf(idLength);
    if (at >= 0) lengths.splice(at, 1);
    lengths.unshift(idLength);
  }

  /** A packet with a short header, or several where the network card was to part them. */
  #short(side: Side, bytes: Uint8Array, at: number, stamp: Stamp): void {
    const protection = this.#protection(side, "application") ??
      this.#found(side, bytes, at);
    if (protection === null) {
      return this.#wait({
        side,
        type: "application",
        version: null,
        bytes: bytes.subarray(at),
        stamp,
      });
    }
    const peer = otherSide(side);
    const known = this.#idLengths[peer];
    for (const idLength of known.length > 0 ? known : ANY_LENGTH) {
      const opened = protection.open(bytes, at, at + 1 + idLength, bytes.length);
      if (opened === null) continue;
      this.#reachedBy(peer, idLength);
      return this.#frames(side, "application", opened, stamp);
    }
    for (const idLength of known) {
      const first = openFirst(protection, bytes, at, idLength);
      if (first === null) continue;
      this.#frames(side, "application", first.opened, stamp);
      return this.#short(side, bytes, first.next, stamp);
    }
  }

  /** A side's protection where the capture lacks the handshake, found by trying. */
  #found(side: Side, bytes: Uint8Array, at: number): PacketProtection | null {
    const { begun, agreed, random, facts } = this.#session;
    if (side === "client" ? begun : agreed) return null;
    const peer = otherSide(side);
    const found = this.#search.find(side, bytes, at, {
      random,
      suite: facts.suite,
      version: this.#version,
      idLengths: this.#idLengths[peer],
    });
    if (found === null) return null;
    this.#version = found.version;
    this.#reachedBy(peer, found.idLength);
    this.#session.assume(found.random, found.suite);
    this.#protections.set(`${side} application`, found.protection);
    // Packets of a handshake whose beginning is missing tell nothing more.
    this.#sealed.take(({ version }) => version !== null);
    return found.protection;
  }

  /** The first packets of a handshake, which whoever saw the client's first can open. */
  #initial(
    side: Side,
    header: LongHeader,
    bytes: Uint8Array,
    at: number,
    stamp: Stamp,
  ): void {
    const found = this.#initials.open(side, header, bytes, at, bytes.length >= MIN_FIRST);
    if (found === null) {
      if (this.#initials.known || this.#session.assumed) return;
      const { type, version, end } = header;
      return this.#wait({ side, type, version, bytes: bytes.subarray(at, end), stamp });
    }
    // After a Retry some clients say a new hello.
    if (found.again && !this.#session.agreed) {
      this.#handshakes.delete("client initial");
      this.#session.keysChanged("client", "initial");
    }
    // Of the versions that a client offers the server may choose another.
    if (side === "server" || !this.#session.agreed) this.#sealedBy(side, header);
    this.#frames(side, "initial", found.opened, stamp);
  }

  /** The protection of packets behind the first; null where its secret is not known (yet). */
  #protection(
    side: Side,
    type: PacketType,
    version: number | null = this.#version,
  ): PacketProtection | null {
    // Only long headers say their version, and anybody may write any there.
    const key = type === "application" ? `${side} ${type}` : `${side} ${type} ${version}`;
    const known = this.#protections.get(key);
    if (known !== undefined) return known;
    const label = SECRETS[side][type];
    const { suite } = this.#session.facts;
    if (label === undefined || suite === null || version === null) return null;
    const secret = this.#session.secret(label);
    if (secret === null) return null;
    const made = protectionOf(cipherSuite(suite), version, secret);
    if (made !== null) this.#protections.set(key, made);
    return made;
  }

  #wait(packet: SealedPacket): void {
    const { agreed, facts } = this.#session;
    const { keys } = this.#host;
    const hasKeys = keys !== null && !keys.isEmpty;
    if (agreed && !hasKeys || !isSupported(facts)) return this.#unreadable();
    // Where nothing will open them their number is enough.
    if (hasKeys) this.#sealed.add(packet);
    else this.#sealed.count(packet.bytes.length);
    const isTooMuch = this.#sealed.bytes > MAX_WAITING ||
      (keys?.waiting ?? 0) > MAX_WAITING_IN_ALL;
    if (isTooMuch) this.#unreadable();
  }

  /** Looks again at what waits, where keys may be known by now. */
  #retry(): void {
    while (this.#sealed.any && !this.#over) {
      const ready = this.#sealed.take(({ side, type, version }) =>
        type === "initial"
          ? this.#initials.known
          : this.#protection(side, type, version ?? this.#version) !== null
      );
      if (ready.length === 0) break;
      for (const { side, bytes, stamp } of ready) this.#packets(side, bytes, stamp);
    }
    const isHopeless = this.#session.agreed && (this.#host.keys?.isEmpty ?? true);
    if (this.#sealed.any && isHopeless) this.#unreadable();
  }

  #frames(side: Side, type: PacketType, { payload }: OpenedPacket, stamp: Stamp): void {
    const isContent = type === "application" || type === "early";
    if (isContent) this.#streams.packet();
    if (type === "application" && !this.#opened) {
      this.#opened = true;
      this.#describe();
    }
    const sink: FrameSink = {
      crypto: (offset, bytes) => this.#handshake(side, type, stamp).push(offset, bytes),
      stream: (id, offset, bytes, fin) => {
        if (isContent) this.#streams.data(side, id, offset, bytes, fin, stamp);
      },
      reset: (id) => this.#streams.reset(side, id, stamp),
      newId: (id) => {
        this.#reachedBy(side, id.length);
        if (id.length > 0) this.#known(id.slice());
      },
      close: (...error) => this.#closed(side, stamp, ...error),
      blocked() {},
    };
    if (readFrames(payload, sink)) return;
    const message = `a QUIC packet of the ${side} has frames that are unknown or cut`;
    this.#host.report(issue("note", "undecoded", message, stamp.packet));
  }

  #handshake(side: Side, type: PacketType, stamp: Stamp): OrderedBytes {
    const key = `${side} ${type}`;
    let known = this.#handshakes.get(key);
    if (known === undefined) {
      known = new OrderedBytes({
        data: (bytes) => this.#session.handshake(side, bytes, stamp, type),
        gap: () => {},
      }, MAX_HANDSHAKE);
      this.#handshakes.set(key, known);
    }
    return known;
  }

  #closed(
    side: Side,
    { packet }: Stamp,
    code: number,
    isApplication: boolean,
    reason: Uint8Array,
  ): void {
    if (code === 0) return;
    const isAlert = !isApplication && code >= CRYPTO_ERROR && code < CRYPTO_ERROR + 256;
    const what = isAlert
      ? `TLS alert ${alertName(code - CRYPTO_ERROR)}`
      : `${isApplication ? "application " : ""}error ${code}`;
    const text = reason.length === 0 ? "" : ` (${decodeText(reason.slice(0, 200)).text})`;
    const message = `the ${side} closed the QUIC connection: ${what}${text}`;
    this.#host.report(issue("warn", "protocol", message, packet));
  }

  /** Says once that the content cannot be read, and why. */
  #unreadable(): void {
    if (this.#over || this.#opened) return;
    this.#over = true;
    this.#sealed.take(() => true);
    this.#describe();
    if (!this.#host.expected) return;
    const { begun, agreed, facts } = this.#session;
    const why = !isSupported(facts)
      ? "as its cipher suite is not supported"
      : this.#host.keys?.isEmpty ?? true
      ? "without its keys: a key log opens it"
      : !begun || !agreed
      ? "as the capture lacks its handshake, and no secrets of the key log fit"
      : "as the key log has no secrets that fit";
    const text = securityText(this.#record());
    const message = `QUIC: not readable ${why} (${text})`;
    this.#host.report(issue("note", "undecoded", message, this.#lastPacket));
    this.#host.exchange(NO_EXCHANGE);
  }

  #record() {
    const { facts } = this.#session;
    const application = ["client", "server"].map((side) =>
      this.#protections.get(`${side} application`)?.updates ?? 0
    );
    const version = this.#version === null
      ? null
      : this.#version === QUIC_2
      ? "v2"
      : this.#version === 1
      ? "v1"
      : `0x${this.#version.toString(16).padStart(8, "0")}`;
    const updated = { ...facts, keyUpdates: Math.max(...application) };
    return securityRecord(updated, this.#opened, "QUIC", version);
  }

  #describe(): void {
    this.#host.security(this.#record());
  }
}
