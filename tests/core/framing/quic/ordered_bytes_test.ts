import fc from "fast-check";
import { OrderedBytes } from "../../../../core/framing/quic/ordered_bytes.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

/** What came out: bytes as their values, holes as -length. */
function collect(pieces: readonly (readonly [number, number])[], most = 1000): number[] {
  const out: number[] = [];
  const ordered = new OrderedBytes({
    data: (bytes) => out.push(...bytes),
    gap: (length) => out.push(-length),
  }, most);
  for (const [offset, length] of pieces) {
    ordered.push(offset, Uint8Array.from({ length }, (_, i) => offset + i + 1));
    assert(ordered.held <= most);
  }
  ordered.flush();
  return out;
}

const whole = (length: number) => Array.from({ length }, (_, i) => i + 1);

Deno.test("OrderedBytes gives any pieces in any order once and in order", () => {
  const piece = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 20 }));
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
    const covering: [number, number][] = [...pieces, [0, 90]];
    assertEquals(collect(covering), whole(90));
    const out = collect(pieces);
    // Bytes that are told rise; holes are between them.
    let at = 0;
    for (const value of out) {
      if (value < 0) at -= value;
      else assertEquals(value, ++at);
    }
    const seen = new Set(
      pieces.flatMap(([offset, length]) =>
        Array.from({ length }, (_, i) => offset + i + 1)
      ),
    );
    assertEquals(out.filter((value) => value > 0).length, seen.size);
  }));
});

Deno.test("OrderedBytes gives up a hole when too much waits for it", () => {
  assertEquals(collect([[4, 2], [8, 2]], 3), [-4, 5, 6, -2, 9, 10]);
});
