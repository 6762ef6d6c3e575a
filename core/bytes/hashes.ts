import { HASHES_MODULE } from "./hashes_module.ts";
import { CRC32_POLYNOMIAL, crc32of, XXH3_SECRET, xxh3of } from "./xxh3.ts";

/** Where `hashes.wat` has the tables of CRC-32, its result, and the bytes. */
const TABLES = 1024, RESULT = 256, INPUT = 16_384;
const PAGE = 65_536;
/** From here on XXH3 is another function for each length, and not worth a module. */
const LEAST = 17;

/** What the module of `hashes.wat` exports. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  xxh3(length: number): void;
  crc32(length: number): void;
}

/**
 * Hashes of bytes, at the speed of WebAssembly with SIMD and ready at once: its module has a
 * kilobyte. Where there is no WebAssembly the same is computed without, only slower. The last
 * hash stands in `low` and `high`, so that none has to be made into a bigint to be compared.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * hashes.xxh3(new Uint8Array(), 0, 0);
 * assertEquals(hashes.value, 0x2d06800538d394c2n);
 * ```
 */
class Hashes {
  /** The low 32 bits of the last hash. */
  low = 0;
  /** Its high 32 bits; 0 after CRC-32. */
  high = 0;
  #module: Exports | null = null;
  #isTried = false;
  #memory: Uint8Array = new Uint8Array(0);
  #result: Uint32Array = new Uint32Array(0);

  /** The last hash. */
  get value(): bigint {
    return BigInt(this.high) << 32n | BigInt(this.low);
  }

  /** XXH3-64 with seed 0 of `bytes[start..end)`. */
  xxh3(bytes: Uint8Array, start: number, end: number): void {
    const module = end - start < LEAST ? null : this.#ready(end - start);
    if (module === null) {
      const value = xxh3of(bytes.subarray(start, end));
      this.low = Number(value & 0xffff_ffffn);
      this.high = Number(value >> 32n);
      return;
    }
    this.#memory.set(bytes.subarray(start, end), INPUT);
    module.xxh3(end - start);
    this.low = this.#result[0]!;
    this.high = this.#result[1]!;
  }

  /** CRC-32 (IEEE, as zlib's) of `bytes[start..end)`. */
  crc32(bytes: Uint8Array, start: number, end: number): void {
    const module = this.#ready(end - start);
    this.high = 0;
    if (module === null) {
      this.low = crc32of(bytes.subarray(start, end));
      return;
    }
    this.#memory.set(bytes.subarray(start, end), INPUT);
    module.crc32(end - start);
    this.low = this.#result[0]!;
  }

  /** The module with room for so many bytes; null where there is none. */
  #ready(length: number): Exports | null {
    if (!this.#isTried) {
      this.#isTried = true;
      this.#module = instantiate();
      this.#look();
      if (this.#module !== null) {
        this.#memory.set(XXH3_SECRET);
        this.#memory.set(new Uint8Array(crc32Tables().buffer), TABLES);
      }
    }
    const missing = INPUT + length - this.#memory.length;
    if (this.#module !== null && missing > 0) {
      this.#module.memory.grow(Math.ceil(missing / PAGE));
      this.#look();
    }
    return this.#module;
  }

  /** Looks at the memory anew, which moves when it grows. */
  #look(): void {
    if (this.#module === null) return;
    const { buffer } = this.#module.memory;
    this.#memory = new Uint8Array(buffer);
    this.#result = new Uint32Array(buffer, RESULT, 2);
  }
}

/** See {@link Hashes}. */
export const hashes: Hashes = new Hashes();

function instantiate(): Exports | null {
  try {
    const bytes = Uint8Array.from(atob(HASHES_MODULE), (byte) => byte.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    return exports as unknown as Exports;
  } catch {
    return null; // No WebAssembly here, or none with SIMD.
  }
}

/** The tables for eight bytes at once, one after another. */
function crc32Tables(): Uint32Array<ArrayBuffer> {
  const tables = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? crc >>> 1 ^ CRC32_POLYNOMIAL : crc >>> 1;
    }
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256]!;
    tables[at] = tables[before & 255]! ^ before >>> 8;
  }
  return tables;
}
