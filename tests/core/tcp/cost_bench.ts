/**
 * What reassembly costs: `deno run tests/core/tcp/cost_bench.ts` prints milliseconds, and
 * for out-of-order arrivals the exponent of the growth from 10^4 to 10^5 segments.
 */
import type { Segment } from "../../../core/net/segment.ts";
import { type TcpSink, TcpTracker } from "../../../core/tcp/mod.ts";

const addressText = (address: number) => `10.0.0.${address}`;
const bytes = new Uint8Array(65536).fill(7);

/** One segment object, filled anew for each packet, as a capture reader does. */
export function reusedSegment(): Segment {
  const packet = {
    number: 0,
    seconds: 0,
    nanos: 0,
    linktype: 1,
    bytes,
    start: 0,
    end: 0,
    originalLength: 0,
  };
  return {
    packet,
    source: 1,
    destination: 2,
    sourcePort: 40000,
    destinationPort: 8090,
    sequence: 0,
    acknowledgment: 0,
    flags: 0,
    window: 0,
    bytes,
    start: 0,
    end: 0,
    length: 0,
  };
}

/** Sends `order` (places of segments of `size` bytes) through a tracker; bytes delivered. */
export function deliver(order: Iterable<number>, size: number): number {
  let delivered = 0;
  const tracker = new TcpTracker({
    data(_conversation, _side, _bytes, start, end) {
      delivered += end - start;
    },
  }, { addressText });
  const segment = reusedSegment();
  segment.flags = 2;
  tracker.push(segment);
  segment.flags = 16;
  segment.end = segment.length = size;
  for (const place of order) {
    segment.sequence = (1 + place * size) >>> 0;
    segment.packet.number++;
    tracker.push(segment);
  }
  tracker.end();
  return delivered;
}

/** Orders of arrival that are hard on a reassembler. */
export const ORDERS: Record<string, (n: number) => number[]> = {
  "in order": (n) => Array.from({ length: n }, (_, i) => i),
  reversed: (n) => Array.from({ length: n }, (_, i) => n - 1 - i),
  interleaved: (n) =>
    Array.from({ length: n }, (_, i) => i < n / 2 ? 2 * i + 1 : 2 * (i - n / 2)),
  shuffled: (n) => Array.from({ length: n }, (_, i) => (i * 7919 + 13) % n),
  "far ahead": (n) => Array.from({ length: n }, (_, i) => 1000 + i * 997),
  "from the middle": (n) => Array.from({ length: n }, (_, i) => i % 2 ? n + i : n - i),
};

/** Pushes `n` SYNs of different endpoints; returns conversations let go. */
export function flood(n: number, sink: TcpSink): number {
  const tracker = new TcpTracker(sink, { addressText });
  const segment = reusedSegment();
  segment.flags = 2;
  for (let i = 0; i < n; i++) {
    segment.source = 3 + (i >> 8);
    segment.sourcePort = 1024 + (i & 255);
    segment.sequence = i;
    tracker.push(segment);
  }
  const { evicted } = tracker;
  tracker.end();
  return evicted;
}

/** 100 000 segments of 300 bytes, both ways, over `count` conversations in turn. */
export function dialogue(count: number): void {
  const tracker = new TcpTracker({ data() {} }, { addressText });
  const segment = reusedSegment();
  const places = new Float64Array(count);
  segment.end = segment.length = 300;
  for (let i = 0; i < 100_000; i++) {
    const c = (i >> 1) % count;
    const at = places[c] ?? 0;
    const request = i % 2 === 0;
    segment.source = request ? 1 : 2;
    segment.destination = request ? 2 : 1;
    segment.sourcePort = request ? 40000 + c : 8090;
    segment.destinationPort = request ? 8090 : 40000 + c;
    segment.flags = i < 2 * count ? (request ? 2 : 18) : 24;
    segment.sequence = at + (segment.flags & 2 ? 0 : 1);
    segment.acknowledgment = request ? at + 1 : at + 301;
    if (!request) places[c] = at + 300;
    tracker.push(segment);
  }
  tracker.end();
}

/** Milliseconds of the fastest of three runs. */
function time(work: () => void): number {
  let best = Infinity;
  for (let i = 0; i < 3; i++) {
    const begin = performance.now();
    work();
    best = Math.min(best, performance.now() - begin);
  }
  return best;
}

if (import.meta.main) {
  for (const count of [1, 27, 5000]) {
    console.log(
      `100k packets, ${count} conversations`,
      time(() => dialogue(count)).toFixed(1),
    );
  }
  console.log(
    "300 MB in 64 KiB segments",
    time(() => void deliver(ORDERS["in order"]?.(4800) ?? [], 65000)).toFixed(1),
  );
  for (const [name, order] of Object.entries(ORDERS)) {
    for (const size of [1, 100]) {
      const small = time(() => void deliver(order(1e4), size));
      const large = time(() => void deliver(order(1e5), size));
      const exponent = Math.log10(large / small).toFixed(2);
      console.log(
        `${name}, ${size} bytes: 1e5 ${large.toFixed(1)} ms, exponent ${exponent}`,
      );
    }
  }
  const begin = performance.now();
  console.log("1e6 SYN: let go", flood(1e6, { data() {} }));
  const rss = Deno.memoryUsage().rss / 2 ** 20;
  console.log(
    `  ${(performance.now() - begin).toFixed(0)} ms, RSS ${rss.toFixed(0)} MiB`,
  );
}
