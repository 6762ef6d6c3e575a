import { otherSide, type Side, type Stamp } from "../../flow/mod.ts";
import { issue } from "../../issue.ts";
import type { FramingHost } from "../framing.ts";
import { NO_EXCHANGE } from "../pdu.ts";
import { isSupported, securityRecord, securityText } from "../tls/facts.ts";
import { TlsSession } from "../tls/session.ts";
import { CryptoFlows } from "./crypto_flows.ts";
import { type FrameSink, readFrames } from "./frames.ts";
import {
  isLongHeader,
  isReadable,
  type LongHeader,
  MIN_FIRST,
  type PacketType,
  readLongHeader,
} from "./header.ts";
import { InitialKeys } from "./initial_keys.ts";
import { openFirst } from "./offloaded.ts";
import { closeMessage, versionText } from "./messages.ts";
import { PacketKeys } from "./packet_keys.ts";
import type { OpenedPacket, PacketProtection } from "./protection.ts";
import { type SealedPacket, SealedPackets } from "./sealed_packets.ts";
import { QuicStreams } from "./streams.ts";

/** Bytes of a connection, and of all sessions, that wait for their keys at most. */
const MAX_WAITING = 64 * 1024, MAX_WAITING_IN_ALL = 64 * 1024 * 1024;

/** Ids kept of a connection of which nothing opened yet. */
const MAX_EARLY_IDS = 8;
const NONE: readonly Uint8Array[] = [];

/** What knows connections by their ids. */
export interface ConnectionBook {
  /** Takes each id by which a side of a connection may be reached, where it began. */
  known(id: Uint8Array, connection: QuicConnection): void;
  /** The same once packets of it opened, which makes it known at other addresses too. */
  everywhere(id: Uint8Array, connection: QuicConnection): void;
  /** Gives a connection its number: asked once, when the first packet of it opened. */
  nextNumber(): number;
}

/**
 * One QUIC connection: packets out of datagrams, their protection taken off where the keys are
 * known, and the streams of their frames.
 *
 * Source: RFC 9000, RFC 9001, RFC 9369.
 */
export class QuicConnection {
  readonly #host: FramingHost;
  readonly #book: ConnectionBook;
  readonly #session: TlsSession;
  readonly #keys: PacketKeys;
  readonly #handshake: CryptoFlows;
  readonly #initials = new InitialKeys();
  readonly #sealed: SealedPackets;
  /** Its number, once a packet of it opened; what is no QUIC has none, and no streams. */
  #number: number | null = null;
  #streams: QuicStreams | null = null;
  /** Ids that were seen before that. */
  #ids: readonly Uint8Array[] = NONE;
  #opened = false;
  #over = false;
  #lastPacket: number | null = null;

