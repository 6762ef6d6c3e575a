import process from "node:process";
import fc from "fast-check";
import type { Segment } from "../../../core/net/segment.ts";
import { digestSink } from "../../../core/tcp/digest.ts";
import { LIMITS, TcpTracker } from "../../../core/tcp/mod.ts";
import { NetDecoder } from "../../../core/net/mod.ts";
import { type Script, SeededRandom, simulate } from "../../../core/synth/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { deliver, flood, ORDERS, reusedSegment } from "./cost_bench.ts";
import { HANDSHAKE, type Row, segments } from "./support.ts";

const addressText = (address: number) => `${address}`;

/** Bytes of each side, in order, and lost bytes. */
function flows(all: Iterable<Segment>, holes: "acknowledged" | "end" = "acknowledged") {
  const out = { client: [] as number[], server: [] as number[], lost: 0, conflicts: 0 };
  const tracker = new TcpTracker({
    data(_, side, bytes, start, end) {
      for (let at = start; at < end; at++) out[side].push(bytes[at] ?? -1);
    },
    release(_, { client, server }) {
      out.lost += client.lost + server.lost;
      out.conflicts += client.conflicts + server.conflicts;
    },
  }, { addressText, holes });
  for (const segment of all) tracker.push(segment);
  tracker.end();
  return out;
}

function pattern(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed) & 255);
}

/** Segments of a network that never gives up, each with a packet of its own. */
function capture(script: Script, options: Parameters<typeof simulate>[1]): Segment[] {
  const all: Segment[] = [];
  const net = new NetDecoder((segment) => all.push({ ...segment }), () => {});
  const tcp = { retries: Infinity, timestamps: false, ...options.tcp };
  simulate(script, { ...options, tcp }, (packet) => net.decode(packet));
  return all;
}

Deno.test("TcpTracker gives the bytes written whatever the network does", () => {
  const chance = fc.double({ min: 0, max: 0.3, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.constantFrom("client" as const, "server" as const), fc.nat(3000)),
        { maxLength: 6 },
      ),
      fc.record({
        seed: fc.nat(),
        tcp: fc.record({ mss: fc.integer({ min: 1, max: 1460 }), sack: fc.boolean() }),
        path: fc.record({ loss: chance, reorder: chance, duplicate: chance }),
        tap: fc.constantFrom("client" as const, "middle" as const, "server" as const),
        client: fc.record({
          initialSequence: fc.oneof(fc.constant(0xfffffff0), fc.nat(0xffffffff)),
        }),
        server: fc.record({ initialSequence: fc.nat(0xffffffff) }),
      }),
      (writes, options) => {
        const script: Script = writes.map(([side, n], i) => [side, pattern(n, i)]);
        const seen = flows(capture(script, options));
        for (const side of ["client", "server"] as const) {
          const wanted = script.filter(([from]) => from === side).flatMap((
            [, b],
          ) => [...b]);
          assertEquals(seen[side], wanted);
        }
        assertEquals([seen.lost, seen.conflicts], [0, 0]);
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("TcpTracker reports as lost exactly what the capture dropped", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(9000), fc.nat(9000), (seed, a, b) => {
      const script: Script = [["client", pattern(a, 1)], ["server", pattern(b, 2)]];
      const random = new SeededRandom(seed);
      const all = capture(script, { seed, tcp: { mss: 500 }, path: { reorder: 0.1 } })
        .filter(({ length }) => length === 0 || !random.chance(0.1));
      const seen = flows(all);
      assertEquals(seen.client.length + seen.server.length + seen.lost, a + b);
      const patient = flows(all, "end");
      assertEquals(patient.client.length + patient.server.length + patient.lost, a + b);
      assert(patient.lost <= seen.lost);
    }),
    { numRuns: 100 },
  );
});

Deno.test("TcpTracker counts a corrupted copy as a conflict", () => {
  const script: Script = [["client", pattern(50_000, 1)]];
  const seen = flows(capture(script, { seed: 7, path: { corrupt: 0.2 } }), "end");
  assert(seen.conflicts > 0);
  assertEquals(seen.client.length, 50_000);
});

