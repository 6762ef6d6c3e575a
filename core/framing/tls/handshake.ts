import { decodeText } from "../../bytes/cursor.ts";
import { concat } from "../../bytes/copy.ts";
import { VectorReader } from "./vectors.ts";

/** Types of handshake messages that are read. Source: RFC 8446 section 4, RFC 5246 section 7.4. */
export const HANDSHAKE = Object.freeze({
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  endOfEarlyData: 5,
  encryptedExtensions: 8,
  certificate: 11,
  finished: 20,
  keyUpdate: 24,
});

/** Protocol versions by their number on the wire. */
export const TLS_1_2 = 0x0303, TLS_1_3 = 0x0304;

/** What a ClientHello says. */
export interface ClientHello {
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly suites: readonly number[];
  /** Name of the server that is wanted, or null. */
  readonly serverName: string | null;
  readonly alpn: readonly string[];
  /** Highest version offered. */
  readonly version: number;
  readonly earlyData: boolean;
}

/** What a ServerHello says. */
export interface ServerHello {
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly suite: number;
  readonly version: number;
  readonly alpn: string | null;
  /** It is a HelloRetryRequest. */
  readonly retry: boolean;
  /** The server took a pre-shared key: the session is resumed. */
  readonly preShared: boolean;
}

const EXTENSION = {
  serverName: 0,
  alpn: 16,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
};

/** Source: RFC 8446 section 4.1.3. */
const RETRY_RANDOM = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";

/**
 * Reads the body of a ClientHello; null where it is none.
 *
 * Source: RFC 8446 section 4.1.2, RFC 6066 section 3, RFC 7301 section 3.1.
 */
export function readClientHello(body: Uint8Array): ClientHello | null {
  const reader = new VectorReader(body);
  const legacyVersion = reader.u16();
  const random = reader.take(32).slice();
  const sessionId = reader.vector(1).slice();
  const suites = numbers(reader.vector(2));
  reader.vector(1); // compression methods
  if (reader.short) return null;
  const extensions = readExtensions(reader);
  const versions = new VectorReader(extensions.get(EXTENSION.supportedVersions) ?? none);
  const offered = numbers(versions.vector(1)).filter(isVersion);
  return {
    random,
    sessionId,
    suites,
    serverName: readServerName(extensions.get(EXTENSION.serverName)),
    alpn: readAlpn(extensions.get(EXTENSION.alpn)),
    version: Math.max(legacyVersion, ...offered),
    earlyData: extensions.has(EXTENSION.earlyData),
  };
}

/**
 * Reads the body of a ServerHello; null where it is none.
 *
 * Source: RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3.
 */
export function readServerHello(body: Uint8Array): ServerHello | null {
  const reader = new VectorReader(body);
  const legacyVersion = reader.u16();
  const random = reader.take(32).slice();
  const sessionId = reader.vector(1).slice();
  const suite = reader.u16();
  reader.u8(); // compression method
  if (reader.short) return null;
  const extensions = readExtensions(reader);
  const selected = extensions.get(EXTENSION.supportedVersions);
  return {
    random,
    sessionId,
    suite,
    version: selected === undefined ? legacyVersion : new VectorReader(selected).u16(),
    alpn: readAlpn(extensions.get(EXTENSION.alpn))[0] ?? null,
    retry: random.toHex() === RETRY_RANDOM,
    preShared: extensions.has(EXTENSION.preSharedKey),
  };
}

/** What EncryptedExtensions say. Source: RFC 8446 section 4.3.1. */
export function readEncryptedExtensions(
  body: Uint8Array,
): { alpn: string | null; earlyData: boolean } {
  const extensions = readExtensions(new VectorReader(body));
  return {
    alpn: readAlpn(extensions.get(EXTENSION.alpn))[0] ?? null,
    earlyData: extensions.has(EXTENSION.earlyData),
  };
}

/**
 * The first certificate of a Certificate message, in DER; null where there is none.
 *
 * Source: RFC 8446 section 4.4.2, RFC 5246 section 7.4.2.
 */
export function firstCertificate(body: Uint8Array, version: number): Uint8Array | null {
  const reader = new VectorReader(body);
  if (version >= TLS_1_3) reader.vector(1); // request context
  const certificate = new VectorReader(reader.vector(3)).vector(3);
  return certificate.length === 0 ? null : certificate;
}

/** The name of a version: `1.3`. */
export function versionName(version: number): string {
  return version >= 0x0301 && version <= TLS_1_3
    ? `1.${version - 0x0301}`
    : `0x${version.toString(16).padStart(4, "0")}`;
}

const none = new Uint8Array(0);

function readExtensions(reader: VectorReader): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const list = new VectorReader(reader.vector(2));
  while (list.remaining > 0) {
    const type = list.u16();
    const data = list.vector(2);
    if (list.short) break;
    found.set(type, data);
  }
  return found;
}

function readServerName(data: Uint8Array | undefined): string | null {
  if (data === undefined) return null;
  const names = new VectorReader(new VectorReader(data).vector(2));
  if (names.u8() !== 0) return null;
  const name = names.vector(2);
  return name.length === 0 ? null : decodeText(name).text;
}

function readAlpn(data: Uint8Array | undefined): string[] {
  const list = new VectorReader(new VectorReader(data ?? none).vector(2));
  const names: string[] = [];
  while (list.remaining > 0) names.push(decodeText(list.vector(1)).text);
  return names;
}

function numbers(bytes: Uint8Array): number[] {
  const reader = new VectorReader(bytes);
  const list: number[] = [];
  while (reader.remaining >= 2) list.push(reader.u16());
  return list;
}

/** Not one of the values that are offered so that servers keep ignoring them. Source: RFC 8701. */
function isVersion(number: number): boolean {
  return (number & 0x0f0f) !== 0x0a0a;
}

/** Longest handshake message that is put together, in bytes. */
const MAX_MESSAGE = 128 * 1024;

/** Puts handshake messages together from the records, or CRYPTO frames, that they come in. */
export class HandshakeReader {
  #parts: Uint8Array[] = [];
  #length = 0;
  /** Bytes that must be there for the next step. */
  #needed = 4;
  #lost = false;

  /** Takes the next bytes; tells of each message that is whole now, its body as a view. */
  push(bytes: Uint8Array, message: (type: number, body: Uint8Array) => void): void {
    if (this.#lost) return;
    this.#parts.push(bytes.slice());
    this.#length += bytes.length;
    while (this.#length >= this.#needed) {
      const joined = concat(this.#parts);
      this.#needed = 4 + (joined[1]! << 16 | joined[2]! << 8 | joined[3]!);
      if (this.#needed > MAX_MESSAGE) return this.lose();
      this.#parts = [joined];
      if (joined.length < this.#needed) return;
      message(joined[0]!, joined.subarray(4, this.#needed));
      this.#keep(joined.subarray(this.#needed));
    }
  }

  /** Bytes are missing: messages cannot be told apart until keys change. */
  lose(): void {
    this.#lost = true;
    this.#keep(none);
  }

  /** Keys changed, where a message begins. */
  reset(): void {
    this.#lost = false;
    this.#keep(none);
  }

  #keep(rest: Uint8Array): void {
    this.#parts = [rest];
    this.#length = rest.length;
    this.#needed = 4;
  }
}
