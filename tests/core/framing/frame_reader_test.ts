import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { FrameReader, type FrameShape } from "../../../core/framing/frame_reader.ts";

const STAMP = { packet: 1, seconds: 0, nanos: 0 };

/** Frames of a toy protocol: a length byte that counts itself, 0xff never starts one. */
function toyReader(inSync = true) {
  const frames: { bytes: number[]; length: number }[] = [];
  const begun: number[] = [];
  let skipped = 0;
  const shape: FrameShape = {
    header: 1,
    most: 8,
    measure: (bytes, offset) => bytes[offset] === 0xff ? 0 : Math.max(1, bytes[offset]!),
    begin: (_bytes, _offset, length) => begun.push(length),
    frame: (bytes, length) => frames.push({ bytes: [...bytes], length }),
    resync: (bytes, offset, end) => {
      const at = bytes.subarray(offset, end).indexOf(3);
      return at < 0 ? -1 : offset + at;
    },
    skipped: (_bytes, length) => skipped += length,
  };
  const reader = new FrameReader(shape, inSync);
  const push = (...bytes: number[]) =>
    reader.push(Uint8Array.from(bytes), 0, bytes.length, STAMP);
  return { reader, frames, begun, push, skipped: () => skipped };
}

Deno.test("FrameReader cuts several frames out of one segment", () => {
  const { push, frames } = toyReader();
  push(2, 9, 1, 3, 8, 7);
  assertEquals(frames.map(({ bytes }) => bytes), [[2, 9], [1], [3, 8, 7]]);
});

Deno.test("FrameReader tells a frame's header before its body is there", () => {
  const { push, frames, begun } = toyReader();
  push(3, 1);
  assertEquals([begun, frames.length], [[3], 0]);
  push(2);
  assertEquals(frames, [{ bytes: [3, 1, 2], length: 3 }]);
});

Deno.test("FrameReader stays in step over a gap inside a frame", () => {
  const { push, reader, frames } = toyReader();
  push(6, 1);
  reader.gap(2);
  push(4, 5, 2, 7);
  assertEquals(frames, [{ bytes: [6, 1], length: 6 }, { bytes: [2, 7], length: 2 }]);
});

Deno.test("FrameReader searches the next frame after a gap over a frame's end", () => {
  const { push, reader, frames, skipped } = toyReader();
  push(4, 1);
  reader.gap(9);
  push(7, 7, 3, 1, 2);
  assertEquals(frames, [{ bytes: [4, 1], length: 4 }, { bytes: [3, 1, 2], length: 3 }]);
  assertEquals(skipped(), 2);
});

Deno.test("FrameReader keeps no more of a frame than it may", () => {
  const { push, frames } = toyReader();
  push(12, 1, 1);
  push(...new Array(9).fill(1), 2, 5);
  assertEquals(frames.map(({ bytes, length }) => [bytes.length, length]), [[8, 12], [
    2,
    2,
  ]]);
});

Deno.test("FrameReader gives what is incomplete when the flow ends", () => {
  const { push, reader, frames } = toyReader();
  push(5, 1, 2);
  reader.cut();
  assertEquals(frames, [{ bytes: [5, 1, 2], length: 5 }]);
});

Deno.test("FrameReader shortens a frame that lied about its length", () => {
  const { push, reader, frames } = toyReader();
  push(7, 1, 2, 5);
  reader.shorten(2);
  assertEquals(frames, [{ bytes: [7, 1], length: 2 }, { bytes: [2, 5], length: 2 }]);
});

Deno.test("FrameReader starts in mid-flow by searching", () => {
  const { push, frames, skipped } = toyReader(false);
  push(9, 9);
  push(9, 3, 1, 1, 1);
  assertEquals(frames.map(({ bytes }) => bytes), [[3, 1, 1], [1]]);
  assertEquals(skipped(), 3);
});

Deno.test("FrameReader gives the same frames however the flow is cut", () => {
  const frame = fc.integer({ min: 1, max: 8 }).map((
    n,
  ) => [n, ...new Array(n - 1).fill(n)]);
  fc.assert(fc.property(
    fc.array(frame, { maxLength: 20 }),
    fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
    (expected, cuts) => {
      const { push, frames } = toyReader();
      const flow = expected.flat();
      for (let at = 0; at < flow.length;) {
        const size = cuts.next().value as number;
        push(...flow.slice(at, at + size));
        at += size;
      }
      assertEquals(frames.map(({ bytes }) => bytes), expected);
    },
  ));
});
