import { assertEquals } from "@std/assert";
import { Timing } from "../../../core/tcp/timing.ts";
import type { Segment } from "../../../core/net/segment.ts";

const SYN = 2, ACK = 16;

/** A segment at a time in ms. */
function segment(
  ms: number,
  sequence: number,
  acknowledgment: number,
  { length = 0, flags = ACK, window = 500 }: Partial<Segment> = {},
): Segment {
  const packet = { seconds: Math.floor(ms / 1000), nanos: ms % 1000 * 1e6 };
  return { packet, sequence, acknowledgment, length, flags, window } as Segment;
}

const at = (ms: number) => ({ seconds: Math.floor(ms / 1000), nanos: ms % 1000 * 1e6 });
const CLIENT = 0, SERVER = 1;

/** A handshake with the server 30 ms and the client 10 ms away. */
function opened(): Timing {
  const timing = new Timing(0);
  timing.note(segment(0, 999, 0, { flags: SYN }), CLIENT);
  timing.note(segment(30, 4999, 1000, { flags: SYN | ACK }), SERVER);
  timing.note(segment(40, 1000, 5000), CLIENT);
  return timing;
}

Deno.test("the handshake tells the round trip to both ends", () => {
  const timing = opened();
  assertEquals([timing.roundTripUs(SERVER), timing.roundTripUs(CLIENT)], [
    30_000,
    10_000,
  ]);
  assertEquals(new Timing(0).roundTripUs(SERVER), null);
});

Deno.test("an acknowledgment with bytes is no round trip, one without is", () => {
  const timing = new Timing(0);
  timing.note(segment(0, 1000, 5000, { length: 10 }), CLIENT);
  timing.note(segment(80, 5000, 1010, { length: 10 }), SERVER);
  assertEquals(timing.roundTripUs(SERVER), null);
  timing.note(segment(100, 1010, 5010, { length: 10 }), CLIENT);
  timing.note(segment(120, 5010, 1020), SERVER);
  assertEquals(timing.roundTripUs(SERVER), 20_000);
});

Deno.test("bytes that are sent again were missing since they were sent first", () => {
  const timing = opened();
  timing.note(segment(100, 1000, 5000, { length: 10 }), CLIENT);
  timing.note(segment(300, 1000, 5000, { length: 10 }), CLIENT);
  timing.note(segment(330, 5000, 1010), SERVER);
  assertEquals(timing.missingUs(CLIENT, at(0), at(1000)), 200_000);
  assertEquals(timing.missingUs(CLIENT, at(150), at(1000)), 150_000);
  assertEquals(timing.missingUs(SERVER, at(0), at(1000)), 0);
  // Karn: what was sent twice is no sample.
  assertEquals(timing.roundTripUs(SERVER), 30_000);
});

Deno.test("a hole lasts from the segment behind it to the one that fills it", () => {
  const timing = opened();
  timing.note(segment(100, 1000, 5000, { length: 10 }), CLIENT);
  timing.note(segment(110, 1020, 5000, { length: 10 }), CLIENT);
  timing.note(segment(120, 1030, 5000, { length: 10 }), CLIENT);
  timing.note(segment(260, 1010, 5000, { length: 10 }), CLIENT);
  assertEquals(timing.missingUs(CLIENT, at(0), at(1000)), 150_000);
});

Deno.test("bytes that the other end has are sent again for nothing", () => {
  const timing = opened();
  timing.note(segment(100, 1000, 5000, { length: 10 }), CLIENT);
  timing.note(segment(130, 5000, 1010), SERVER);
  timing.note(segment(300, 1000, 5000, { length: 10 }), CLIENT);
  assertEquals(timing.hasSpans, false);
});

Deno.test("a window is closed until the same end opens it", () => {
  const timing = opened();
  timing.note(segment(100, 5000, 1000, { window: 0 }), SERVER);
  assertEquals(timing.closedUs(SERVER, at(50), at(150)), 50_000);
  timing.note(segment(400, 5000, 1000), SERVER);
  assertEquals(timing.closedUs(SERVER, at(0), at(1000)), 300_000);
  assertEquals(timing.closedUs(CLIENT, at(0), at(1000)), 0);
});
