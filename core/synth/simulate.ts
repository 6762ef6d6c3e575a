import type { PacketSink } from "../capture/packet.ts";
import type { Side } from "../flow/mod.ts";
import { Dialogue, type Exchange } from "./dialogue.ts";
import { ENDPOINT_DEFAULTS, type EndpointOptions } from "./endpoint_options.ts";
import { Impairer, type Impairment } from "./impair.ts";
import { Network, type TapPlace } from "./network.ts";
import { PATH_DEFAULTS, type PathOptions } from "./path.ts";

/** What each side writes, in order; the next write begins when the other side has it all. */
export type Script = readonly (readonly [Side, Uint8Array])[];

/** How {@link simulate} works; what is left out is as in the defaults. */
export interface SimulateOptions {
  /** Equal seeds give equal captures. */
  seed?: number;
  path?: Partial<PathOptions>;
  /** How both ends speak TCP, and what is different at one of them. */
  tcp?: Partial<EndpointOptions>;
  client?: Partial<EndpointOptions>;
  server?: Partial<EndpointOptions>;
  clientPort?: number;
  serverPort?: number;
  tap?: TapPlace;
  /** What the capture misses or changes. */
  capture?: Impairment;
  startSeconds?: number;
}

/**
 * A client, 10.0.0.1, and a server, 10.0.0.2, that speak TCP over a network, as a tap beside
 * the server captures it: handshake, the script, the close. The client's initial sequence
 * number is 1000, the server's 5000, unless told otherwise.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const lengths: number[] = [];
 * simulate([["client", new Uint8Array(2000)]], {}, ({ originalLength }) => {
 *   lengths.push(originalLength);
 * });
 * // SYN, SYN and ACK, ACK; two segments; both FIN, the last ACK.
 * assertEquals(lengths, [74, 74, 66, 1514, 618, 66, 66, 66]);
 * ```
 */
export function simulate(
  script: Script,
  options: SimulateOptions,
  sink: PacketSink,
): void {
  const { seed = 1, tap = "server", capture, startSeconds = 0 } = options;
  const { clientPort = 40_000, serverPort = 8090 } = options;
  const impairer = capture === undefined
    ? null
    : new Impairer({ seed, ...capture }, sink);
  const path = { ...PATH_DEFAULTS, ...options.path };
  const network = new Network(
    { seed, path, tap, startSeconds },
    impairer === null ? sink : (packet) => impairer.push(packet),
  );
  const endpoint = { ...ENDPOINT_DEFAULTS, ...options.tcp };
  const dialogue = new Dialogue(network, {
    addresses: {
      client: { address: Uint8Array.of(10, 0, 0, 1), port: clientPort },
      server: { address: Uint8Array.of(10, 0, 0, 2), port: serverPort },
    },
    endpoints: {
      client: { ...endpoint, ...options.client },
      server: { ...endpoint, initialSequence: 5000, ...options.server },
    },
    depth: 1,
    overtake: false,
    simultaneousOpen: false,
    end: "client",
    refused: false,
  }, exchanges(script));
  dialogue.start();
  while (network.clock.step());
  impairer?.end();
}

function* exchanges(script: Script): Generator<Exchange> {
  for (const [side, bytes] of script) {
    if (bytes.length === 0) continue;
    yield side === "client"
      ? { request: bytes, response: null }
      : { request: null, response: bytes };
  }
}
