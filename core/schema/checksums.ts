import { hashes } from "../bytes/hashes.ts";
import type { Fields, Kind } from "./kind.ts";
import { plannedCheck } from "./compile/plan.ts";
import { u64 } from "./integers.ts";

/**
 * XXH3-64 with seed 0 over the parts, one after another.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(xxh3(new Uint8Array()), 0x2d06800538d394c2n);
 * ```
 */
export function xxh3(...parts: Uint8Array[]): bigint {
  const bytes = parts.length === 1 ? parts[0]! : joined(parts);
  hashes.xxh3(bytes, 0, bytes.length);
  return hashes.value;
}

/** CRC-32 (IEEE, as zlib's) widened to 64 bits. */
function crc32(bytes: Uint8Array): bigint {
  hashes.crc32(bytes, 0, bytes.length);
  return hashes.value;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Whether a hash of `bytes[start..end)` has these 32 low and high bits. */
export function hashIs(
  hash: "xxh3" | "crc32",
  bytes: Uint8Array,
  start: number,
  end: number,
  low: number,
  high: number,
): boolean {
  if (hash === "xxh3") hashes.xxh3(bytes, start, end);
  else hashes.crc32(bytes, start, end);
  return hashes.low === low && hashes.high === high;
}

const hex = (value: bigint): string => `0x${value.toString(16).padStart(16, "0")}`;

const fits32 = (value: bigint): boolean => value <= 0xffff_ffffn;

/**
 * A checksum over everything behind it in its structure; 0 says that none was made. A value
 * that differs is a note: encryption at rest leaves the checksum of the encrypted form. One
 * that fits 32 bits where it must not, or the reverse, cannot come from this algorithm.
 */
function checksumOfRest(hash: "xxh3" | "crc32", bits32: boolean | null): Kind<bigint> {
  const [name, compute] = hash === "xxh3" ? ["XXH3-64", xxh3] : ["CRC-32", crc32];
  return plannedCheck({
    volatile: true,
    ...u64(`${name} of all that follows in the message; 0 where none was made.`),
    sample: () => 0n,
    seal: (bytes, _start, { end, offset }) => compute(bytes.subarray(offset + 8, end)),
    verify(value, bytes, _start, end, _scope, context, offset) {
      if (value === 0n) return;
      if (bits32 !== null && fits32(value) !== bits32) {
        context.problem("protocol", `checksum ${hex(value)} is no ${name}`, offset);
        return;
      }
      const actual = compute(bytes.subarray(offset + 8, end));
      if (actual === value) return;
      context.note(
        "protocol",
        `checksum ${hex(value)}, but the bytes give ${hex(actual)} (${name}): damaged, ` +
          "or encrypted at rest by the server",
        offset,
      );
    },
  }, { check: "hashOfRest", hash, fits32: bits32 });
}

/** CRC-32 of the rest of the structure, in 8 bytes; more than 32 bits speak against it. */
export const crc32OfRest: Kind<bigint> = {
  ...checksumOfRest("crc32", true),
  luaVerify: ["crc32"],
};

/** XXH3-64 of the rest of the structure. */
export const xxh3OfRest: Kind<bigint> = checksumOfRest("xxh3", null);

/** As {@link xxh3OfRest} where a release before made CRC-32: 32 bits speak for that one. */
export const xxh3NotCrc32: Kind<bigint> = {
  ...checksumOfRest("xxh3", false),
  luaVerify: ["not_crc32"],
};

/**
 * XXH3-64 over other bytes of the structure: the ranges of the fixed header, where its byte
 * `flagged.at` is not 0 those of `flagged` too, then the 8 bytes of each item of a list that
 * are the items' field `itemField`.
 */
export function xxh3OfParts(
  ranges: readonly (readonly [number, number])[],
  listField: string,
  itemField: string,
  flagged?: { readonly at: number; readonly ranges: typeof ranges },
): Kind<bigint> {
  const compute = (bytes: Uint8Array, start: number, scope: Fields) => {
    const items = scope[listField] as Record<string, bigint>[];
    const checksums = new DataView(new ArrayBuffer(items.length * 8));
    items.forEach((item, i) => checksums.setBigUint64(i * 8, item[itemField]!, true));
    const more = flagged !== undefined && bytes[start + flagged.at] !== 0
      ? flagged.ranges
      : [];
    return xxh3(
      ...[...ranges, ...more].map(([from, to]) =>
        bytes.subarray(start + from, start + to)
      ),
      new Uint8Array(checksums.buffer),
    );
  };
  return plannedCheck({
    volatile: true,
    ...u64(
      "XXH3-64 over the batch header and the messages' checksums; 0 where none was made.",
    ),
    sample: () => 0n,
    seal: (bytes, start, { scope }) => compute(bytes, start, scope),
    verify(value, bytes, start, _end, scope, context, offset) {
      if (value === 0n) return;
      const actual = compute(bytes, start, scope);
      if (actual === value) return;
      context.note(
        "protocol",
        `batch checksum ${hex(value)}, but the batch gives ${hex(actual)}`,
        offset,
      );
    },
  }, { check: "hashOfParts", ranges, flagged, list: listField, field: itemField });
}
