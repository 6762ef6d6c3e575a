import type { Opening } from "./framing.ts";
import { isTls } from "./tls/record_reader.ts";

const latin1 = new TextDecoder("latin1");

/** A protocol that is no framing's, and how it is told by the first bytes. */
interface OtherProtocol {
  readonly name: string;
  /** Tells by the client's first bytes. */
  readonly client?: RegExp;
  /** Tells by the server's first bytes. */
  readonly server?: RegExp;
  /** Tells by the client's first 16 bytes, as hex. */
  readonly hex?: RegExp;
  /** The same of the server. */
  readonly serverHex?: RegExp;
  readonly test?: (opening: Opening) => boolean;
}

/**
 * Protocols that are met on servers' ports.
 *
 * Source: RFC 9112 section 3, RFC 9113 section 3.4, RFC 4253 section 4.2, RESP of Redis,
 * MQTT 3.1.1 section 3.1, AMQP 0-9-1 section 4.2.2, NATS client protocol, Kafka's protocol
 * guide, PostgreSQL's and MySQL's connection phase, MongoDB's wire protocol, Cassandra's
 * native protocol v4 section 2, HAProxy's PROXY protocol.
 */
const PROTOCOLS: readonly OtherProtocol[] = [
  { name: "TLS", test: ({ client }) => isTls(client) },
  {
    name: "plain text from the client to a TLS server",
    test: ({ server }) => isTls(server),
  },
  { name: "PROXY protocol", client: /^(PROXY (TCP[46]|UNKNOWN)|\r\n\r\n\0\r\nQUIT\n)/ },
  { name: "HTTP/2", client: /^PRI \* HTTP\/2\.0\r\n/ },
  { name: "HTTP/1.1", client: /^[A-Z]{3,10} [^ \r\n]{1,8000} HTTP\/1\.1\r\n/ },
  { name: "HTTP/1.0", client: /^[A-Z]{3,10} [^ \r\n]{1,8000} HTTP\/1\.0\r\n/ },
  { name: "HTTP/1.1", server: /^HTTP\/1\.1 \d{3}/ },
  { name: "HTTP/1.0", server: /^HTTP\/1\.0 \d{3}/ },
  { name: "HTTP/2", serverHex: /^00[0-4]...040000000000/ },
  { name: "SSH", server: /^SSH-\d/ },
  { name: "SSH", client: /^SSH-\d/ },
  { name: "Redis", client: /^\*\d{1,7}\r\n\$\d{1,9}\r\n/ },
  {
    name: "Redis",
    server: /^(\+OK|\+PONG|-ERR [^\r]*|\$\d{1,9}|:\d{1,19}|\*\d{1,7})\r\n/,
  },
  { name: "MQTT", hex: /^10(..){1,4}00044d515454/ },
  { name: "AMQP", hex: /^414d5150(00|02|03)/ },
  { name: "NATS", server: /^INFO \{/ },
  { name: "PostgreSQL", hex: /^0000....0003000[0-9]/ },
  { name: "PostgreSQL", hex: /^0000000804d216(2f|30)/ },
  { name: "MySQL", serverHex: /^....00000a(3\d){1,2}2e3\d/ },
  { name: "MongoDB", hex: /^.{24}(dd07|d407)0000/ },
  { name: "Cassandra", hex: /^0[345]000000(01|05)0000/ },
  { name: "SMTP", server: /^220[ -][^\r\n]*SMTP/i },
  { name: "FTP", server: /^220[ -][^\r\n]*FTP/i },
  { name: "IMAP", server: /^\* OK [^\r\n]*IMAP/i },
  { name: "Kafka", test: ({ client }) => isKafka(client) },
  { name: "plain text", test: ({ client, server }) => isText(client) && isText(server) },
];

/**
 * The name of a protocol that no framing knows, by its first bytes; null where it is none of
 * those that are told apart.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const client = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
 * const server = new Uint8Array();
 * const opening = { client, server, fromStart: true, expected: false, ended: true };
 * assertEquals(nameProtocol(opening), "HTTP/1.1");
 * ```
 */
export function nameProtocol(opening: Opening): string | null {
  const client = latin1.decode(opening.client);
  const hex = opening.client.subarray(0, 16).toHex();
  const server = latin1.decode(opening.server);
  const serverHex = opening.server.subarray(0, 16).toHex();
  return PROTOCOLS.find((protocol) =>
    protocol.test?.(opening) || protocol.client?.test(client) ||
    protocol.server?.test(server) || protocol.hex?.test(hex) ||
    protocol.serverHex?.test(serverHex)
  )?.name ?? null;
}

/**
 * Whether bytes begin with a Kafka request: its length, an API key and version that exist, a
 * correlation id and the client's name.
 */
function isKafka(bytes: Uint8Array): boolean {
  if (bytes.length < 14) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const name = view.getInt16(12);
  return view.getInt32(0) >= 10 && view.getInt32(0) < 1 << 27 &&
    view.getInt16(4) >= 0 && view.getInt16(4) <= 100 &&
    view.getInt16(6) >= 0 && view.getInt16(6) <= 20 &&
    name >= -1 && name <= Math.min(255, view.getInt32(0) - 10) &&
    isText(bytes.subarray(14, 14 + Math.max(0, name)));
}

/** Whether bytes, maybe none, are printable ASCII and line ends. */
function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 32 && byte < 127 || byte >= 9 && byte <= 13);
}
