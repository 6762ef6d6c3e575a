import type { Side, Stamp } from "../../flow/mod.ts";
import {
  type ClientHello,
  firstCertificate,
  HANDSHAKE,
  HandshakeReader,
  readClientHello,
  readEncryptedExtensions,
  readServerHello,
  type ServerHello,
  TLS_1_3,
} from "./handshake.ts";
import type { SecretLabel, SecretStore } from "./key_log.ts";
import { HASH_LENGTHS } from "./crypto.ts";
import { cipherSuite } from "./suites.ts";
import { masterKeys, type TrafficKeys, trafficKeys } from "./traffic_keys.ts";

/** What a handshake agreed on, as far as it was seen. */
export interface TlsFacts {
  version: number | null;
  /** Number of the cipher suite. */
  suite: number | null;
  serverName: string | null;
  /** The protocol agreed on, or those offered while nothing is agreed. */
  alpn: readonly string[];
  resumed: boolean;
  /** The server sent a HelloRetryRequest. */
  retried: boolean;
  earlyData: "offered" | "accepted" | "rejected" | null;
  keyUpdates: number;
  renegotiations: number;
  /** The server's certificate in DER. */
  certificate: Uint8Array | null;
}

/** Names of the keys that a side's records may be sealed with, in the order they come. */
const EPOCHS = ["early", "handshake", "application"] as const;

/** Which of a side's keys are meant. */
export type Epoch = typeof EPOCHS[number];

/**
 * One TLS handshake as both sides' messages tell it, and the secrets that belong to it. QUIC
 * uses it without records.
 *
 * Source: RFC 8446 sections 4 and 7, RFC 5246 section 7.4.
 */
export class TlsSession {
  readonly facts: TlsFacts = {
    version: null,
    suite: null,
    serverName: null,
    alpn: [],
    resumed: false,
    retried: false,
    earlyData: null,
    keyUpdates: 0,
    renegotiations: 0,
    certificate: null,
  };
  readonly #secrets: SecretStore | null;
  #readers: Map<string, HandshakeReader> | null = null;
  /** The hellos were not captured; session and suite were found by trying. */
  #assumed = false;
  #client: Pick<ClientHello, "random" | "sessionId"> | null = null;
  #server: Pick<ServerHello, "random" | "suite"> | null = null;
  /** Told of each message with its type. */
  readonly #message: (side: Side, type: number, stamp: Stamp) => void;

  constructor(
    secrets: SecretStore | null,
    message: (side: Side, type: number, stamp: Stamp) => void = () => {},
  ) {
    this.#secrets = secrets;
    this.#message = message;
  }

  /** A ClientHello was seen, so that its secrets can be found. */
  get begun(): boolean {
    return this.#client !== null;
  }

  /** Both hellos were seen: version and suite are settled. */
  get agreed(): boolean {
    return this.#server !== null;
  }

  /** A hello was not captured, and what it would have said was found by trying. */
  get assumed(): boolean {
    return this.#assumed;
  }

  /** The random of the ClientHello, by which its secrets are found; null while unknown. */
  get random(): Uint8Array | null {
    return this.#client?.random ?? null;
  }

  /** Takes a session for this one, as its keys opened a record. */
  assume(random: Uint8Array, suite: number): void {
    this.#assumed = true;
    this.#client ??= { random, sessionId: NONE };
    this.#server ??= { random: NONE, suite };
    this.facts.version ??= TLS_1_3;
    this.facts.suite = suite;
  }

