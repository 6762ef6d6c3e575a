import { assertEquals } from "@std/assert";
import { createCRC32, createXXHash3 } from "hash-wasm";
import { crc32of, xxh3of } from "../../../core/bytes/xxh3.ts";

Deno.test("hashes computed at once are those of hash-wasm, at every length", async () => {
  const [xxh3, crc32] = [await createXXHash3(), await createCRC32()];
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i * 167 + (i >> 3) & 255);
  const lengths = [
    ...Array.from({ length: 300 }, (_, length) => length),
    ...[1023, 1024, 1025, 1087, 1088, 1089, 2047, 2048, 2049, 4096, 5000],
  ];
  for (const length of lengths) {
    const own = bytes.subarray(0, length);
    const hex = (hasher: typeof xxh3) => hasher.init().update(own).digest();
    assertEquals(xxh3of(own).toString(16).padStart(16, "0"), hex(xxh3), `XXH3 ${length}`);
    assertEquals(crc32of(own).toString(16).padStart(8, "0"), hex(crc32), `CRC ${length}`);
  }
});
