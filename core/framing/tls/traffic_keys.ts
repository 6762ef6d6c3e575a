import {
  type AeadName,
  crypto,
  expandLabel,
  openSealed,
  pseudoRandom,
  TAG_LENGTH,
} from "./crypto.ts";
import { HEADER_LENGTH, RECORD } from "./record_reader.ts";
import { type CipherSuite, keyLength } from "./suites.ts";

/** What a sealed record holds. */
export interface Opened {
  /** The record's true type. */
  readonly type: number;
  readonly content: Uint8Array;
}

/** The keys by which one side seals its records, from one change of keys to the next. */
export interface TrafficKeys {
  /** Bytes that a record has beside its content, unless it is padded. */
  readonly overhead: number;
  /** Opens the record of a number; null where the tag does not fit. */
  open(record: Uint8Array, number: number): Opened | null;
  /**
   * Those of `count` numbers from `from` on by which the record's last byte would be a content
   * type: of 256 about three. Without meaning before TLS 1.3, where none is given.
   */
  plausible(record: Uint8Array, from: number, count: number): number[];
  /** The keys after a KeyUpdate; null where the version has none. */
  next(): TrafficKeys | null;
}

/**
 * Keys of TLS 1.3 from a traffic secret.
 *
 * Source: RFC 8446 sections 5.2, 5.3, 7.2 and 7.3.
 */
export function trafficKeys(
  { hash }: CipherSuite,
  aead: AeadName,
  secret: Uint8Array,
): TrafficKeys {
  const key = expandLabel(hash, secret, "key", keyLength(aead));
  const iv = expandLabel(hash, secret, "iv", 12);
  return {
    overhead: HEADER_LENGTH + 1 + TAG_LENGTH,
    open(record, number) {
      if (record[0] !== RECORD.applicationData) return null;
      const header = record.subarray(0, HEADER_LENGTH);
      const nonce = nonceOf(iv, number);
      const inner = openSealed(
        aead,
        key,
        nonce,
        header,
        record,
        HEADER_LENGTH,
        record.length,
      );
      if (inner === null) return null;
      // The type stands behind the content, before the padding of zeros.
      let end = inner.length;
      while (end > 0 && inner[end - 1] === 0) end--;
      return {
        type: inner[end - 1] ?? 0,
        content: inner.subarray(0, Math.max(0, end - 1)),
      };
    },
    plausible(record, from, count) {
      const at = record.length - TAG_LENGTH - 1 - HEADER_LENGTH;
      if (at < 0) return [];
      const stream = keystreamAt(aead, key, iv, at, from, count);
      const sealed = record[HEADER_LENGTH + at]!;
      const found: number[] = [];
      for (let i = 0; i < count; i++) {
        const type = sealed ^ stream[i]!;
        if (type >= RECORD.alert && type <= RECORD.applicationData) found.push(from + i);
      }
      return found;
    },
    next() {
      const updated = expandLabel(hash, secret, "traffic upd", secret.length);
      return trafficKeys({ name: "", aead, hash }, aead, updated);
    },
  };
}

/** The randoms of a handshake of TLS 1.2. */
export interface Randoms {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
}

/**
 * Keys of both sides of TLS 1.2 from a master secret.
 *
 * Source: RFC 5246 section 6.3, RFC 5288 section 3, RFC 7905 section 2.
 */
export function masterKeys(
  { hash }: CipherSuite,
  aead: AeadName,
  master: Uint8Array,
  randoms: Randoms,
): Readonly<Record<"client" | "server", TrafficKeys>> {
  const length = keyLength(aead);
  const ivLength = aead === "chacha20-poly1305" ? 12 : 4;
  const seed = [randoms.server, randoms.client];
  const block = pseudoRandom(
    hash,
    master,
    "key expansion",
    seed,
    2 * (length + ivLength),
  );
  const keysOf = (side: 0 | 1) => {
    const iv = 2 * length + side * ivLength;
    return recordKeys(
      aead,
      block.subarray(side * length, (side + 1) * length),
      block.subarray(iv, iv + ivLength),
    );
  };
  return { client: keysOf(0), server: keysOf(1) };
}

/** Source: RFC 5246 section 6.2.3.3. */
function recordKeys(aead: AeadName, key: Uint8Array, iv: Uint8Array): TrafficKeys {
  // AES-GCM sends the part of its nonce that changes.
  const explicit = iv.length === 4 ? 8 : 0;
  const overhead = HEADER_LENGTH + explicit + TAG_LENGTH;
  return {
    overhead,
    open(record, number) {
      const length = record.length - overhead;
      if (length < 0) return null;
      const start = HEADER_LENGTH + explicit;
      const additional = new Uint8Array(8 + HEADER_LENGTH);
      putNumber(additional, 0, number);
      additional.set(record.subarray(0, 3), 8);
      additional[11] = length >> 8;
      additional[12] = length & 0xff;
      const nonce = explicit === 0 ? nonceOf(iv, number) : new Uint8Array(12);
      if (explicit > 0) {
        nonce.set(iv);
        nonce.set(record.subarray(HEADER_LENGTH, start), 4);
      }
      const content = openSealed(
        aead,
        key,
        nonce,
        additional,
        record,
        start,
        record.length,
      );
      return content === null ? null : { type: record[0]!, content };
    },
    plausible: () => [],
    next: () => null,
  };
}

/** An initialisation vector with a number worked into its end. Source: RFC 8446 section 5.3. */
export function nonceOf(iv: Uint8Array, number: number): Uint8Array {
  const counter = new Uint8Array(iv.length);
  putNumber(counter, iv.length - 8, number);
  for (let i = 0; i < iv.length; i++) counter[i]! ^= iv[i]!;
  return counter;
}

/**
 * The byte at `at` of what each of `count` records from a number on is sealed with.
 *
 * Source: NIST SP 800-38D section 7.1; RFC 8439 sections 2.4 and 2.8.
 */
function keystreamAt(
  aead: AeadName,
  key: Uint8Array,
  iv: Uint8Array,
  at: number,
  from: number,
  count: number,
): Uint8Array {
  const found = new Uint8Array(count);
  if (aead === "chacha20-poly1305") {
    const block = new Uint8Array(at % 64 + 1);
    for (let i = 0; i < count; i++) {
      const start = new Uint8Array(16);
      // The first block makes the key of the tag.
      new DataView(start.buffer).setUint32(0, 1 + (at >> 6), true);
      start.set(nonceOf(iv, from + i), 4);
      found[i] = crypto().createCipheriv("chacha20", key, start).update(block).at(-1)!;
    }
    return found;
  }
  const blocks = new Uint8Array(16 * count);
  const view = new DataView(blocks.buffer);
  for (let i = 0; i < count; i++) {
    blocks.set(nonceOf(iv, from + i), 16 * i);
    view.setUint32(16 * i + 12, 2 + (at >> 4));
  }
  const name = aead === "aes-128-gcm" ? "aes-128-ecb" : "aes-256-ecb";
  const cipher = crypto().createCipheriv(name, key, null).setAutoPadding(false);
  const stream = cipher.update(blocks);
  for (let i = 0; i < count; i++) found[i] = stream[16 * i + (at & 15)]!;
  return found;
}

function putNumber(bytes: Uint8Array, at: number, number: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(at, BigInt(number));
}
