import { NetDecoder } from "../../../core/net/mod.ts";
import { type Script, simulate } from "../../../core/synth/mod.ts";
import {
  type FlowAnalysis,
  SequenceRecorder,
  TcpTracker,
} from "../../../core/tcp/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const SCRIPT: Script = Array.from({ length: 24 }, (_, i) => [
  i % 2 === 0 ? "client" : "server",
  new Uint8Array(1 + i * 1500).fill(i),
]);

/** Why the client sent bytes again, and what was made of it at a tap. */
function repairs(seed: number, tap: "client" | "middle" | "server") {
  const truth = { timeout: 0, tail_loss_probe: 0, fast: 0 };
  const found: { facts: FlowAnalysis | null } = { facts: null };
  const recorder = new SequenceRecorder();
  const tracker = new TcpTracker({
    data() {},
    release: (_, { analysis }) => found.facts = analysis!.client,
  }, { addressText: String });
  const net = new NetDecoder((segment) => {
    tracker.push(segment);
    recorder.push(segment, segment.sourcePort === 40_000 ? "client" : "server");
  }, () => {});
  simulate(SCRIPT, {
    seed,
    tap,
    path: { loss: 0.06, delay: 4e6 },
    client: { repaired: (why) => truth[why]++ },
  }, (packet) => net.decode(packet));
  tracker.end();
  return { truth, facts: found.facts!, graph: recorder.graph("client") };
}

Deno.test("timeouts and tail loss probes are told only where the sender made them", () => {
  const sum = { timeout: 0, tail_loss_probe: 0, timeouts: 0, probes: 0 };
  for (let seed = 1; seed <= 60; seed++) {
    for (const tap of ["client", "middle", "server"] as const) {
      const { truth, facts } = repairs(seed, tap);
      const { timeoutRetransmissions, tailLossProbes } = facts;
      const told = `seed ${seed}, tap at the ${tap}`;
      assert(timeoutRetransmissions <= truth.timeout, told);
      assert(tailLossProbes <= truth.tail_loss_probe, told);
      if (tap !== "client") continue;
      sum.timeout += truth.timeout;
      sum.timeouts += timeoutRetransmissions;
      sum.tail_loss_probe += truth.tail_loss_probe;
      sum.probes += tailLossProbes;
    }
  }
  assert(sum.timeouts > sum.timeout / 3, JSON.stringify(sum));
  assert(sum.probes > sum.tail_loss_probe / 3, JSON.stringify(sum));
});

Deno.test("a sequence graph shows each segment, its repair and its round trip", () => {
  const { facts, graph } = repairs(3, "client");
  const again = graph.segments.filter(({ repair }) =>
    repair !== null && repair !== "out_of_order"
  );
  assertEquals(again.length, facts.retransmissions);
  assertEquals(graph.roundTrips.length, facts.rttSamples);
  assertEquals(graph.leftOut, 0);
  const sent = SCRIPT.reduce(
    (all, [side, { length }]) => side === "client" ? all + length : all,
    0,
  );
  assertEquals(Math.max(...graph.segments.map(({ to }) => to)), 1 + sent + 1);
  assert(graph.acknowledgments.every(({ to, window }) => window >= to));
});

Deno.test("a sequence graph holds no more points than it is told", () => {
  const recorder = new SequenceRecorder(100);
  const net = new NetDecoder(
    (segment) =>
      recorder.push(segment, segment.sourcePort === 40_000 ? "client" : "server"),
    () => {},
  );
  const script: Script = [["client", new Uint8Array(2_000_000)]];
  simulate(script, { path: { loss: 0.01 } }, (packet) => net.decode(packet));
  const { segments, acknowledgments, leftOut } = recorder.graph("client");
  assert(segments.length <= 100 && segments.length > 40, `${segments.length}`);
  assert(acknowledgments.length <= 100 && leftOut > 0);
});
