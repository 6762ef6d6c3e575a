const FIRST_RECORD_TYPE = 0x14;
const LAST_RECORD_TYPE = 0x18;
const MAX_RECORD = (1 << 14) + 2048;

/**
 * Whether bytes open with a TLS record of version 1.0 to 1.3, as a handshake begins and as
 * segments of a conversation under way mostly do.
 *
 * Source: RFC 8446 section 5.1.
 */
export function isTls(bytes: Uint8Array): boolean {
  if (bytes.length < 5) return false;
  const length = bytes[3]! << 8 | bytes[4]!;
  return bytes[0]! >= FIRST_RECORD_TYPE && bytes[0]! <= LAST_RECORD_TYPE &&
    bytes[1] === 3 && bytes[2]! <= 4 && length > 0 && length <= MAX_RECORD;
}
