import { Cursor } from "../../../core/bytes/cursor.ts";
import { Writer } from "../../../core/bytes/writer.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("Writer keeps what is written while its buffer grows", () => {
  for (let before = 0; before < 140; before++) {
    const writer = new Writer();
    writer.bytes(new Uint8Array(before));
    writer.u64(0x0807_0605_0403_0201n);
    writer.u32(7);
    writer.text("x".repeat(200));
    writer.f64(0.5);
    const cursor = new Cursor(writer.finish(), before);
    assertEquals([cursor.u64(), cursor.u32()] as unknown[], [0x0807_0605_0403_0201n, 7]);
    assertEquals(cursor.take(200), new Uint8Array(200).fill(0x78));
    assertEquals(cursor.f64(), 0.5);
  }
});