  /** Takes bytes of a side's handshake messages; QUIC has a flow of them for each `level`. */
  handshake(side: Side, bytes: Uint8Array, stamp: Stamp, level = ""): void {
    this.#readerOf(side, level).push(bytes, (type, body) => {
      this.#take(side, type, body);
      this.#message(side, type, stamp);
    });
  }

  /** A side's keys changed: a message begins at the next bytes. */
  keysChanged(side: Side, level = ""): void {
    this.#readerOf(side, level).reset();
  }

  /** Bytes of a side's handshake messages are lost. */
  lost(side: Side): void {
    this.#readerOf(side).lose();
  }

  #readerOf(side: Side, level = ""): HandshakeReader {
    const key = side + level;
    this.#readers ??= new Map();
    let reader = this.#readers.get(key);
    if (reader === undefined) this.#readers.set(key, reader = new HandshakeReader());
    return reader;
  }

  /** A secret of this session; null where none is known (yet). */
  secret(label: SecretLabel): Uint8Array | null {
    return this.#client === null
      ? null
      : this.#secrets?.find(this.#client.random, label) ?? null;
  }

  /**
   * The keys of TLS 1.3 that a side uses in an epoch; null where none are known (yet). Early
   * data that is accepted is sealed by the suite that is then agreed on.
   */
  keys13(side: Side, epoch: Epoch): TrafficKeys | null {
    const [client, server] = [this.#client, this.#server];
    if (client === null || server === null) return null;
    return keysOf13(this.secret(secretLabel(side, epoch)), server.suite);
  }

  /**
   * The keys of TLS 1.2 that a side uses from its ChangeCipherSpec on.
   *
   * @param random The ClientHello's; where that was not captured, one to try.
   */
  keys12(side: Side, random: Uint8Array | null = this.random): TrafficKeys | null {
    const server = this.#server;
    if (random === null || server === null) return null;
    const master = this.secret("CLIENT_RANDOM") ??
      this.#secrets?.peek(random, "CLIENT_RANDOM") ?? null;
    if (master === null) return null;
    const suite = cipherSuite(server.suite);
    const randoms = { client: random, server: server.random };
    return suite.aead === null
      ? null
      : masterKeys(suite, suite.aead, master, randoms)[side];
  }

  #take(side: Side, type: number, body: Uint8Array): void {
    if (side === "client") {
      if (type === HANDSHAKE.clientHello) this.#clientHello(readClientHello(body));
    } else if (type === HANDSHAKE.serverHello) this.#serverHello(readServerHello(body));
    else if (type === HANDSHAKE.encryptedExtensions) this.#extensions(body);
    else if (type === HANDSHAKE.certificate) {
      const { version } = this.facts;
      this.facts.certificate = firstCertificate(body, version ?? TLS_1_3)?.slice() ??
        null;
      this.facts.resumed = false;
    }
    if (type === HANDSHAKE.keyUpdate) this.facts.keyUpdates++;
  }

  #clientHello(hello: ClientHello | null): void {
    if (hello === null) return;
    const { facts } = this;
    // The second one after a HelloRetryRequest has the same random.
    const isFirst = this.#client === null;
    this.#client = hello;
    facts.serverName = hello.serverName;
    facts.alpn = hello.alpn;
    if (hello.earlyData) facts.earlyData = "offered";
    if (isFirst || this.#server === null) return;
    facts.renegotiations++;
    this.#server = null;
  }

  #serverHello(hello: ServerHello | null): void {
    if (hello === null) return;
    const { facts } = this;
    facts.version = hello.version;
    facts.suite = hello.suite;
    if (hello.retry) {
      facts.retried = true;
      if (facts.earlyData !== null) facts.earlyData = "rejected";
      return;
    }
    this.#server = hello;
    const { sessionId } = hello;
    const isKnown = sessionId.length > 0 &&
      this.#client?.sessionId.toHex() === sessionId.toHex();
    facts.resumed = hello.version >= TLS_1_3 ? hello.preShared : isKnown;
    if (hello.version < TLS_1_3) facts.alpn = hello.alpn === null ? [] : [hello.alpn];
    if (!facts.resumed && facts.earlyData !== null) facts.earlyData = "rejected";
  }

  #extensions(body: Uint8Array): void {
    const { facts } = this;
    const { alpn, earlyData } = readEncryptedExtensions(body);
    facts.alpn = alpn === null ? [] : [alpn];
    if (facts.earlyData !== null) facts.earlyData = earlyData ? "accepted" : "rejected";
  }
}

const NONE = new Uint8Array(0);

/**
 * The keys of TLS 1.3 that a suite makes of a secret; null where there is none, or it has
 * another length than the suite's have.
 */
export function keysOf13(
  secret: Uint8Array | null,
  suiteNumber: number,
): TrafficKeys | null {
  const suite = cipherSuite(suiteNumber);
  if (secret === null || suite.aead === null) return null;
  if (secret.length !== HASH_LENGTHS[suite.hash]) return null;
  return trafficKeys(suite, suite.aead, secret);
}

/** The label of the secret that a side's keys of an epoch are made of. */
export function secretLabel(side: Side, epoch: Epoch): SecretLabel {
  if (epoch === "early") return "CLIENT_EARLY_TRAFFIC_SECRET";
  const who = side === "client" ? "CLIENT" : "SERVER";
  return epoch === "handshake"
    ? `${who}_HANDSHAKE_TRAFFIC_SECRET`
    : `${who}_TRAFFIC_SECRET_0`;
}
