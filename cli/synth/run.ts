import type { PacketSink } from "../../core/capture/packet.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Side } from "../../core/flow/mod.ts";
import {
  type Address,
  Dialogue,
  ENDPOINT_DEFAULTS,
  Impairer,
  Network,
  PATH_DEFAULTS,
  SeededRandom,
} from "../../core/synth/mod.ts";
import type { ScenarioSource } from "./document.ts";
import {
  type ClientSpec,
  pathOptions,
  type Scenario,
  tapOptions,
  tcpOptions,
} from "./scenario.ts";
import { type IggyExchange, Session } from "./session.ts";
import type { Truth } from "./truth.ts";

/** 2026-05-04 12:00 UTC. */
const START = 1_777_896_000;
const PORTS = { tcp: 8090, websocket: 8092 } as const;
const FIRST_PORT = 32_768, PORTS_A_HOST = 28_000;

/** What {@link runScenario} is given beside the scenario. */
export interface RunOptions {
  registry: Registry;
  document: ScenarioSource;
  /** In place of the scenario's. */
  seed?: number;
  /** Takes the packets of the capture, numbered from 1. */
  packet: PacketSink;
  truth: Truth | null;
}

/** Runs a scenario to its end; gives the packets captured. */
export function runScenario(scenario: Scenario, options: RunOptions): number {
  const { document, registry, truth } = options;
  const seed = options.seed ?? scenario.seed ?? 1;
  let packets = 0;
  const impairer = new Impairer({ ...tapOptions(scenario.tap), seed }, (packet) => {
    const numbered = { ...packet, number: ++packets };
    truth?.packet(numbered);
    options.packet(numbered);
  });
  const network = new Network({
    seed,
    path: { ...PATH_DEFAULTS, ...pathOptions(scenario.network) },
    tap: scenario.tap?.at ?? "server",
    startSeconds: scenario.start ?? START,
  }, (packet) => impairer.push(packet));
  const random = new SeededRandom(seed ^ 0x5eed);
  // A client is made when it begins, and nothing holds it once it has ended.
  const begin = (spec: ClientSpec, number: number, more: number): void => {
    const session = new Session(registry, document, spec, random, BigInt(number + 1));
    connect(scenario, spec, session, network, random, number, truth).start();
    if (more === 0) return;
    network.clock.after(spec.every ?? 0, () => begin(spec, number + 1, more - 1));
  };
  let number = 0;
  for (const spec of scenario.clients ?? []) {
    const first = number, { start = 0, count = 1 } = spec;
    network.clock.after(start, () => begin(spec, first, count - 1));
    number += count;
  }
  while (network.clock.step());
  impairer.end();
  truth?.end();
  return packets;
}

function connect(
  scenario: Scenario,
  spec: ClientSpec,
  session: Session,
  network: Network,
  random: SeededRandom,
  number: number,
  truth: Truth | null,
): Dialogue<IggyExchange> {
  const addresses = addressesOf(spec, number);
  const initial = { client: random.below(2 ** 32), server: random.below(2 ** 32) };
  const endpoint = (side: Side) => ({
    ...ENDPOINT_DEFAULTS,
    ...tcpOptions(scenario.tcp),
    ...tcpOptions(side === "client" ? spec.tcp : spec.server_tcp),
    initialSequence: initial[side],
  });
  const conversation = truth?.conversation(
    session.speech,
    session.release,
    addresses,
    initial,
  );
  const open = new Map<IggyExchange, (side: Side, start: number, end: number) => void>();
  return new Dialogue(
    network,
    {
      addresses,
      endpoints: { client: endpoint("client"), server: endpoint("server") },
      depth: spec.depth ?? 1,
      overtake: spec.overtake ?? false,
      simultaneousOpen: spec.open === "both",
      refused: spec.open === "refused",
      end: spec.end ?? "client",
    },
    session.exchanges(),
    {
      wrote(side, start, end, exchange) {
        const { said } = exchange;
        if (conversation === undefined || said === null) return;
        const wrote = open.get(exchange) ?? conversation.exchange(said);
        wrote(side, start, end);
        if (side === "client" && said.response !== null) open.set(exchange, wrote);
        else open.delete(exchange);
      },
    },
  );
}

/** The client's address, a host for each so many ports, and the server's. */
function addressesOf(spec: ClientSpec, number: number): Record<Side, Address> {
  const host = 10 + Math.floor(number / PORTS_A_HOST);
  const port = FIRST_PORT + number % PORTS_A_HOST;
  const serverPort = spec.port ?? PORTS[spec.carrier ?? "tcp"];
  const address = (last: number) =>
    spec.ipv6
      ? Uint8Array.of(0xfd, 0, ...new Array(13).fill(0), last)
      : Uint8Array.of(10, 0, 0, last);
  return {
    client: { address: address(host), port },
    server: { address: address(1), port: serverPort },
  };
}
