/**
 * `deno run tests/bench/hostile.ts`: orders that an attacker would choose, in growing numbers. The
 * time for each packet has to stay the same, and what is held bounded. It tells and never judges;
 * `tests/core/net` and `tests/core/tcp` hold what is counted.
 *
 * - one-byte segments of one flow, the last first;
 * - fragments that overlap, of one datagram after another, none of which becomes whole;
 * - fragments of as many datagrams as there are fragments;
 * - a SYN from another port and address each, none of which is answered.
 *
 * @module
 */
import { FragmentTable } from "../../core/net/fragments.ts";
import { TcpTracker } from "../../core/tcp/mod.ts";

const COUNTS = [50_000, 100_000, 200_000, 400_000, 1_000_000];
const LIMITS = { flowBytes: 2 ** 30, totalBytes: 2 ** 30 };
const SYN = 2, ACK = 16;
/** Most bytes of a fragment here, and where the last may begin. */
const FRAGMENT = 1480, LAST_OFFSET = 60_000;

/** A tracker that is given segments of `source` and `port`. */
function tracker(limits = {}) {
  const bytes = new Uint8Array(1);
  const made = new TcpTracker({ data() {} }, {
    addressText: (address) => `10.0.0.${address}`,
    limits,
    analysis: false,
  });
  let number = 0;
  const push = (
    source: number,
    sourcePort: number,
    sequence: number,
    flags: number,
    end: number,
  ) => {
    const time = { number: ++number, seconds: 0, nanos: number };
    const payload = { bytes, start: 0, end };
    const packet = { ...time, linktype: 1, ...payload, originalLength: end };
    const ends = { source, destination: 0, sourcePort, destinationPort: 5000 };
    const header = { sequence, acknowledgment: 1, flags, window: 512, length: end };
    made.push({ packet, ...ends, ...header, ...payload });
  };
  return { tracker: made, push };
}

function reversed(count: number): string {
  const { tracker: made, push } = tracker(LIMITS);
  push(1, 40_000, 0, SYN, 0);
  for (let sequence = count; sequence > 1; sequence--) push(1, 40_000, sequence, ACK, 1);
  const { held } = made;
  push(1, 40_000, 1, ACK, 1);
  made.end();
  return `${held} bytes held`;
}

function overlapping(count: number): string {
  const table = new FragmentTable();
  const bytes = new Uint8Array(FRAGMENT);
  for (let i = 0; i < count; i++) {
    const key = `datagram ${Math.floor(i / 1000)}`;
    const offset = 8 + i * 7919 % LAST_OFFSET & ~7;
    bytes[0] = i & 255;
    table.add(key, 6, offset, true, bytes, 0, FRAGMENT, i);
  }
  return `${table.heldBytes} bytes held`;
}

function scattered(count: number): string {
  const table = new FragmentTable();
  const bytes = new Uint8Array(8);
  for (let i = 0; i < count; i++) table.add(`${i}`, 6, 0, true, bytes, 0, 8, i);
  return `${table.heldBytes} bytes held`;
}

function flood(count: number): string {
  const { tracker: made, push } = tracker();
  for (let i = 0; i < count; i++) push(1 + (i >>> 15), 1024 + (i & 0x7fff), i, SYN, 0);
  const open = made.conversations - made.evicted;
  made.end();
  return `${open} conversations held`;
}

const ORDERS = { reversed, overlapping, scattered, flood };

for (const [name, order] of Object.entries(ORDERS)) {
  for (const count of COUNTS) {
    const start = performance.now();
    const held = order(count);
    const micros = (performance.now() - start) * 1000 / count;
    console.log(`${name} ${count}: ${micros.toFixed(1)} µs each, ${held}`);
  }
}
