/** The secret of XXH3 where none is given. Source: Yann Collet's specification of xxHash 0.8. */
export const XXH3_SECRET: Uint8Array<ArrayBuffer> = Uint8Array.from(
  ("b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f" +
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c" +
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8" +
    "fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364ea" +
    "c5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b" +
    "16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")
    .match(/../g)!,
  (hex) => parseInt(hex, 16),
);

const MASK = 0xffff_ffff_ffff_ffffn;
const P32_1 = 0x9e37_79b1n, P32_2 = 0x85eb_ca77n, P32_3 = 0xc2b2_ae3dn;
const P64_1 = 0x9e37_79b1_85eb_ca87n, P64_2 = 0xc2b2_ae3d_27d4_eb4fn;
const P64_3 = 0x1656_67b1_9e37_79f9n, P64_4 = 0x85eb_ca77_c2b2_ae63n;
const P64_5 = 0x27d4_eb2f_1656_67c5n;
const MIX_1 = 0x1656_6791_9e37_79f9n, MIX_2 = 0x9fb2_1c65_1e98_df25n;

/** Bytes of a stripe, and by how many the secret moves on for each. */
const STRIPE = 64, STEP = 8;
const STRIPES_PER_BLOCK = (XXH3_SECRET.length - STRIPE) / STEP;

const secret = new DataView(XXH3_SECRET.buffer);
const key = (at: number) => secret.getBigUint64(at, true);

/**
 * XXH3-64 with seed 0 in plain code: for few bytes, and where there is no WebAssembly.
 *
 * Source: https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(xxh3of(new Uint8Array()), 0x2d06800538d394c2n);
 * ```
 */
export function xxh3of(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length <= 16) return short(view);
  if (bytes.length <= 128) return medium(view);
  return bytes.length <= 240 ? larger(view) : long(view);
}

function short(view: DataView): bigint {
  const { byteLength: length } = view;
  const size = BigInt(length);
  if (length > 8) {
    const low = view.getBigUint64(0, true) ^ key(24) ^ key(32);
    const high = view.getBigUint64(length - 8, true) ^ key(40) ^ key(48);
    return avalanche(size + swapped(low) + high + folded(low, high));
  }
  if (length >= 4) {
    const first = BigInt(view.getUint32(0, true));
    const last = BigInt(view.getUint32(length - 4, true));
    const mixed = (last + (first << 32n)) ^ key(8) ^ key(16);
    let hash = mixed ^ turned(mixed, 49n) ^ turned(mixed, 24n);
    hash = hash * MIX_2 & MASK;
    hash = (hash ^ ((hash >> 35n) + size)) * MIX_2 & MASK;
    return hash ^ hash >> 28n;
  }
  if (length > 0) {
    const [a, b, c] = [0, length >> 1, length - 1].map((at) => BigInt(view.getUint8(at)));
    const mixed = a! << 16n | b! << 24n | c! | size << 8n;
    const flip = BigInt(secret.getUint32(0, true) ^ secret.getUint32(4, true)) &
      0xffff_ffffn;
    return avalanche64(mixed ^ flip);
  }
  return avalanche64(key(56) ^ key(64));
}

function medium(view: DataView): bigint {
  const { byteLength: length } = view;
  let sum = BigInt(length) * P64_1;
  for (let i = (length - 1) >> 5; i >= 0; i--) {
    sum += mixed16(view, 16 * i, 32 * i) +
      mixed16(view, length - 16 * (i + 1), 32 * i + 16);
  }
  return avalanche(sum);
}

function larger(view: DataView): bigint {
  const { byteLength: length } = view;
  let sum = BigInt(length) * P64_1;
  for (let i = 0; i < 8; i++) sum += mixed16(view, 16 * i, 16 * i);
  sum = avalanche(sum);
  for (let i = 8; i < length >> 4; i++) sum += mixed16(view, 16 * i, 16 * (i - 8) + 3);
  return avalanche(sum + mixed16(view, length - 16, 136 - 17));
}

function long(view: DataView): bigint {
  const { byteLength: length } = view;
  const lanes = [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1];
  const block = STRIPES_PER_BLOCK * STRIPE;
  const blocks = Math.floor((length - 1) / block);
  for (let i = 0; i < blocks; i++) {
    for (let n = 0; n < STRIPES_PER_BLOCK; n++) {
      accumulate(lanes, view, i * block + n * STRIPE, n * STEP);
    }
    const last = XXH3_SECRET.length - STRIPE;
    lanes.forEach((lane, at) => {
      const mixed = lane ^ lane >> 47n ^ key(last + at * 8);
      lanes[at] = mixed * P32_1 & MASK;
    });
  }
  const stripes = Math.floor((length - 1 - block * blocks) / STRIPE);
  for (let n = 0; n < stripes; n++) {
    accumulate(lanes, view, blocks * block + n * STRIPE, n * STEP);
  }
  accumulate(lanes, view, length - STRIPE, XXH3_SECRET.length - STRIPE - 7);
  let sum = BigInt(length) * P64_1;
  for (let i = 0; i < 4; i++) {
    sum += folded(
      lanes[2 * i]! ^ key(11 + 16 * i),
      lanes[2 * i + 1]! ^ key(11 + 16 * i + 8),
    );
  }
  return avalanche(sum);
}

function accumulate(lanes: bigint[], view: DataView, at: number, from: number): void {
  for (let i = 0; i < 8; i++) {
    const value = view.getBigUint64(at + i * 8, true);
    const keyed = value ^ key(from + i * 8);
    lanes[i ^ 1] = lanes[i ^ 1]! + value & MASK;
    lanes[i] = lanes[i]! + (keyed & 0xffff_ffffn) * (keyed >> 32n) & MASK;
  }
}

function mixed16(view: DataView, at: number, from: number): bigint {
  return folded(
    view.getBigUint64(at, true) ^ key(from),
    view.getBigUint64(at + 8, true) ^ key(from + 8),
  );
}

/** The halves of a product of 128 bits, one upon the other. */
function folded(a: bigint, b: bigint): bigint {
  const product = a * b;
  return product & MASK ^ product >> 64n;
}

function avalanche(sum: bigint): bigint {
  let hash = sum & MASK;
  hash = (hash ^ hash >> 37n) * MIX_1 & MASK;
  return hash ^ hash >> 32n;
}

function avalanche64(value: bigint): bigint {
  let hash = value & MASK;
  hash = (hash ^ hash >> 33n) * P64_2 & MASK;
  hash = (hash ^ hash >> 29n) * P64_3 & MASK;
  return hash ^ hash >> 32n;
}

function turned(value: bigint, by: bigint): bigint {
  return (value << by | value >> 64n - by) & MASK;
}

function swapped(value: bigint): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value);
  return view.getBigUint64(0, true);
}

/** The polynomial of CRC-32 with its bits in reverse order. */
export const CRC32_POLYNOMIAL = 0xedb8_8320;

let crcTable: Uint32Array | null = null;

/** CRC-32 as zlib's in plain code. Source: RFC 1952 section 8. */
export function crc32of(bytes: Uint8Array): number {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? crc >>> 1 ^ CRC32_POLYNOMIAL : crc >>> 1;
    }
    return crc;
  });
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 255]! ^ crc >>> 8;
  return (crc ^ 0xffff_ffff) >>> 0;
}
