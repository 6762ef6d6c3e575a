/**
 * Plays a release that nobody made, in a copy of the tree that knows it: run in that copy by
 * `tests/newcomer_test.ts`. Writes a capture and the exported Lua into the folder named as
 * argument, and prints what was read.
 *
 * @module
 */
import { compileFilter } from "../../core/filter/mod.ts";
import { encode, type Fields, firstOf } from "../../core/schema/mod.ts";
import { exportLua } from "../../core/export/lua/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { PcapWriter } from "../../core/capture/mod.ts";
import { dialogue, type Step } from "./dialogue.ts";
import { ethernetFrame, ipv4, tcp } from "./packets.ts";
import { vsrFrame } from "./vsr.ts";

const RELEASE = firstOf("0.9.1-edge.9");
const PROTOCOL = 12 << 10 | 3;
const CLIENT = 0x0123_4567_89ab_cdefn;

const registry = iggyRegistry();

function body(command: string, side: "request" | "response", fields: Fields): Uint8Array {
  return encode(registry.commands.byName(command)![side], fields, RELEASE);
}

function request(fields: Fields, bytes: Uint8Array): Step {
  const header = { client: CLIENT, session: 7n, ...fields };
  return ["client", vsrFrame(5, header, bytes, RELEASE)];
}

/** A reply; those of replicated requests begin with their result, which is no error. */
function reply(fields: Fields, bytes: Uint8Array, result = 0): Step {
  const whole = new Uint8Array([...new Uint8Array(result), ...bytes]);
  return ["server", vsrFrame(8, { client: CLIENT, ...fields }, whole, RELEASE)];
}

const login = {
  version_info: { protocol_version: PROTOCOL, sdk_name: "test", sdk_version: "1" },
  bind_secret: new Uint8Array(32),
  username: "ann",
  password: "secret",
  client_context: null,
};
const registered = {
  user_id: 0,
  session: 7n,
  server_protocol_version: PROTOCOL,
  server_version: "0.9.1-edge.9",
};
const poll = {
  consumer: { kind: "consumer", id: 1 },
  stream_id: "s",
  topic_id: "t",
  partition_id: 1,
  strategy: { kind: "first", value: 0n },
  count: 1,
  auto_commit: false,
};
/** What a poll answers; `lag` is new. */
const polled = {
  partition_id: 1,
  current_offset: 5n,
  messages_count: 0,
  context: { incarnation: 1n, owner_generation: 1n, metadata_op: 1n },
  lag: 77n,
  batches: [],
};

/** A client's connection, then one between replicas. */
const conversations: readonly (readonly Step[])[] = [[
  request(
    { operation: "register", session: 0n, request: 0n },
    body("login_register", "request", login),
  ),
  reply(
    { operation: "register", request: 0n },
    body("login_register", "response", registered),
    4,
  ),
  request(
    { operation: "non_replicated", request: 1n, _code: 100 },
    body("poll_messages", "request", poll),
  ),
  reply(
    { operation: "non_replicated", request: 1n },
    body("poll_messages", "response", polled),
  ),
  request(
    { operation: "pause_stream", request: 2n },
    body("pause_stream", "request", { stream_id: "s", seconds: 9 }),
  ),
  reply(
    { operation: "pause_stream", request: 2n },
    body("pause_stream", "response", { paused: 3 }),
    4,
  ),
], [[
  "client",
  vsrFrame(37, { cluster: 99n, replica: 1, backlog: 12n }, undefined, RELEASE),
]]];

/** Packets of one connection, from its handshake on. */
function packets(steps: readonly Step[], port: number): Uint8Array[] {
  const next = { client: 100, server: 500 };
  const made = (side: "client" | "server", flags: number, payload?: Uint8Array) => {
    const other = side === "client" ? "server" : "client";
    const ports = side === "client" ? [port, 8090] : [8090, port];
    const packet = ipv4(tcp({
      sourcePort: ports[0],
      destinationPort: ports[1],
      sequence: next[side],
      acknowledgment: flags === 2 ? 0 : next[other],
      flags,
      payload,
    }));
    if (side === "server") packet.set([10, 0, 0, 2, 10, 0, 0, 1], 12);
    next[side] += (payload?.length ?? 0) + (flags & 2 ? 1 : 0);
    return ethernetFrame(0x0800, packet);
  };
  return [
    made("client", 0x02),
    made("server", 0x12),
    made("client", 0x10),
    ...steps.map(([side, bytes]) => made(side, 0x18, bytes as Uint8Array)),
  ];
}

if (import.meta.main) {
  const [folder] = Deno.args;
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => parts.push(bytes));
  conversations.flatMap((steps, i) => packets(steps, 40_000 + i)).forEach((data, i) =>
    writer.write(1000 + i, 0, data)
  );
  await Deno.writeFile(
    `${folder}/made_up.pcap`,
    await new Blob(parts as BlobPart[]).bytes(),
  );
  await Deno.writeTextFile(`${folder}/made_up.lua`, exportLua(registry));
  const found = conversations.flatMap((steps) =>
    dialogue(steps, { registry }).transactions
  );
  const filters = [
    "iggy.poll_messages.response.lag == 77",
    "iggy.pause_stream.response.paused == 3",
    "iggy.vsr.backlog == 12",
  ];
  console.log(JSON.stringify({
    releases: found.map(({ release }) => release),
    pairs: found.map(({ name, outcome }) => [name, outcome]),
    issues: found.flatMap(({ issues }) => issues.map(({ message }) => message)),
    polled: found[1]!.response!.decoded!.fields,
    passing: filters.map((filter) => {
      const passes = compileFilter(filter, registry);
      return found.flatMap((each, i) => passes(each) ? [i] : []);
    }),
  }, (_key, value) => typeof value === "bigint" ? Number(value) : value));
}
