import type { Side } from "../../flow/mod.ts";
import {
  type AeadName,
  crypto,
  expandLabel,
  type HashName,
  hmac,
  openSealed,
} from "../tls/crypto.ts";
import { type CipherSuite, keyLength } from "../tls/suites.ts";
import { nonceOf } from "../tls/traffic_keys.ts";
import { QUIC_2 } from "./header.ts";

/** Salts of the first keys. Source: RFC 9001 section 5.2, RFC 9369 section 3.3.1. */
const SALT_1 = Uint8Array.fromHex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
const SALT_2 = Uint8Array.fromHex("0dede3def700a6db819381be6e269dcbf9bd2ed9");

/** Bytes of a packet that decide how its header is masked. */
const SAMPLE = 16;
/** Bytes a packet number may have at most; the sample begins behind so many. */
const MAX_NUMBER_LENGTH = 4;

/** A packet without its protection. */
export interface OpenedPacket {
  readonly number: number;
  /** The first byte without its mask. */
  readonly first: number;
  readonly payload: Uint8Array;
}

/** A packet whose header is without its mask. */
interface Unmasked {
  readonly first: number;
  readonly numberLength: number;
  readonly truncated: number;
  /** The header with its mask taken off, which the tag covers. */
  readonly header: Uint8Array;
}

/** The keys that seal the content of packets, from one key update to the next. */
interface ContentKeys {
  readonly secret: Uint8Array;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/**
 * Takes the protection off one side's packets of one kind. A key update is found by trying the
 * keys that follow where the key phase differs.
 *
 * Source: RFC 9001 sections 5 and 6, RFC 9369 section 3.3.
 */
export class PacketProtection {
  /** Key updates so far. */
  updates = 0;
  /** Highest packet number opened, or -1. */
  largest = -1;

  readonly #aead: AeadName;
  readonly #hash: HashName;
  readonly #prefix: string;
  readonly #mask: (sample: Uint8Array) => Uint8Array;
  #previous: ContentKeys | null = null;
  #current: ContentKeys;
  #next: ContentKeys | null = null;
  #phase = 0;

  constructor(secret: Uint8Array, version: number, aead: AeadName, hash: HashName) {
    this.#aead = aead;
    this.#hash = hash;
    this.#prefix = version === QUIC_2 ? "quicv2 " : "quic ";
    this.#current = this.#keysOf(secret);
    this.#mask = masker(
      aead,
      expandLabel(hash, secret, `${this.#prefix}hp`, keyLength(aead)),
    );
  }

