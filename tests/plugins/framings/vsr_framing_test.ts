import { assert, assertEquals } from "@std/assert";
import { encode, type Fields, firstOf } from "../../../core/schema/mod.ts";
import type { Transaction } from "../../../core/dissect/transaction.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";
import { dialogue, issuesOf, type Step } from "../../support/dialogue.ts";
import { concat } from "../../support/packets.ts";
import { ask, reply, request, vsrFrame } from "../../support/vsr.ts";

const RELEASE = firstOf("0.9-edge.5");
const { commands } = iggyRegistry();

/** `name: request packet -> response packet status`, one for each transaction. */
const told = (transactions: readonly Transaction[]) =>
  transactions.map(({ name, request, response }) =>
    `${name}: ${request?.stamp.packet ?? "none"} -> ${response?.stamp.packet ?? "none"}` +
    (response === null ? "" : ` ${response.evicted ?? response.status}`)
  );

const requestBody = (name: string, fields: Fields) =>
  encode(commands.byName(name)!.request, fields, RELEASE);
const registered = (server_version: string) =>
  concat(
    new Uint8Array(4),
    encode(commands.byName("login_register")!.response, {
      user_id: 0,
      session: 7n,
      server_protocol_version: 11264,
      server_version,
    }, RELEASE),
  );
const version_info = { protocol_version: 11264, sdk_name: "s", sdk_version: "1" };
const login = (password = "iggy") =>
  request(
    { operation: "register", session: 0n, request: 0n },
    requestBody("login_register", {
      version_info,
      username: "iggy",
      password,
      client_context: null,
    }),
  );
const result = (code: number) =>
  Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, code, code >> 8, 0, 0);

function withField(frame: Uint8Array, at: number, value: number): Uint8Array {
  const copy = frame.slice();
  new DataView(copy.buffer).setUint32(at, value, true);
  return copy;
}

for (const size of [0, 100, 255, 64 * 1024 * 1024 + 1, 0xffff_ffff]) {
  Deno.test(`a frame of size ${size} is reported and the next one is found`, () => {
    for (const first of [[], [["client", ask(1)]]] as Step[][]) {
      const { transactions, state } = dialogue([
        ...first,
        ["client", withField(ask(20), 48, size)],
        ["client", ask(12)],
        ["client", ask(10)],
      ]);
      assertEquals(state.framing, "vsr");
      const names = transactions.map(({ name }) => name);
      const before = first.length === 0 ? [] : ["ping"];
      assertEquals(names, [...before, "get_cluster_metadata", "get_stats"]);
      const issues = issuesOf(transactions);
      const message = `size ${size} is not in 256..67108864: no frame starts here`;
      assert(issues.includes(`error malformed ${message}`));
      assert(
        issues.includes("warn sequence 256 bytes of the client's flow belong to no PDU"),
      );
    }
  });
}

Deno.test("a command byte to come is a PDU; in no header's shape it is none", () => {
  const wrong = ask(20);
  wrong[60] = 200;
  const { transactions } = dialogue([["client", wrong], ["client", ask(1)]]);
  assertEquals(told(transactions), ["vsr.unknown: 1 -> none", "ping: 2 -> none"]);
  assert(issuesOf(transactions)[0]!.includes("200 is newer than this program knows"));
  wrong[70] = 1;
  const { transactions: others } = dialogue([["client", wrong], ["client", ask(1)]]);
  assertEquals(told(others), ["ping: 2 -> none"]);
  assert(issuesOf(others)[0]!.includes("command byte 200 is not known"));
});

Deno.test("reserved bytes that are not zero are reported; the frame is read", () => {
  const odd = ask(1);
  odd[70] = 1;
  const { transactions } = dialogue([["client", odd], ["server", reply({})]]);
  assertEquals(told(transactions), ["ping: 1 -> 2 0"]);
  assertEquals(issuesOf(transactions), ["warn protocol reserved byte is not zero"]);
});

Deno.test("a frame over many packets is one PDU, completed by the last of them", () => {
  const frame = login();
  const steps = Array.from(
    frame,
    (_, i) => ["client", frame.subarray(i, i + 1)] as const,
  );
  const { transactions } = dialogue(steps);
  assertEquals(told(transactions), [`login_register: ${frame.length} -> none`]);
});

