import type { Pdu } from "../framing/pdu.ts";
import { decode, type Fields, type Kind } from "../schema/mod.ts";

/** The first fields of a payload and the bytes they take. */
export interface Prefix {
  readonly fields: Fields;
  readonly length: number;
}

interface Entry extends Prefix {
  readonly release: number;
  readonly bytes: Uint8Array;
}

/** Prefixes kept of one layout; further ones take the places of the oldest. */
const MOST = 16;

/**
 * Readings of the first fields of one layout's payloads by their bytes: the same bytes read as
 * the same fields, and comparing them costs less than reading them.
 */
export class PrefixCache {
  readonly #entries: Entry[] = [];
  #next = 0;

  /** Reads the first fields of a payload. */
  of(pdu: Pdu, kind: Kind<unknown>): Prefix {
    const { bytes, start, end, release } = pdu;
    for (const entry of this.#entries) {
      if (entry.release === release && begins(bytes, start, end, entry.bytes)) {
        return entry;
      }
    }
    const read = decode(kind, bytes, release, { start, end });
    const at = end - read.trailing;
    const entry = {
      fields: read.fields as Fields,
      length: at - start,
      release,
      bytes: bytes.slice(start, at),
    };
    // Bytes behind the prefix are reported as trailing, and are none.
    const problems = read.problems - (read.trailing > 0 ? 1 : 0);
    if (read.complete && problems === 0) {
      this.#entries[this.#next] = entry;
      this.#next = (this.#next + 1) % MOST;
    }
    return entry;
  }
}

function begins(
  bytes: Uint8Array,
  start: number,
  end: number,
  prefix: Uint8Array,
): boolean {
  const { length } = prefix;
  if (start + length > end) return false;
  // Names that are alike differ at their end.
  for (let at = length - 1; at >= 0; at--) {
    if (bytes[start + at] !== prefix[at]) return false;
  }
  return true;
}
