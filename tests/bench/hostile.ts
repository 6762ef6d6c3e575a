/**
 * `deno run tests/bench/hostile.ts`: one-byte segments of one flow, the last first, in growing
 * numbers. The time for each segment has to stay the same. It tells and never judges.
 *
 * @module
 */
import { TcpTracker } from "../../core/tcp/mod.ts";

const COUNTS = [50_000, 100_000, 200_000, 400_000];
const LIMITS = { flowBytes: 2 ** 30, totalBytes: 2 ** 30 };

function reversed(count: number): number {
  const bytes = new Uint8Array(1);
  const tracker = new TcpTracker({ data() {} }, {
    addressText: (address) => `10.0.0.${address}`,
    limits: LIMITS,
  });
  const push = (sequence: number, flags: number, end: number) => {
    const number = count - sequence + 1;
    const time = { number, seconds: 0, nanos: number };
    const payload = { bytes, start: 0, end };
    const packet = { ...time, linktype: 1, ...payload, originalLength: end };
    const ends = { source: 1, destination: 2, sourcePort: 40000, destinationPort: 5000 };
    const header = { sequence, acknowledgment: 1, flags, window: 512, length: end };
    tracker.push({ packet, ...ends, ...header, ...payload });
  };
  const start = performance.now();
  push(0, 2, 0);
  for (let sequence = count; sequence >= 1; sequence--) push(sequence, 16, 1);
  tracker.end();
  return performance.now() - start;
}

for (const count of COUNTS) {
  const micros = reversed(count) * 1000 / count;
  console.log(`${count} segments in reverse: ${micros.toFixed(1)} µs each`);
}
