import { isLongHeader } from "./header.ts";
import type { OpenedPacket, PacketProtection } from "./protection.ts";

/** Places tried for the next packet of a datagram of several: an id hardly comes by chance. */
const MAX_TRIES = 4;
/** Shortest packet that a datagram of several is searched for. */
const MIN_SEGMENT = 21;
/** Lengths of all packets but the last that a network card is told to part a datagram into. */
const MIN_OFFLOADED = 1200, MAX_OFFLOADED = 1500;
/** Bytes of an id that hardly comes about by chance. */
const MIN_ID = 4;

/** The first of several packets with short headers, and where the next one begins. */
interface First {
  readonly opened: OpenedPacket;
  readonly next: number;
}

/**
 * Opens the first of several packets that a network card was to part a datagram into, which
 * begins at `at` with an id of `idLength` bytes. Nothing says where it ends: that is sought by
 * what the next packet begins with, and its tag proves it. Null where it is not found.
 */
export function openFirst(
  protection: PacketProtection,
  bytes: Uint8Array,
  at: number,
  idLength: number,
): First | null {
  const numberAt = at + 1 + idLength;
  const ends = idLength < MIN_ID
    ? endsByNumber(protection, bytes, at, numberAt)
    : endsById(bytes, at, numberAt);
  let tries = 0;
  for (const next of ends) {
    if (++tries > MAX_TRIES) return null;
    const opened = protection.open(bytes, at, numberAt, next);
    if (opened !== null) return { opened, next };
  }
  return null;
}

/** Where the id stands again, with which the next packet begins. */
function* endsById(bytes: Uint8Array, at: number, numberAt: number): Iterable<number> {
  const id = bytes.subarray(at + 1, numberAt);
  for (let next = at + MIN_SEGMENT; next < bytes.length - MIN_SEGMENT; next++) {
    if (!isLongHeader(bytes, next) && isAt(bytes, next + 1, id)) yield next;
  }
}

/** Where, of packets of one length, the next one has the number after this one's. */
function* endsByNumber(
  protection: PacketProtection,
  bytes: Uint8Array,
  at: number,
  numberAt: number,
): Iterable<number> {
  const number = protection.peek(bytes, at, numberAt);
  if (number === null) return;
  const last = Math.min(MAX_OFFLOADED, bytes.length - at - MIN_SEGMENT);
  for (let length = MIN_OFFLOADED; length <= last; length++) {
    const next = at + length;
    if (isLongHeader(bytes, next)) continue;
    if (protection.peek(bytes, next, numberAt + length) === number + 1) yield next;
  }
}

function isAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return at + wanted.length <= bytes.length;
}
