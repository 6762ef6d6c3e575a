import { assertEquals } from "@std/assert";
import { createCRC32, createXXHash3 } from "hash-wasm";
import { hashes } from "../../../core/bytes/hashes.ts";
import { HASHES_MODULE } from "../../../core/bytes/hashes_module.ts";
import { hashesModule } from "../../../cli/make_hashes.ts";
import { crc32of, xxh3of } from "../../../core/bytes/xxh3.ts";

Deno.test("hashes are those of hash-wasm, at every length, with WebAssembly and without", async () => {
  const [xxh3, crc32] = [await createXXHash3(), await createCRC32()];
  const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i * 167 + (i >> 3) & 255);
  const lengths = [
    ...Array.from({ length: 300 }, (_, length) => length),
    ...[1023, 1024, 1025, 1087, 1088, 1089, 2047, 2048, 2049, 4096, 5000, 199_990],
  ];
  for (const length of lengths) {
    const own = bytes.subarray(3, 3 + length);
    const expected = (hasher: typeof xxh3) =>
      BigInt(`0x${hasher.init().update(own).digest()}`);
    assertEquals(xxh3of(own), expected(xxh3), `XXH3 ${length} without`);
    assertEquals(BigInt(crc32of(own)), expected(crc32), `CRC ${length} without`);
    hashes.xxh3(bytes, 3, 3 + length);
    assertEquals(hashes.value, expected(xxh3), `XXH3 ${length}`);
    hashes.crc32(bytes, 3, 3 + length);
    assertEquals(hashes.value, expected(crc32), `CRC ${length}`);
  }
});

Deno.test("the module of hashes is the one that hashes.wat makes: deno task hashes", async () => {
  const text = await hashesModule();
  const made = [...text.matchAll(/^ {2}"(.*)"/gm)].map(([, line]) => line).join("");
  assertEquals(made, HASHES_MODULE);
});