Deno.test("TcpTracker gives the same bytes for 200 orders of 2000 segments", () => {
  const bytes = pattern(2000 * 100, 3);
  const all = capture([["client", bytes]], { tcp: { mss: 100 } })
    .filter(({ length, flags }) => length > 0 || (flags & 2) !== 0);
  const syn = all.slice(0, 2);
  const data = all.slice(2);
  const window = 64 * 1024 / 100;
  fc.assert(
    fc.property(
      fc.array(fc.nat(2 ** 31 - 1), { minLength: 2000, maxLength: 2000 }),
      (keys) => {
        const order = data.map((segment, i) => ({
          segment,
          key: i + (keys[i] ?? 0) / 2 ** 31 * window,
        })).sort((x, y) => x.key - y.key).map(({ segment }) => segment);
        assertEquals(Uint8Array.from(flows([...syn, ...order]).client), bytes);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("TcpTracker loses nothing of 1e5 segments in any order, which cost no more each than 1e4", () => {
  for (const [name, order] of Object.entries(ORDERS)) {
    const cost = (count: number) => {
      const { user } = process.cpuUsage();
      assertEquals(deliver(order(count), 1), count, name);
      return process.cpuUsage().user - user;
    };
    cost(1e4); // Compiles.
    const few = Math.max(cost(1e4), 5000);
    // Ten times as many; quadratic work would be a hundred times as much.
    assert(cost(1e5) < 50 * few, name);
  }
});

Deno.test("TcpTracker goes on after the first bytes were not captured, from any packet", () => {
  const script: Script = [["client", pattern(3000, 1)], ["server", pattern(3000, 2)], [
    "client",
    pattern(3000, 3),
  ]];
  const all = capture(script, {
    tcp: { mss: 700 },
    path: { loss: 0.1, reorder: 0.2 },
    seed: 5,
  });
  for (let k = 0; k < all.length; k++) {
    const captured = all.slice(k);
    const seen = flows(captured, "end");
    for (const [side, port] of [["client", 40000], ["server", 8090]] as const) {
      const places: number[] = [];
      for (const { sourcePort, sequence, bytes, start, end } of captured) {
        if (sourcePort !== port) continue;
        for (let at = start; at < end; at++) {
          places[sequence + at - start] = bytes[at] ?? -1;
        }
      }
      assertEquals(seen[side], Object.values(places), `${side} from packet ${k + 1}`);
    }
  }
});

Deno.test("TcpTracker lets the least used conversation go and says so", () => {
  const said: string[] = [];
  const tracker = new TcpTracker({ data() {} }, {
    addressText,
    limits: { conversations: 2 },
    report: (c, issue) => said.push(`${c?.number ?? "all"} ${issue.message}`),
  });
  const rows = [1, 2, 1, 3, 1, 2].map((port): Row => ({
    from: "c",
    seq: 0,
    flags: "S",
    port,
  }));
  const numbers = segments(rows).map((segment) => tracker.push(segment).number);
  assertEquals(numbers, [0, 1, 0, 2, 0, 3]);
  assertEquals(tracker.evicted, 2);
  assertEquals(said, [
    "all more than 2 open conversations: the least recently used are dropped",
    "1 dropped: too many open conversations",
    "2 dropped: too many open conversations",
  ]);
});

Deno.test("TcpTracker keeps to its out-of-order bytes, of a flow and of all", () => {
  for (const limits of [{ flowBytes: 5000 }, { totalBytes: 5000 }]) {
    let lost = 0;
    const said = new Set<string>();
    const tracker = new TcpTracker({ data() {}, gap: (_, _side, n) => lost += n }, {
      addressText,
      limits,
      report: (_, issue) => said.add(issue.message.replace(/at byte.*|lacks.*/, "")),
    });
    tracker.push(segments(HANDSHAKE)[0] ?? reusedSegment());
    const segment = reusedSegment();
    segment.flags = 16;
    segment.end = segment.length = 100;
    segment.sequence = 2000;
    segment.destination = 2;
    for (let i = 0; i < 100; i++) {
      segment.sequence += 200;
      tracker.push(segment);
      assert(tracker.held <= 5000 + 164, `${tracker.held}`);
    }
    assert(lost > 0 && said.size >= 2);
    tracker.end();
    assertEquals(tracker.held, 0);
    assertEquals(tracker.rings.used, 0);
  }
});

Deno.test("TcpTracker reports at most so many issues of a conversation", () => {
  const said: string[] = [];
  const tracker = new TcpTracker({ data() {} }, {
    addressText,
    limits: { issues: 3 },
    report: (_, issue) => said.push(issue.message),
  });
  const rows = [1, 1, 1, 1, 1, 1].map((seq, i): Row => ({
    from: "c",
    seq,
    data: `${i}x`,
  }));
  for (const segment of segments([...HANDSHAKE, ...rows])) tracker.push(segment);
  tracker.end();
  assertEquals(said.length, 3);
  assert(said[2]?.endsWith("; further issues of this kind suppressed"));
});

Deno.test("TcpTracker holds no more than its limit of half-open conversations", () => {
  const before = Deno.memoryUsage().rss;
  let released = 0;
  const evicted = flood(300_000, { data() {}, release: () => void released++ });
  assertEquals(evicted, 300_000 - LIMITS.acknowledged.conversations);
  assertEquals(released, 300_000);
  assert(Deno.memoryUsage().rss - before < 1 << 30);
});

Deno.test("digestSink digests each flow, holes left out", () => {
  const seen: unknown[] = [];
  const tracker = new TcpTracker(
    digestSink((c, client, server) => seen.push(c.number, client, server)),
    { addressText, holes: "end" },
  );
  const rows: Row[] = [
    { from: "c", seq: 1, data: "abc" },
    { from: "s", seq: 1, ack: 9 },
    { from: "c", seq: 9, data: "ij" },
    { from: "c", seq: 2, data: "bX" },
    { from: "c", seq: 7, data: "gh" },
  ];
  for (const segment of segments([...HANDSHAKE, ...rows])) tracker.push(segment);
  tracker.end();
  assertEquals(seen, [
    0,
    {
      bytes: 7,
      sha256: "e1d2f5c5f39ba40810229be6cdf5004068ae895319fc5677879a0e3c0be88d74",
      gaps: 1,
      conflicts: 1,
    },
    {
      bytes: 0,
      sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      gaps: 0,
      conflicts: 0,
    },
  ]);
});
