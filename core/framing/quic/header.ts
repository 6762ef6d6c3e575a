import { u32be } from "../../bytes/integers.ts";

/** Versions of QUIC that are read. Source: RFC 9000 section 15, RFC 9369 section 3.1. */
export const QUIC_1 = 1, QUIC_2 = 0x6b3343cf;

/** Kinds of packets; each of the first four has its own keys. */
export type PacketType =
  | "initial"
  | "early"
  | "handshake"
  | "application"
  | "retry"
  | "negotiation"
  | "unknown";

/** Bytes of a connection id at most. Source: RFC 9000 section 17.2. */
export const MAX_ID = 20;

/** Fewest bytes of a client's first datagram. Source: RFC 9000 section 14.1. */
export const MIN_FIRST = 1200;

/** What stands before the protected part of a packet. */
export interface LongHeader {
  readonly type: PacketType;
  readonly version: number;
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  /** Where the packet number is. */
  readonly numberAt: number;
  /** Where the packet ends. */
  readonly end: number;
}

/** Types by the bits of the first byte, in both versions. */
const TYPES: Readonly<Record<number, readonly PacketType[]>> = {
  [QUIC_1]: ["initial", "early", "handshake", "retry"],
  [QUIC_2]: ["retry", "initial", "early", "handshake"],
};

/** Whether packets of a version can be read. */
export function isReadable(version: number): boolean {
  return TYPES[version] !== undefined;
}

/**
 * A variable-length integer and where it ends; null where it is not all there.
 *
 * Source: RFC 9000 section 16.
 */
export function readVarint(
  bytes: Uint8Array,
  at: number,
  end: number,
): readonly [value: number, next: number] | null {
  if (at >= end) return null;
  const first = bytes[at]!;
  const length = 1 << (first >> 6);
  if (at + length > end) return null;
  let value = first & 0x3f;
  for (let i = 1; i < length; i++) value = value * 256 + bytes[at + i]!;
  return [value, at + length];
}

/** Whether a long header stands at `at`: only those say their version. */
export function isLongHeader(bytes: Uint8Array, at: number): boolean {
  return (bytes[at]! & 0x80) !== 0;
}

/**
 * Reads a long header; null where it is cut or impossible. The fixed bit may be cleared.
 *
 * Source: RFC 9000 section 17.2, RFC 9369 section 3.2, RFC 9287.
 */
export function readLongHeader(
  bytes: Uint8Array,
  at: number,
  end: number,
): LongHeader | null {
  if (end - at < 7) return null;
  const version = u32be(bytes, at + 1);
  const destinationAt = at + 6;
  const sourceLengthAt = destinationAt + bytes[at + 5]!;
  if (sourceLengthAt >= end) return null;
  const sourceAt = sourceLengthAt + 1;
  const rest = sourceAt + bytes[sourceLengthAt]!;
  if (rest > end) return null;
  const head = {
    version,
    destination: bytes.slice(destinationAt, sourceLengthAt),
    source: bytes.slice(sourceAt, rest),
  };
  if (version === 0) return { ...head, type: "negotiation", numberAt: rest, end };
  const type = TYPES[version]?.[bytes[at]! >> 4 & 3];
  if (type === undefined) return { ...head, type: "unknown", numberAt: rest, end };
  if (head.destination.length > MAX_ID || head.source.length > MAX_ID) return null;
  if (type === "retry") return { ...head, type, numberAt: rest, end };
  let next = rest;
  if (type === "initial") {
    const token = readVarint(bytes, next, end);
    if (token === null || token[1] + token[0] > end) return null;
    next = token[1] + token[0];
  }
  const length = readVarint(bytes, next, end);
  if (length === null || length[1] + length[0] > end) return null;
  return { ...head, type, numberAt: length[1], end: length[1] + length[0] };
}
