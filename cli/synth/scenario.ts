import {
  type EndpointOptions,
  type Impairment,
  type PathOptions,
} from "../../core/synth/mod.ts";
import {
  anything,
  chance,
  choice,
  duration,
  flag,
  instant,
  list,
  object,
  type Path,
  type Reader,
  type ReadObject,
  type ScenarioSource,
  size,
  text,
  whole,
} from "./document.ts";

const side = choice("client", "server");

const path = object({
  delay: duration,
  jitter: duration,
  rate: size,
  loss: chance,
  reorder: chance,
  duplicate: chance,
  corrupt: chance,
  mtu: whole(100, 65_535),
});

/** Smallest receive buffer: by the largest shift, less is a window that never opens. */
const MIN_RECEIVE_BUFFER = 2 ** 14;

const receiveBuffer: Reader<number> = (value, path, document) => {
  const bytes = size(value, path, document);
  if (bytes >= MIN_RECEIVE_BUFFER) return bytes;
  throw document.fault(path, `expected 16KiB or more, not ${bytes} bytes`);
};

const tcp = object({
  mss: whole(1, 65_495),
  window_scale: whole(0, 14),
  sack: flag,
  timestamps: flag,
  receive_buffer: receiveBuffer,
  delayed_ack: duration,
  minimum_timeout: duration,
  congestion: choice("reno", "cubic"),
  first_window: whole(1, 1000),
  offload: size,
  keep_alive: duration,
  tail_loss_probe: flag,
  retries: whole(0, 1000),
});

const tap = object({
  at: choice("client", "middle", "server"),
  skip: whole(0, 1e9),
  side,
  mss: whole(1, 65_495),
  loss: chance,
  corrupt: chance,
  duplicate: chance,
  reorder: chance,
  swap: chance,
  snaplen: whole(1, 262_144),
  keep_times: flag,
});

const stall = object({ side, for: duration });

/** A step of a client, as it is written. */
const STEP = {
  command: text,
  frame: text,
  tour: flag,
  from: side,
  request: anything,
  response: anything,
  header: anything,
  status: whole(0, 0xffff_ffff),
  answered: flag,
  pause: duration,
  think: duration,
  alone: flag,
  stall,
  repeat: whole(1, 1e9),
  total: size,
};

/** A step, or a list of steps that is repeated. */
export interface Step extends ReadObject<typeof STEP> {
  /** Where it stands in the document. */
  readonly path: Path;
  readonly steps?: readonly Step[];
}

const step: Reader<Step> = (value, path, document) => {
  const read = object({ ...STEP, steps: (...args) => steps(...args) })(
    value,
    path,
    document,
  );
  const said = ["command", "frame", "tour", "steps"]
    .filter((key) => key in read && (key !== "tour" || read.tour));
  if (said.length !== 1) {
    throw document.fault(path, "a step has one of command, frame, tour and steps");
  }
  return { ...read, path } as Step;
};

const steps: Reader<Step[]> = list(step);

/** Clients that do the same, as they are written. */
const CLIENT = {
  count: whole(1, 60_000),
  start: duration,
  every: duration,
  release: text,
  carrier: choice("tcp", "websocket"),
  ipv6: flag,
  port: whole(1, 65_535),
  depth: whole(1, 100_000),
  overtake: flag,
  open: choice("client", "both", "refused"),
  end: choice("client", "server", "both", "reset", "none"),
  tcp,
  server_tcp: tcp,
  steps,
};

/** Clients of a scenario that do the same. */
export interface ClientSpec extends ReadObject<typeof CLIENT> {
  /** Where it stands in the document. */
  readonly path: Path;
}

const client: Reader<ClientSpec> = (value, path, document) => ({
  ...object(CLIENT)(value, path, document),
  path,
});

const scenario = object({
  seed: whole(0, 0xffff_ffff),
  start: instant,
  network: path,
  tap,
  tcp,
  clients: list(client),
});

/** A scenario as it is written, checked. */
export type Scenario = ReturnType<typeof scenario>;
/** Reads a scenario; throws `UsageError` with line and column. */
export function readScenario(document: ScenarioSource): Scenario {
  const read = scenario(document.value, [], document);
  if ((read.clients ?? []).length === 0) {
    throw document.fault([], "a scenario has clients");
  }
  return read;
}

/** How an endpoint speaks TCP, of what the scenario says. */
export function tcpOptions(
  said: Scenario["tcp"] | undefined,
): Partial<EndpointOptions> {
  const { mss, sack, timestamps, offload, retries, congestion, window_scale } = said ??
    {};
  return defined({
    mss,
    sack,
    timestamps,
    offload,
    retries,
    congestion,
    windowScale: window_scale,
    receiveBuffer: said?.receive_buffer,
    delayedAck: said?.delayed_ack,
    minimumTimeout: said?.minimum_timeout,
    firstWindow: said?.first_window,
    keepAlive: said?.keep_alive,
    tailLossProbe: said?.tail_loss_probe,
  });
}

/** What the network does, of what the scenario says. */
export function pathOptions(said: Scenario["network"] | undefined): Partial<PathOptions> {
  return defined(said ?? {});
}

/** What the capture misses and changes, of what the scenario says. */
export function tapOptions(said: Scenario["tap"] | undefined): Impairment {
  const { at: _, keep_times: keepTimes, ...rest } = said ?? {};
  return defined({ ...rest, keepTimes });
}

function defined<T extends object>(options: T): Partial<T> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}