  constructor(host: FramingHost, book: ConnectionBook) {
    this.#host = host;
    this.#book = book;
    this.#session = new TlsSession(host.keys);
    this.#keys = new PacketKeys(this.#session, host.keys);
    this.#handshake = new CryptoFlows(this.#session);
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
    this.#streams?.close();
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
    this.#known(source);
    if (type === "retry") return;
    const { version: spoken } = this.#keys;
    if (spoken === null || !isReadable(spoken)) this.#keys.version = version;
    if (type === "unknown") return;
    this.#known(destination);
    if (type === "initial") return this.#initial(side, header, bytes, at, stamp);
    const protection = this.#keys.of(side, type, version);
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

  /** Notes an id by which a side may be reached. */
  #known(id: Uint8Array): void {
    if (id.length === 0) return;
    this.#book.known(id, this);
    if (this.#number !== null) this.#book.everywhere(id, this);
    else if (this.#ids.length < MAX_EARLY_IDS) this.#ids = [...this.#ids, id.slice()];
  }

  /** A packet opened: it is QUIC. Gives the connection's number. */
  #begun(): number {
    if (this.#number !== null) return this.#number;
    for (const id of this.#ids) this.#book.everywhere(id, this);
    this.#ids = NONE;
    return this.#number = this.#book.nextNumber();
  }

  /** Takes what the header of a packet says, which its tag proved. */
  #sealedBy(side: Side, { version, source }: LongHeader): void {
    this.#keys.version = version;
    this.#keys.reachedBy(side, source.length);
  }

  /** A packet with a short header, or several where the network card was to part them. */
  #short(side: Side, bytes: Uint8Array, at: number, stamp: Stamp): void {
    const protection = this.#keys.of(side, "application") ?? this.#found(side, bytes, at);
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
    for (const idLength of this.#keys.lengthsOf(peer)) {
      const opened = protection.open(bytes, at, at + 1 + idLength, bytes.length);
      if (opened === null) continue;
      this.#keys.reachedBy(peer, idLength);
      return this.#frames(side, "application", opened, stamp);
    }
    for (const idLength of this.#keys.knownLengths(peer)) {
      const first = openFirst(protection, bytes, at, idLength);
      if (first === null) continue;
      this.#frames(side, "application", first.opened, stamp);
      return this.#short(side, bytes, first.next, stamp);
    }
  }

  /** A side's protection where the capture lacks the handshake, found by trying. */
  #found(side: Side, bytes: Uint8Array, at: number): PacketProtection | null {
    const found = this.#keys.find(side, bytes, at);
    if (found === null) return null;
    // Packets of a handshake whose beginning is missing tell nothing more.
    this.#sealed.take(({ version }) => version !== null);
    return found;
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
    if (found.again && !this.#session.agreed) this.#handshake.again();
    // Of the versions that a client offers the server may choose another.
    if (side === "server" || !this.#session.agreed) this.#sealedBy(side, header);
    this.#frames(side, "initial", found.opened, stamp);
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
          : this.#keys.of(side, type, version ?? this.#keys.version) !== null
      );
      if (ready.length === 0) break;
      for (const { side, bytes, stamp } of ready) this.#packets(side, bytes, stamp);
    }
    const isHopeless = this.#session.agreed && (this.#host.keys?.isEmpty ?? true);
    if (this.#sealed.any && isHopeless) this.#unreadable();
  }

  #frames(side: Side, type: PacketType, { payload }: OpenedPacket, stamp: Stamp): void {
    const isContent = type === "application" || type === "early";
    const number = this.#begun();
    if (isContent) {
      this.#streams ??= new QuicStreams(this.#host, number);
      this.#streams.packet();
    }
    if (type === "application" && !this.#opened) {
      this.#opened = true;
      this.#describe();
    }
    const sink: FrameSink = {
      crypto: (offset, bytes) => this.#handshake.push(side, type, offset, bytes, stamp),
      stream: (id, offset, bytes, fin) => {
        if (isContent) this.#streams?.data(side, id, offset, bytes, fin, stamp);
      },
      reset: (id) => this.#streams?.reset(side, id, stamp),
      newId: (id) => {
        this.#keys.reachedBy(side, id.length);
        this.#known(id);
      },
      close: (...error) => {
        const message = closeMessage(side, ...error);
        if (message === null) return;
        this.#host.report(issue("warn", "protocol", message, stamp.packet));
      },
      blocked() {},
    };
    if (readFrames(payload, sink)) return;
    const message = `a QUIC packet of the ${side} has frames that are unknown or cut`;
    this.#host.report(issue("note", "undecoded", message, stamp.packet));
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
    this.#host.exchange({ ...NO_EXCHANGE, connection: this.#number ?? undefined });
  }

  #record() {
    const { facts } = this.#session;
    const { version, updates: keyUpdates } = this.#keys;
    const agreed = { ...facts, keyUpdates };
    return securityRecord(agreed, this.#opened, "QUIC", versionText(version));
  }

  #describe(): void {
    const found = this.#record();
    this.#host.security(found, this.#number);
    this.#streams?.describe(found);
  }
}