Deno.test("replies that overtake find their request by operation and number", () => {
  const send = (number: bigint) =>
    request({ operation: "send_messages", request: number });
  const { transactions } = dialogue([
    ["client", send(1n)],
    ["client", ask(1, 2n)],
    ["client", send(3n)],
    ["client", request({ operation: "create_stream", request: 2n })],
    ["server", reply({ operation: "create_stream", request: 2n }, result(1012))],
    ["server", reply({ operation: "send_messages", request: 3n })],
    ["server", reply({ operation: "non_replicated", request: 2n })],
    ["server", reply({ operation: "send_messages", request: 1n })],
  ]);
  assertEquals(told(transactions), [
    "create_stream: 4 -> 5 1012",
    "send_messages: 3 -> 6 0",
    "ping: 2 -> 7 0",
    "send_messages: 1 -> 8 0",
  ]);
});

Deno.test("a reply with the replicated operation answers the one that was asked", () => {
  for (
    const [asked, replicated] of [
      ["create_topic", "create_topic_with_assignments"],
      ["create_partitions", "create_partitions_with_assignments"],
      ["delete_segments", "truncate_partition"],
    ]
  ) {
    const { transactions } = dialogue([
      ["client", request({ operation: asked })],
      ["server", reply({ operation: replicated }, result(20))],
    ]);
    assertEquals(told(transactions), [`${asked}: 1 -> 2 20`]);
  }
});

Deno.test("a login is told by its body, by password or by token", () => {
  const byToken = request(
    { operation: "register", session: 0n, request: 0n },
    requestBody("login_register_with_pat", {
      version_info,
      token: "t0ken",
      client_context: null,
    }),
  );
  const { transactions } = dialogue([["client", login()], ["client", byToken]]);
  assertEquals(
    transactions.map(({ name, code }) => [name, code]),
    [["login_register", 40], ["login_register_with_pat", 45]],
  );
});

Deno.test("the answer to a login settles the release", () => {
  for (
    const [version, release] of [
      ["0.9.0-edge.2", "0.9-edge.2"],
      ["0.9.0-edge.3", "0.9-edge.2"],
      ["0.9.0-edge.4", "0.9-edge.4"],
      ["0.9.0-edge.5", "0.9-edge.5"],
      ["0.9.0", "0.9"],
      ["something else", "0.9-edge.2..0.9"],
    ] as const
  ) {
    const { transactions } = dialogue([
      ["client", login()],
      ["server", reply({ operation: "register", request: 0n }, registered(version))],
    ]);
    assertEquals(transactions.map((each) => each.release), [release], version);
  }
});

Deno.test("the result section gives the status and is not part of the fields", () => {
  const create = request({ operation: "create_stream" });
  const answers = (body: Uint8Array, status = 0) =>
    dialogue([
      ["client", create],
      ["server", reply({ operation: "create_stream", status }, body)],
    ]).transactions[0]!;
  assertEquals(answers(result(1012)).statusName, "stream_name_already_exists");
  assertEquals(answers(result(1012)).response!.isEmpty, true);
  assertEquals(answers(new Uint8Array(0), 40).statusName, "unauthenticated");
  const many = answers(Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0));
  assert(issuesOf([many]).some((text) => text.includes("9 results announced")));
  const cut = answers(Uint8Array.of(0, 0));
  assert(issuesOf([cut]).some((text) => text.includes("result section of 2 bytes")));
});

Deno.test("an eviction answers the login that waits, by whatever it was overtaken", () => {
  const { transactions } = dialogue([
    ["client", concat(ask(1), login("wrong"), ask(20, 2n))],
    ["server", vsrFrame(13, { reason: "invalid_credentials" })],
    ["server", concat(reply({}), reply({ request: 2n, status: 40 }))],
  ]);
  assertEquals(told(transactions), [
    "login_register: 1 -> 2 invalid_credentials",
    "ping: 1 -> 3 0",
    "get_me: 1 -> 3 40",
  ]);
  assertEquals(transactions[0]!.statusName, null);
});

Deno.test("an eviction that nothing asked for stands alone", () => {
  const stale = vsrFrame(13, { reason: "stale_client" });
  const { transactions } = dialogue([
    ["client", ask(1)],
    ["server", concat(stale, reply({}))],
  ]);
  assertEquals(told(transactions), ["null: none -> 2 stale_client", "ping: 1 -> 2 0"]);
});

Deno.test("an eviction for the protocol version says which ones the server takes", () => {
  const eviction = vsrFrame(13, {
    reason: "incompatible_protocol",
    server_protocol_version: 11 << 10,
    server_protocol_version_min: 10 << 10,
    client: 1n,
  });
  const { transactions } = dialogue([["client", login()], ["server", eviction]]);
  assertEquals(issuesOf(transactions), [
    "warn protocol the client speaks protocol 0.11.0 (Iggy 0.9-edge.2..0.9), the server " +
    "takes protocol versions 0.10.0 to 0.11.0 (Iggy 0.9-edge.2..0.9)",
  ]);
});

