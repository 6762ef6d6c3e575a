import { NetDecoder } from "../../../core/net/mod.ts";
import {
  Dialogue,
  type DialogueOptions,
  ENDPOINT_DEFAULTS,
  type Exchange,
  Network,
  PATH_DEFAULTS,
  type PathOptions,
  type TcpState,
} from "../../../core/synth/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const FLAGS = "FSRPA";

/** One run: flags of the packets, and the states both ends went through. */
function run(
  exchanges: readonly Exchange[],
  options: Partial<DialogueOptions> = {},
  path: Partial<PathOptions> = {},
) {
  const packets: string[] = [];
  const net = new NetDecoder(({ flags, sourcePort, length, window }) => {
    const letters = [...FLAGS].filter((_, bit) => flags >> bit & 1).join("");
    const side = sourcePort === 8090 ? "s" : "c";
    packets.push(`${side} ${letters} ${length} ${window}`);
  }, () => {});
  const network = new Network(
    { seed: 1, path: { ...PATH_DEFAULTS, ...path }, tap: "client", startSeconds: 0 },
    (packet) => net.decode(packet),
  );
  const dialogue: Dialogue<Exchange> = new Dialogue(network, {
    addresses: {
      client: { address: Uint8Array.of(10, 0, 0, 1), port: 40_000 },
      server: { address: Uint8Array.of(10, 0, 0, 2), port: 8090 },
    },
    endpoints: { client: ENDPOINT_DEFAULTS, server: ENDPOINT_DEFAULTS },
    depth: 1,
    overtake: false,
    simultaneousOpen: false,
    end: "client",
    refused: false,
    ...options,
  }, exchanges[Symbol.iterator]());
  const { client, server } = dialogue.connection.endpoints;
  const states: Record<"client" | "server", TcpState[]> = { client: [], server: [] };
  const note = () => {
    if (states.client.at(-1) !== client.state) states.client.push(client.state);
    if (states.server.at(-1) !== server.state) states.server.push(server.state);
  };
  note();
  dialogue.start();
  note();
  while (network.clock.step()) note();
  return { packets, states, seconds: network.clock.now / 1e9 };
}

const ASK: Exchange = { request: new Uint8Array(10), response: new Uint8Array(20) };

const STATES: [
  name: string,
  options: Partial<DialogueOptions>,
  client: string,
  server: string,
][] = [
  [
    "an orderly close",
    {},
    "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 TIME-WAIT CLOSED",
    "LISTEN SYN-RECEIVED ESTABLISHED LAST-ACK CLOSED",
  ],
  [
    "a close at once at both ends",
    { end: "both" },
    "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED",
    "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED",
  ],
  [
    "an open at once at both ends",
    { simultaneousOpen: true },
    "CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED FIN-WAIT-1 TIME-WAIT CLOSED",
    "CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED LAST-ACK CLOSED",
  ],
  [
    "a reset",
    { end: "reset" },
    "CLOSED SYN-SENT ESTABLISHED CLOSED",
    "LISTEN SYN-RECEIVED ESTABLISHED CLOSED",
  ],
  ["nobody who listens", { refused: true }, "CLOSED SYN-SENT CLOSED", "CLOSED"],
];

for (const [name, options, client, server] of STATES) {
  Deno.test(`Endpoint goes through the states of ${name}`, () => {
    const { states } = run([ASK, ASK], options);
    assertEquals(states.client.join(" "), client);
    assertEquals(states.server.join(" "), server);
  });
}

Deno.test("Endpoint closes and opens its window, and probes a closed one", () => {
  const big = { request: new Uint8Array(600_000), response: new Uint8Array(20) };
  const stall = { side: "server", nanos: 3e9 } as const;
  const { packets, seconds } = run([{ ...big, stall }]);
  const closed = packets.filter((packet) => /^s A 0 0$/.test(packet));
  const probes = packets.filter((packet) => packet.startsWith("c A 1 "));
  assert(closed.length > 3 && probes.length > 2 && seconds > 3, packets.join("\n"));
});

Deno.test("Endpoint gives a connection up with a reset after its retries", () => {
  const { states, packets } = run([ASK], {}, { loss: 1 });
  assertEquals(states.client.join(" "), "CLOSED SYN-SENT CLOSED");
  assertEquals(packets.length, 11);
});

Deno.test("Endpoint sends smaller segments once the path refuses long ones", () => {
  const { packets } = run([{ ...ASK, request: new Uint8Array(5000) }], {}, { mtu: 1000 });
  const lengths = packets.map((packet) => Number(packet.split(" ")[2]));
  assertEquals(Math.max(...lengths), 1448);
  assertEquals(lengths.filter((length) => length === 948).length, 5);
});
