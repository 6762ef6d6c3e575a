import { assertEquals } from "@std/assert";
import { RowBytes } from "../../../core/export/row_bytes.ts";
import { pieceOf } from "../../../core/export/piece.ts";
import { fit, widthOf } from "../../../core/export/printable.ts";

const TEXTS = [
  "",
  "ok",
  "offsets 0–9",
  "µs",
  "größe",
  "日本語",
  "😀",
  "a\x7fb",
  "\x07",
  "e\u0301",
  "\ud800",
];

Deno.test("rows hold text as UTF-8 and know its columns", () => {
  const encoder = new TextEncoder();
  for (const text of TEXTS) {
    const row = new RowBytes();
    row.add(text);
    assertEquals(row.bytes.slice(0, row.length), encoder.encode(text), text);
    assertEquals(row.columns, widthOf(text), text);
    assertEquals(row.isAscii, /^[ -~]*$/.test(text), text);
  }
});

Deno.test("a row of prepared text is as one of the same text", () => {
  for (const text of TEXTS) {
    const [row, prepared] = [new RowBytes(), new RowBytes()];
    row.add(text);
    prepared.addPiece(pieceOf(text));
    assertEquals(prepared.line().slice(), row.line().slice(), text);
    assertEquals(
      [prepared.columns, prepared.isAscii],
      [row.columns, row.isAscii],
      text,
    );
  }
});

Deno.test("numbers in rows are as JavaScript shows them", () => {
  const numbers = [0, -0, 9, 10, 99, 100, 999_999_999, 1e9, 2 ** 53, -1, 1.5, NaN, 1e21];
  for (const number of numbers) {
    const row = new RowBytes();
    row.addNumber(number);
    const text = String(number);
    assertEquals(new TextDecoder().decode(row.line()), `${text}\n`);
    assertEquals(row.columns, text.length);
  }
  const row = new RowBytes();
  row.addDigits(1234, 6);
  assertEquals(new TextDecoder().decode(row.line()), "001234\n");
});

Deno.test("a column is cut as text is, and filled with spaces", () => {
  for (const width of [0, 1, 4, 5, 6]) {
    const [row, text] = [new RowBytes(), new RowBytes()];
    text.add("12345");
    const isDone = row.addColumn(text, width);
    assertEquals(isDone, width > 0, "nothing can be cut to no column");
    if (!isDone) continue;
    const shown = new TextDecoder().decode(row.bytes.subarray(0, row.length));
    assertEquals(shown, fit("12345", width).padEnd(width));
    assertEquals(row.columns, width);
  }
});

Deno.test("what is longer than a row is left out and told", () => {
  const row = new RowBytes();
  row.add("x".repeat(1 << 14));
  assertEquals([row.overflows, row.length], [true, 0]);
  row.clear();
  assertEquals(row.overflows, false);
});