  /**
   * Opens `bytes[at..end)`, of which the packet number is at `numberAt`; null where the tag
   * does not fit.
   */
  open(
    bytes: Uint8Array,
    at: number,
    numberAt: number,
    end: number,
  ): OpenedPacket | null {
    const unmasked = this.#unmask(bytes, at, numberAt, end);
    if (unmasked === null) return null;
    const { first, truncated, numberLength, header } = unmasked;
    const number = fullNumber(this.largest, truncated, numberLength);
    const isLong = (first & 0x80) !== 0;
    for (const keys of this.#candidates(isLong ? this.#phase : first >> 2 & 1)) {
      const nonce = nonceOf(keys.iv, number);
      const start = at + header.length;
      const { key } = keys;
      const payload = openSealed(this.#aead, key, nonce, header, bytes, start, end);
      if (payload === null) continue;
      if (keys === this.#next) this.#update(keys);
      this.largest = Math.max(this.largest, number);
      return { number, first, payload };
    }
    return null;
  }

  /**
   * The number of the packet with a short header that would begin at `at`, unproven; null where
   * its reserved bits say that there is none.
   */
  peek(bytes: Uint8Array, at: number, numberAt: number): number | null {
    const seen = this.seen(bytes, at, numberAt);
    return seen === null
      ? null
      : fullNumber(this.largest, seen.truncated, seen.numberLength);
  }

  /**
   * What the short header at `at` would say of the packet's number, unproven: its low bytes,
   * and after how many numbers these come again. Null where the reserved bits say that there
   * is no header.
   */
  seen(
    bytes: Uint8Array,
    at: number,
    numberAt: number,
  ): { truncated: number; numberLength: number; window: number } | null {
    const unmasked = this.#unmask(bytes, at, numberAt, bytes.length);
    if (unmasked === null || (unmasked.first & 0x98) !== 0) return null;
    const { truncated, numberLength } = unmasked;
    return { truncated, numberLength, window: 256 ** numberLength };
  }

  #unmask(
    bytes: Uint8Array,
    at: number,
    numberAt: number,
    end: number,
  ): Unmasked | null {
    const sampleAt = numberAt + MAX_NUMBER_LENGTH;
    if (sampleAt + SAMPLE > end) return null;
    const mask = this.#mask(bytes.subarray(sampleAt, sampleAt + SAMPLE));
    const isLong = (bytes[at]! & 0x80) !== 0;
    const first = bytes[at]! ^ mask[0]! & (isLong ? 0x0f : 0x1f);
    const numberLength = (first & 3) + 1;
    const header = bytes.slice(at, numberAt + numberLength);
    header[0] = first;
    let truncated = 0;
    for (let i = 0; i < numberLength; i++) {
      const place = numberAt - at + i;
      header[place]! ^= mask[1 + i]!;
      truncated = truncated * 256 + header[place]!;
    }
    return { first, numberLength, truncated, header };
  }

  /** The keys that a key phase may mean. */
  #candidates(phase: number): ContentKeys[] {
    if (phase === this.#phase) return [this.#current];
    const { secret } = this.#current;
    this.#next ??= this.#keysOf(
      expandLabel(this.#hash, secret, `${this.#prefix}ku`, secret.length),
    );
    return this.#previous === null ? [this.#next] : [this.#previous, this.#next];
  }

  #update(keys: ContentKeys): void {
    this.#previous = this.#current;
    this.#current = keys;
    this.#next = null;
    this.#phase ^= 1;
    this.updates++;
  }

  #keysOf(secret: Uint8Array): ContentKeys {
    const [hash, prefix] = [this.#hash, this.#prefix];
    return {
      secret,
      key: expandLabel(hash, secret, `${prefix}key`, keyLength(this.#aead)),
      iv: expandLabel(hash, secret, `${prefix}iv`, 12),
    };
  }
}

/** How headers are masked. Source: RFC 9001 sections 5.4.3 and 5.4.4. */
function masker(aead: AeadName, key: Uint8Array): (sample: Uint8Array) => Uint8Array {
  if (aead === "chacha20-poly1305") {
    const zeros = new Uint8Array(5);
    return (sample) => crypto().createCipheriv("chacha20", key, sample).update(zeros);
  }
  const name = aead === "aes-128-gcm" ? "aes-128-ecb" : "aes-256-ecb";
  const cipher = crypto().createCipheriv(name, key, null).setAutoPadding(false);
  return (sample) => cipher.update(sample);
}

/**
 * The packet number whose low bytes are known, nearest to the one expected next.
 *
 * Source: RFC 9000 appendix A.3.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(fullNumber(0xa82f30ea, 0x9b32, 2), 0xa82f9b32);
 * ```
 */
export function fullNumber(largest: number, truncated: number, length: number): number {
  const window = 256 ** length;
  const expected = largest + 1;
  const candidate = expected - expected % window + truncated;
  if (candidate <= expected - window / 2) return candidate + window;
  return candidate > expected + window / 2 && candidate >= window
    ? candidate - window
    : candidate;
}

/** The protection of a side's Initial packets, of which everybody knows the keys. */
export function initialProtection(
  version: number,
  id: Uint8Array,
  side: Side,
): PacketProtection {
  const initial = hmac("sha256", version === QUIC_2 ? SALT_2 : SALT_1, id);
  const label = side === "client" ? "client in" : "server in";
  const secret = expandLabel("sha256", initial, label, 32);
  return new PacketProtection(secret, version, "aes-128-gcm", "sha256");
}

/** The protection of a side's other packets; null where the suite is not supported. */
export function protectionOf(
  { aead, hash }: CipherSuite,
  version: number,
  secret: Uint8Array,
): PacketProtection | null {
  return aead === null ? null : new PacketProtection(secret, version, aead, hash);
}
