/**
 * Clients that keep several requests on their way all the time: what they hear is always one
 * answer, and what they ask next looks as if they had waited for it.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { impair, type Impairment, SeededRandom } from "../../core/synth/mod.ts";
import { judge, truthOfPackets } from "../support/judge.ts";
import { synthesise } from "../support/synth.ts";

const COMMANDS = [
  "ping",
  "send_messages",
  "poll_messages",
  "get_streams",
  "get_topic",
  "create_stream",
  "store_consumer_offset",
  "get_me",
];

/** A pipeline of some commands, at random; a slow server takes seconds for some. */
function pipeline(seed: number, isSlow = false) {
  const random = new SeededRandom(seed);
  const one = <T>(of: readonly T[]): T => of[random.below(of.length)]!;
  const some = [one(COMMANDS), one(COMMANDS), one(COMMANDS)];
  const steps = Array.from({ length: 40 }, () => {
    const time = isSlow ? one(["20ms", "900ms", "1200ms", "2500ms"]) : "20ms";
    const think = random.chance(0.2) ? `, think: ${time}` : "";
    const isLate = isSlow && random.chance(0.1);
    const pause = isLate ? `, pause: ${one(["1100ms", "3s"])}` : "";
    const status = random.chance(0.1) ? ", status: 1010" : "";
    return `      - { command: ${one(some)}, repeat: ${
      1 + random.below(8)
    }${think}${pause}${status} }`;
  });
  return synthesise(
    `
network: { delay: ${one(["20us", "1ms", "5ms"])} }
clients:
  - depth: ${one([2, 3, 5, 16])}
    release: "${one(["0.5", "0.7", "0.8"])}"
    steps:
      - { command: login_user, alone: true }
${steps.join("\n")}`,
    { seed, tcp: { mss: one([200, 536, 1448]) } },
  ).packets;
}

/** Pairs found in a pipeline impaired in several ways; none of them may be wrong. */
function foundOf(seed: number, isSlow: boolean): number {
  const packets = pipeline(seed, isSlow);
  const truth = truthOfPackets(packets);
  const skip = Math.floor(packets.length / 3);
  const fates: Impairment[] = [
    { loss: 0.01 },
    { loss: 0.05 },
    { loss: 0.2 },
    { loss: 0.4 },
    { skip },
    { skip, loss: 0.05 },
    { loss: 0.02, swap: 0.02, reorder: 0.03, duplicate: 0.03 },
    { loss: 0.2, swap: 0.02, reorder: 0.03, duplicate: 0.03 },
    { snaplen: 100 },
  ];
  let found = 0;
  for (const fate of fates) {
    const left = impair(packets, { seed, keepTimes: true, ...fate });
    const { wrong, invented, right } = judge(truth, left);
    assertEquals([wrong, invented], [[], []], `seed ${seed} ${JSON.stringify(fate)}`);
    found += right;
  }
  return found;
}

/** Seeds of each kind of server, as many as `IGGYSCOPE_SEEDS` says. */
const SEEDS = Number(Deno.env.get("IGGYSCOPE_SEEDS") ?? 8);

for (const kind of ["quick", "slow"]) {
  Deno.test(`no pair of a pipeline with a ${kind} server is wrong after losses`, () => {
    let found = 0;
    for (let seed = 1; seed <= SEEDS; seed++) found += foundOf(seed, kind === "slow");
    assert(found > 200 * SEEDS, `${found} pairs found`);
  });
}

Deno.test("a response that its server had the next request for may answer that one", () => {
  // Packet 55, known to be a response as packet 54 ends it, answers the request of that one.
  assert(foundOf(92, false) > 300);
});

/** Two requests on their way, and a server that answers one by one, each after the next came. */
function steadyPipeline(commands: readonly string[]) {
  const steps = commands.map((command) =>
    `          - { command: ${command}, think: 5ms }`
  );
  return synthesise(
    `
network: { delay: 100us }
clients:
  - depth: 2
    steps:
      - { command: login_user, alone: true }
      - repeat: 100
        steps:
${steps.join("\n")}`,
    { seed: 1 },
  ).packets;
}

Deno.test("responses that do not read as the answers in turn show a pipeline from the middle", () => {
  const commands = ["send_messages", "get_streams", "ping", "get_me", "poll_messages"];
  const packets = steadyPipeline(commands);
  const truth = truthOfPackets(packets);
  for (const share of [0.2, 0.4, 0.6, 0.8]) {
    const left = packets.slice(Math.floor(packets.length * share));
    assertEquals(judge(truth, left).wrong, [], `from ${share}`);
  }
});
