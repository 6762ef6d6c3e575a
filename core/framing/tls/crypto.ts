type Crypto = typeof import("node:crypto");

let loaded: Crypto | null = null;

/**
 * Node's crypto library, loaded when first asked for: most captures hold nothing sealed, and
 * loading it takes longer than starting.
 *
 * @internal
 */
export function crypto(): Crypto {
  return loaded ??= globalThis.process.getBuiltinModule("node:crypto");
}

/** The hash of a cipher suite, which its key schedule and its Finished messages use. */
export type HashName = "sha256" | "sha384";

/** Bytes of a {@link HashName}, which secrets of TLS 1.3 have too. */
export const HASH_LENGTHS: Readonly<Record<HashName, number>> = {
  sha256: 32,
  sha384: 48,
};

/** Ciphers with authentication that {@link openSealed} opens. */
export type AeadName = "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";

/** Bytes of the tag that ends sealed bytes, for every {@link AeadName}. */
export const TAG_LENGTH = 16;

/**
 * Opens `bytes[start..end)`, of which the last 16 bytes are the tag. Null where the tag does
 * not fit: wrong keys, wrong number, or forged bytes; nothing of them is given out then.
 *
 * @param nonce 12 bytes, the number of the record or packet worked in.
 * @param additional What is authenticated without being sealed.
 *
 * Source: RFC 5116, RFC 8439.
 */
export function openSealed(
  aead: AeadName,
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | null {
  const tag = end - TAG_LENGTH;
  if (tag < start) return null;
  // Types of node:crypto ask for one of the names by an overload each.
  const decipher = crypto().createDecipheriv(aead as "aes-128-gcm", key, nonce, {
    authTagLength: TAG_LENGTH,
  });
  try {
    decipher.setAuthTag(bytes.subarray(tag, end));
    decipher.setAAD(additional);
    const opened = decipher.update(bytes.subarray(start, tag));
    decipher.final();
    return new Uint8Array(opened.buffer, opened.byteOffset, opened.length);
  } catch {
    return null;
  }
}

/** Message authentication code of some bytes. Source: RFC 2104. */
export function hmac(
  hash: HashName,
  key: Uint8Array,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  const mac = crypto().createHmac(hash, key);
  for (const part of parts) mac.update(part);
  return new Uint8Array(mac.digest());
}

/**
 * Expands a secret to `length` bytes for one use, named by a label of TLS 1.3.
 *
 * Source: RFC 8446 section 7.1, RFC 5869 section 2.3.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const key = expandLabel("sha256", new Uint8Array(32), "key", 16);
 * assertEquals(key.length, 16);
 * ```
 */
export function expandLabel(
  hash: HashName,
  secret: Uint8Array,
  label: string,
  length: number,
): Uint8Array {
  const name = new TextEncoder().encode(`tls13 ${label}`);
  const info = Uint8Array.of(length >> 8, length & 0xff, name.length, ...name, 0);
  return expand(length, (block, i) => hmac(hash, secret, block, info, Uint8Array.of(i)));
}

/**
 * The pseudorandom function of TLS 1.2: `length` bytes of a secret, a label and a seed.
 *
 * Source: RFC 5246 section 5.
 */
export function pseudoRandom(
  hash: HashName,
  secret: Uint8Array,
  label: string,
  seed: readonly Uint8Array[],
  length: number,
): Uint8Array {
  const name = new TextEncoder().encode(label);
  let chained: Uint8Array | null = null;
  return expand(length, () => {
    chained = chained === null
      ? hmac(hash, secret, name, ...seed)
      : hmac(hash, secret, chained);
    return hmac(hash, secret, chained, name, ...seed);
  });
}

/** As many blocks as `length` bytes need, each of the one before it and its number from 1. */
function expand(
  length: number,
  next: (block: Uint8Array, number: number) => Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(length);
  let block = new Uint8Array(0);
  for (let at = 0, i = 1; at < length; at += block.length, i++) {
    block = new Uint8Array(next(block, i));
    bytes.set(block.subarray(0, length - at), at);
  }
  return bytes;
}
