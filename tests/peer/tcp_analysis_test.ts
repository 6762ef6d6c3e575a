import { PcapWriter, readCaptures } from "../../core/capture/mod.ts";
import { NetDecoder } from "../../core/net/mod.ts";
import { simulate, type SimulateOptions } from "../../core/synth/mod.ts";
import { type FlowAnalysis, TcpTracker } from "../../core/tcp/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { fixtures } from "../support/packets.ts";
import { requireTsharks, type Tshark } from "../support/tshark.ts";

const FIXTURES = new URL("../../fixtures/captures/", import.meta.url).pathname;

/** Our counts by tshark's fields. */
const FIELDS = {
  retransmission: "retransmissions",
  fast_retransmission: "fastRetransmissions",
  spurious_retransmission: "spuriousRetransmissions",
  out_of_order: "outOfOrder",
  lost_segment: "previousLost",
  ack_lost_segment: "ackedUnseen",
  duplicate_ack: "duplicateAcks",
  window_update: "windowUpdates",
  window_full: "windowFull",
  zero_window: "zeroWindows",
  zero_window_probe: "zeroWindowProbes",
  zero_window_probe_ack: "zeroWindowProbeAcks",
  keep_alive: "keepAlives",
  keep_alive_ack: "keepAliveAcks",
} as const satisfies Record<string, keyof FlowAnalysis>;

/** Large as on real networks: 4.4 and 4.6 compare relative numbers with absolute ones. */
const INITIAL = {
  client: { initialSequence: 3_000_000_000 },
  server: { initialSequence: 2_000_000_000 },
};

/** Counts by `conversation sender field`, those of 0 left out. */
type Counts = Record<string, number>;

async function ours(path: string): Promise<Counts> {
  const counts: Counts = {};
  const tracker = new TcpTracker({
    data() {},
    release({ number, clientEndpoint, serverEndpoint }, { analysis }) {
      for (const side of ["client", "server"] as const) {
        const end = side === "client" ? clientEndpoint : serverEndpoint;
        for (const [field, key] of Object.entries(FIELDS)) {
          const count = Number(analysis![side][key]);
          if (count > 0) counts[`${number} ${end} ${field}`] = count;
        }
      }
    },
  }, { addressText: (address) => net.addresses.text(address) });
  const net: NetDecoder = new NetDecoder((segment) => tracker.push(segment), () => {}, {
    headers: (segment) => tracker.pushHeader(segment),
  });
  await readCaptures([path], (packet) => net.decode(packet), () => {});
  tracker.end();
  return counts;
}

async function theirs(tshark: Tshark, capture: string): Promise<Counts> {
  const names = Object.keys(FIELDS);
  const columns = ["tcp.stream", "ip.src", "ipv6.src", "tcp.srcport"];
  const fields = [...columns, ...names.map((name) => `tcp.analysis.${name}`)];
  const { code, stdout, stderr } = await tshark.run({
    capture,
    args: [
      ...["-Y", "tcp.analysis.flags", "-T", "fields", "-E", "occurrence=l"],
      ...fields.flatMap((field) => ["-e", field]),
    ],
  });
  assertEquals(code, 0, stderr);
  const counts: Counts = {};
  for (const line of new TextDecoder().decode(stdout).split("\n")) {
    const [stream, v4, v6, port, ...values] = line.split("\t");
    if (stream === undefined || port === undefined) continue;
    const end = v6 ? `[${v6}]:${port}` : `${v4}:${port}`;
    values.forEach((value, i) => {
      if (value === "") return;
      const key = `${stream} ${end} ${names[i]}`;
      counts[key] = (counts[key] ?? 0) + 1;
    });
  }
  return counts;
}

/** Which counts of a release are not ours, and what of them agrees all the same. */
interface Difference {
  readonly releases: RegExp;
  /** Counts that are only equal in sum. */
  readonly sums?: RegExp;
  /** Counts that are not compared. */
  readonly left?: RegExp;
  /** So many of a flow may be counted otherwise; else any number. */
  readonly most?: number;
}

const DIFFERENCES: readonly Difference[] = [
  // 4.0 knows no SACK: an ACK with blocks and another window is an update, not a duplicate; and
  // only the first hole is repaired fast.
  { releases: /^4\.0/, sums: /(duplicate_ack|window_update)$/ },
  { releases: /^4\.0/, left: /fast_retransmission$/ },
  // Nor does it look whether bytes were captured before, which then cannot be out of order.
  { releases: /^4\.0/, sums: /(?<!_)(retransmission|out_of_order)$/ },
  // It tells bytes that were acknowledged, but not captured, once until the flow goes on.
  { releases: /^4\.0/, left: /ack_lost_segment$/ },
  // Newer ones compare with single segments: where other segments are cut when bytes are sent
  // again, they count them as new.
  { releases: /^4\.4/, sums: /(?<!_)(retransmission|out_of_order)$/, most: 2 },
  // 4.6 measures their delay from the last ACK, not from the highest bytes seen: while a loss is
  // repaired, and ACKs come all the time, most of what is sent again counts as out of order.
  { releases: /^4\.6/, sums: /(?<!_)(retransmission|out_of_order)$/ },
  // An ACK of bytes that were not captured, in the middle of a segment that was.
  { releases: /^4\.[46]/, left: /ack_lost_segment$/, most: 3 },
];

