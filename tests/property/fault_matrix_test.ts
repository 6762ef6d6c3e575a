/**
 * Scenario × network × tap: whatever the tapped packets tell equals the truth, the rest is
 * told to be missing, and no response is given to a request that is not its own.
 *
 * @module
 */
import type { Scenario } from "../../cli/synth/scenario.ts";
import type { TransactionRecord } from "../../core/dissect/record.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { dissectPackets } from "../support/packets.ts";
import { recordsOf, synthesise, toldOf } from "../support/synth.ts";

/** Seeds of the whole matrix; IGGYSCOPE_SEEDS asks for more (deno task matrix). */
const SEEDS = Number(Deno.env.get("IGGYSCOPE_SEEDS") ?? 1000);

const SCENARIOS: Readonly<Record<string, string>> = {
  classic: `
clients:
  - count: 2
    every: 3ms
    steps:
      - command: login_user
      - { command: get_streams, think: 300us }
      - command: send_messages
        request: { messages: { times: 3, of: { payload: { repeat: iggy, times: 300 } } } }
      - { command: poll_messages, think: 1ms }
      - { command: create_stream, status: 1012 }
      - { command: ping, repeat: 3 }
      - command: get_topics`,
  pipelined: `
clients:
  - release: "0.9.1-edge.8"
    depth: 6
    overtake: true
    steps:
      - { command: login_register, alone: true }
      - { command: get_streams, think: 2ms, repeat: 2 }
      - { command: create_stream, think: 500us, repeat: 3 }
      - { command: ping, repeat: 3 }
      - { command: send_messages, think: 1ms, repeat: 3 }`,
  websocket: `
clients:
  - carrier: websocket
    steps:
      - command: login_user
      - { command: send_messages, repeat: 2 }
      - { command: get_streams, think: 300us, repeat: 3 }`,
};

const NETWORKS: Readonly<Record<string, NonNullable<Scenario["network"]>>> = {
  clean: {},
  lossy: { loss: 0.08 },
  shuffled: { reorder: 0.2, jitter: 400_000, duplicate: 0.05 },
  all: { loss: 0.05, reorder: 0.1, duplicate: 0.05, jitter: 1_000_000, mtu: 900 },
};

const TAPS: Readonly<Record<string, NonNullable<Scenario["tap"]>>> = {
  client: { at: "client" },
  middle: { at: "middle" },
  server: { at: "server" },
};

/** What a tap misses: then only what it tells can be right. */
const LOSSES: Readonly<Record<string, NonNullable<Scenario["tap"]>>> = {
  loss: { loss: 0.05 },
  start: { skip: 9 },
  snaplen: { snaplen: 120 },
  "one side": { side: "server" },
  shuffled: { reorder: 0.1, loss: 0.02 },
  swapped: { swap: 0.3 },
};

const TCP = { mss: 500 };

/** A whole exchange, by what was sent and not by packets. */
function pairOf({ client, command, request, response }: TransactionRecord): string {
  const { fields: asked, length } = request!;
  const { fields: answered, status } = response!;
  return JSON.stringify([
    client,
    command,
    length,
    asked,
    response!.length,
    answered,
    status,
  ]);
}

const isWhole = ({ request, response, issues }: TransactionRecord) =>
  request !== null && response !== null &&
  !issues.some(({ message }) => /missing|cut off/.test(message));

const cells = Object.keys(SCENARIOS).flatMap((scenario) =>
  Object.keys(NETWORKS).map((network) => ({ scenario, network }))
);
const each = Math.ceil(SEEDS / cells.length / 4);

for (const { scenario, network } of cells) {
  Deno.test(`${scenario} over a ${network} network reads as it was said at every tap`, () => {
    for (const tap of Object.keys(TAPS)) {
      for (let seed = 1; seed <= each; seed++) {
        const { packets, truth } = synthesise(SCENARIOS[scenario]!, {
          seed,
          network: NETWORKS[network]!,
          tap: TAPS[tap]!,
          tcp: TCP,
        });
        const found = recordsOf(dissectPackets(packets)).map(toldOf).sort();
        assertEquals(found, truth.map(toldOf).sort(), `tap ${tap}, seed ${seed}`);
      }
    }
  });

  Deno.test(`${scenario} over a ${network} network makes no wrong pair of what a tap misses`, () => {
    for (const [loss, tap] of Object.entries(LOSSES)) {
      const wrong: string[] = [];
      for (let seed = 1; seed <= Math.ceil(each / 5); seed++) {
        const said = { seed, network: NETWORKS[network]!, tcp: TCP };
        const { packets, truth } = synthesise(SCENARIOS[scenario]!, {
          ...said,
          tap: { at: "server", ...tap },
        });
        const pairs = new Set(truth.filter(({ response }) => response).map(pairOf));
        const found = recordsOf(dissectPackets(packets)).filter((record) =>
          isWhole(record) && record.command !== null && !pairs.has(pairOf(record))
        );
        wrong.push(...found.map((record) => `seed ${seed}: ${toldOf(record)}`));
      }
      assertEquals(wrong, [], loss);
    }
  });
}

Deno.test("the matrix has as many seeds as it says", () => {
  assert(each * cells.length * 4 >= SEEDS);
});
