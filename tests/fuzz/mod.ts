/**
 * Fuzzing: `deno task fuzz [MUTATIONS] [SEED]` damages synthesised captures at the level of
 * the file, the packet, TCP and the PDU and dissects them. What throws, takes longer than a
 * second or makes the program grow beyond its limit is kept in `tests/fuzz/corpus/`, which
 * `corpus_test.ts` dissects from then on.
 *
 * @module
 */
import { READY_SCENARIOS } from "../../cli/synth/ready.ts";
import { SeededRandom } from "../../core/synth/mod.ts";
import { synthesise } from "../support/synth.ts";
import { LEVELS, mutated } from "./mutate.ts";
import { faultOf, MAX_BYTES } from "./run.ts";

const CORPUS = new URL("corpus/", import.meta.url);
/** Packets of a seed capture; more would only be slower. */
const MAX_PACKETS = 320;

const [mutations = 100_000, first = 1] = Deno.args.map(Number);
const seeds = ["tour", "pipelining", "lossy", "view-change"].map((name) =>
  synthesise(READY_SCENARIOS[name]!).packets.slice(0, MAX_PACKETS)
);
let faults = 0, largest = 0;
const begin = performance.now();
for (let number = first; number < first + mutations; number++) {
  const random = new SeededRandom(number);
  const level = LEVELS[number % LEVELS.length]!;
  const file = mutated(seeds[random.below(seeds.length)]!, level, random);
  let fault = faultOf(file);
  const { rss } = Deno.memoryUsage();
  largest = Math.max(largest, rss);
  if (fault === null && rss > MAX_BYTES) fault = `${rss >> 20} MB in memory`;
  if (fault === null) continue;
  faults++;
  const name = `${level}-${number}.pcap`;
  console.error(`${name}: ${fault}`);
  await Deno.writeFile(new URL(name, CORPUS), file);
  if (rss > MAX_BYTES) break;
}
const seconds = (performance.now() - begin) / 1000;
console.log(
  `${mutations} mutations in ${seconds.toFixed(0)} s, ${faults} faults, ` +
    `${largest >> 20} MB at most`,
);
Deno.exit(faults > 0 ? 1 : 0);
