import fc from "fast-check";
import { History, Rings } from "../../../core/tcp/history.ts";
import { CHUNK_OVERHEAD, OutOfOrder } from "../../../core/tcp/out_of_order.ts";
import { sequenceDistance } from "../../../core/tcp/mod.ts";
import { assertEquals } from "../../support/assert.ts";
import { reusedSegment } from "./cost_bench.ts";

Deno.test("OutOfOrder keeps the first copy of each byte, in order", () => {
  const pieces = fc.array(fc.tuple(fc.nat(3000), fc.integer({ min: 1, max: 40 })), {
    maxLength: 900,
  });
  fc.assert(
    fc.property(pieces, (all) => {
      const waiting = new OutOfOrder();
      const model = new Map<number, number>();
      all.forEach(([start, length], n) => {
        const segment = reusedSegment();
        segment.bytes = new Uint8Array(length + 5).fill(n & 255);
        segment.start = 5;
        let fresh = 0;
        for (let at = start; at < start + length; at++) {
          if (model.has(at)) continue;
          model.set(at, n & 255);
          fresh++;
        }
        let known = 0;
        const got = waiting.insert(
          segment,
          start,
          start,
          start + length,
          (held, a, b) => {
            assertEquals(held.start <= a && b <= held.end, true);
            known += b - a;
          },
        );
        assertEquals([got, known], [fresh, length - fresh]);
      });
      assertEquals(waiting.size, model.size + waiting.count * CHUNK_OVERHEAD);
      const seen: [number, number][] = [];
      for (let chunk = waiting.shift(); chunk; chunk = waiting.shift()) {
        chunk.bytes.forEach((byte, i) => seen.push([(chunk?.start ?? 0) + i, byte]));
      }
      assertEquals(seen, [...model].sort(([a], [b]) => a - b));
      assertEquals([waiting.size, waiting.count], [0, 0]);
    }),
    { numRuns: 60 },
  );
});

Deno.test("History finds what differs in the bytes it still has", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3000), { maxLength: 30 }), fc.nat(), (lengths, pick) => {
      const rings = new Rings(1 << 20);
      const history = new History(5000, rings);
      const all: number[] = [];
      for (const length of lengths) {
        const bytes = Uint8Array.from({ length }, (_, i) => (all.length + i) * 7 & 255);
        history.append(bytes, 0, length, all.length);
        all.push(...bytes);
      }
      const held = Math.max(0, all.length - 5000);
      const again = Uint8Array.from(all);
      assertEquals(history.difference(again, 0, 0, all.length), null);
      if (all.length > 0) {
        const at = pick % all.length;
        again[at] = (again[at] ?? 0) ^ 1;
        const found = history.difference(again, 0, 0, all.length);
        assertEquals(found, at < held ? null : { start: at, end: at + 1 });
      }
      history.clear();
      assertEquals(rings.used, 0);
    }),
  );
});

Deno.test("History does without memory when there is none", () => {
  const history = new History(5000, new Rings(4096));
  history.append(new Uint8Array(5000), 0, 5000, 0);
  assertEquals(history.difference(Uint8Array.of(9), 0, 4999, 5000), null);
});

Deno.test("sequenceDistance() is signed and inverse to itself", () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.integer(), (from, distance) => {
      assertEquals(sequenceDistance(from, (from + distance) >>> 0), distance);
    }),
  );
});