/** What differs from a release and is not in that table, as `ours/theirs`. */
function unexplained(
  mine: Counts,
  other: Counts,
  { version }: Tshark,
): Record<string, string> {
  let [ours, theirs] = [mine, other];
  for (const { releases, sums, left, most } of DIFFERENCES) {
    if (!releases.test(version)) continue;
    const isNear = (key: string) =>
      Math.abs((mine[key] ?? 0) - (other[key] ?? 0)) <= (most ?? Infinity);
    const joined = (counts: Counts) => {
      const sum: Counts = {};
      for (const [key, count] of Object.entries(counts)) {
        if (left?.test(key) && isNear(key)) continue;
        const name = sums?.test(key) && isNear(key)
          ? key.replace(sums, sums.source)
          : key;
        sum[name] = (sum[name] ?? 0) + count;
      }
      return sum;
    };
    [ours, theirs] = [joined(ours), joined(theirs)];
  }
  return differences(ours, theirs);
}

/** What differs, as `ours/theirs`. */
function differences(mine: Counts, other: Counts): Record<string, string> {
  const keys = [...new Set([...Object.keys(mine), ...Object.keys(other)])].sort();
  return Object.fromEntries(
    keys.filter((key) => mine[key] !== other[key])
      .map((key) => [key, `${mine[key] ?? 0}/${other[key] ?? 0}`]),
  );
}

Deno.test("tshark counts the same in the analysis of every fixture", async (t) => {
  const all = await requireTsharks() ?? [];
  for (const name of all.length === 0 ? [] : fixtures(3_000_000)) {
    await t.step(name, async () => {
      const path = FIXTURES + name;
      const mine = await ours(path);
      // Releases differ where packets were lost or came late.
      for (const tshark of /lossy|midstream|mtu/.test(name) ? all : all.slice(-1)) {
        const other = await theirs(tshark, path);
        assertEquals(unexplained(mine, other, tshark), {}, tshark.version);
      }
    });
  }
});

const SEEDS = [1, 2, 3];

const NETWORKS: [name: string, options: SimulateOptions][] = [
  ["lossy", { path: { loss: 0.05 } }],
  ["lossy, without SACK", { path: { loss: 0.05 }, tcp: { sack: false } }],
  ["shuffled", { path: { reorder: 0.1, jitter: 2e6, duplicate: 0.05 } }],
  ["slow to read", { tcp: { receiveBuffer: 6000 } }],
  ["idle", { tcp: { keepAlive: 1e5 } }],
  ["bad to the tap", { capture: { loss: 0.05, skip: 5 } }],
  ["all", { path: { loss: 0.03, reorder: 0.1, jitter: 1e6, duplicate: 0.02 } }],
];

Deno.test("tshark counts the same in the analysis of synthesised captures", async () => {
  const tsharks = await requireTsharks();
  if (tsharks === null) return;
  const script = Array.from({ length: 30 }, (_, i) =>
    [
      i % 3 === 0 ? "server" : "client",
      new Uint8Array(i * 1700 + 1).fill(i),
    ] as const);
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    // All in one file, a conversation for each.
    using file = Deno.openSync(path, { write: true });
    const writer = new PcapWriter((bytes) => file.writeSync(bytes));
    const names: string[] = [];
    for (const [name, options] of NETWORKS) {
      for (const tap of ["client", "middle", "server"] as const) {
        for (const seed of SEEDS) {
          const own = {
            startSeconds: 1000 * names.length,
            clientPort: 40_000 + names.length,
          };
          simulate(script, { ...INITIAL, ...options, tap, seed, ...own }, (packet) => {
            writer.write(packet.seconds, packet.nanos, packet.bytes);
          });
          names.push(`${name}, tap at the ${tap}, seed ${seed}`);
        }
      }
    }
    const mine = await ours(path);
    assert(Object.keys(mine).length > 5 * names.length);
    for (const tshark of tsharks) {
      const found = unexplained(mine, await theirs(tshark, path), tshark);
      const told = Object.entries(found).map(([key, counts]) =>
        `${names[parseInt(key)]}: ${key} ${counts}`
      );
      assertEquals(told, [], tshark.version);
    }
  } finally {
    await Deno.remove(path);
  }
});