Deno.test("a request sent again after a transient status is marked", () => {
  const create = request({ operation: "create_stream" });
  const { transactions } = dialogue([
    ["client", create],
    ["server", reply({ operation: "create_stream" }, result(57))],
    ["client", create],
    ["server", reply({ operation: "create_stream" }, result(1012))],
    ["client", request({ operation: "create_stream", request: 2n })],
  ]);
  assertEquals(told(transactions), [
    "create_stream: 1 -> 2 57",
    "create_stream: 3 -> 4 1012",
    "create_stream: 5 -> none",
  ]);
  const again = "note sequence sent again: the same request as in packet 1";
  assertEquals(issuesOf(transactions.slice(0, 2)).filter((text) => text === again), [
    again,
  ]);
});

Deno.test("equal reads under one number are no replays", () => {
  const { transactions } = dialogue([
    ["client", ask(1)],
    ["server", reply({})],
    ["client", ask(1)],
    ["server", reply({})],
  ]);
  assertEquals(told(transactions), ["ping: 1 -> 2 0", "ping: 3 -> 4 0"]);
  assertEquals(issuesOf(transactions), []);
});

Deno.test("a request that servers drop for its header waits for nothing", () => {
  const { transactions } = dialogue([
    ["client", request({ operation: "create_stream", session: 0n })],
    ["client", request({ operation: "create_stream" })],
    ["server", reply({ operation: "create_stream" }, result(1012))],
  ]);
  assertEquals(told(transactions), [
    "create_stream: 1 -> none",
    "create_stream: 2 -> 3 1012",
  ]);
  const [first] = issuesOf(transactions);
  assertEquals(
    first,
    "warn protocol no session or request number: servers drop such a request",
  );
});

Deno.test("too many waiting requests: the oldest is given up, and so is its answer", () => {
  const { transactions } = dialogue([
    ["client", concat(ask(1), ask(1), ask(1))],
    ["server", concat(reply({}), reply({}), reply({}))],
  ], { maxOutstanding: 2 });
  assertEquals(told(transactions), [
    "ping: 1 -> none",
    "null: none -> 2 0",
    "ping: 1 -> 2 0",
    "ping: 1 -> 2 0",
  ]);
});

Deno.test("a lost reply never goes to the request before", () => {
  const { transactions } = dialogue([
    ["client", ask(20)],
    ["server", 300],
    ["client", ask(1)],
    ["server", reply({})],
  ]);
  assertEquals(told(transactions), ["get_me: 1 -> none", "ping: 3 -> 4 0"]);
});

Deno.test("what has no place on a client's link is shown and dropped", () => {
  for (
    const [command, name] of [[0, "reserved"], [6, "prepare"], [8, "reply"]] as const
  ) {
    const { transactions } = dialogue([
      ["client", ask(1)],
      ["client", vsrFrame(command)],
      ["server", reply({})],
    ]);
    assertEquals(transactions.map((each) => each.name), [`vsr.${name}`, "ping"]);
    assertEquals(transactions[0]!.code, command);
    assert(issuesOf(transactions)[0]!.includes(`a client sends no ${name}`));
  }
});

Deno.test("unknown codes and operations are named as such", () => {
  const { transactions } = dialogue([
    ["client", ask(9999)],
    ["client", request({ operation: 163 })],
  ]);
  assertEquals(transactions.map(({ name, code }) => [name, code]), [
    // Servers since 0.9.1-edge.2 answer both.
    [null, 9999],
    [null, null],
  ]);
  const issues = issuesOf(transactions);
  assert(issues.some((text) => text.includes("unknown command code 9999")));
  assert(issues.includes("note undecoded value 163 is newer than this program knows"));
});

Deno.test("an eviction answers a request of the client that it names", () => {
  const first = request({ operation: "create_stream", client: 1n });
  const second = request({ operation: "create_stream", client: 2n, request: 5n });
  const eviction = (client: bigint) =>
    vsrFrame(13, { reason: "session_too_low", client });
  for (const [client, expected] of [[2n, 2], [1n, 1], [77n, 1]] as const) {
    const { transactions } = dialogue([
      ["client", first],
      ["client", second],
      ["server", eviction(client)],
    ]);
    const evicted = transactions.find(({ response }) => response !== null);
    assertEquals(evicted?.request?.stamp.packet, expected, `${client}`);
  }
});

Deno.test("the reply to a request that was sent again is that of the last copy", () => {
  const create = request({ operation: "create_stream" });
  const { transactions } = dialogue([
    ["client", create],
    ["client", create],
    ["server", reply({ operation: "create_stream" }, result(1012))],
  ]);
  assertEquals(told(transactions), [
    "create_stream: 1 -> none",
    "create_stream: 2 -> 3 1012",
  ]);
});
