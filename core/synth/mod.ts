/**
 * Captures whose truth is known: two real TCP endpoints speak over a simulated network, and a
 * tap captures what passes.
 *
 * Read `endpoint.ts` for the state machine of RFC 9293, `sender.ts` and `receiver.ts` for its
 * halves, `path.ts` for what the network does to packets, `network.ts` for connections over it,
 * `dialogue.ts` for the applications at both ends, and `impair.ts` for what a capture misses,
 * repeats, reorders and cuts. `simulate.ts` is the shortest way to packets.
 *
 * @module
 */
export { internetChecksum } from "./checksum.ts";
export { CapturedFlow } from "./captured_flow.ts";
export { Clock } from "./clock.ts";
export {
  Dialogue,
  type DialogueOptions,
  type DialogueWatcher,
  type Exchange,
} from "./dialogue.ts";
export { Endpoint, type EndpointHost, type TcpState } from "./endpoint.ts";
export { ENDPOINT_DEFAULTS, type EndpointOptions } from "./endpoint_options.ts";
export { type Address, buildFrame, type Frame, type SegmentHeader } from "./frame.ts";
export { impair, Impairer, type Impairment } from "./impair.ts";
export {
  type Application,
  type Connection,
  Network,
  type NetworkOptions,
  type TapPlace,
} from "./network.ts";
export { PATH_DEFAULTS, type PathOptions } from "./path.ts";
export { SeededRandom } from "./random.ts";
export { type Script, simulate, type SimulateOptions } from "./simulate.ts";
