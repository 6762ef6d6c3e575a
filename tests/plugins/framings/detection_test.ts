import { assert, assertEquals } from "@std/assert";
import { dissectFixture } from "../../support/dissect.ts";
import { dialogue, issuesOf, type Step } from "../../support/dialogue.ts";
import { concat, dissectPackets, packetsOf } from "../../support/packets.ts";
import { ask, reply, sealed, vsrFrame } from "../../support/vsr.ts";

const text = (value: string) => new TextEncoder().encode(value);
const classicPing = Uint8Array.of(4, 0, 0, 0, 1, 0, 0, 0);
const classicOk = new Uint8Array(8);
const classicError = Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0);
const anyPort = { serverPort: 12_345 };
const middle = { handshake: false };

const framingOf = (steps: Step[], options = {}) => dialogue(steps, options).state.framing;

Deno.test("classic and VSR are told apart by their bytes, on any port", () => {
  for (const options of [{}, anyPort]) {
    assertEquals(framingOf([["client", ask(1)]], options), "vsr");
    assertEquals(framingOf([["client", classicPing]], options), "classic");
  }
});

Deno.test("one direction is enough for VSR", () => {
  for (const options of [{}, anyPort]) {
    assertEquals(framingOf([["server", reply({})]], options), "vsr");
    const hello = vsrFrame(14, { cluster: 5n });
    assertEquals(framingOf([["client", hello]], options), "vsr");
  }
});

Deno.test("zeros are not taken for classic answers before they can be told from a reply", () => {
  assertEquals(framingOf([["server", new Uint8Array(8)]]), "classic");
  const zeros = reply({});
  const steps = Array.from(
    { length: 8 },
    (_, i) => ["server", zeros.subarray(i * 32, i * 32 + 32)] as const,
  );
  assertEquals(framingOf(steps), "vsr");
});

Deno.test("VSR is found from the middle, and who the client is", () => {
  const cut = concat(new Uint8Array(77).fill(7), reply({}), reply({}));
  for (const options of [middle, { ...middle, ...anyPort }]) {
    assertEquals(framingOf([["server", cut]], options), "vsr");
    const { state, transactions } = dialogue([
      ["server", ask(1)],
      ["client", reply({})],
    ], options);
    assertEquals(state.framing, "vsr");
    assertEquals(state.client.split(":")[1], String(options === middle ? 8090 : 12_345));
    assertEquals(transactions.map(({ name }) => name), ["ping"]);
  }
});

Deno.test("other traffic is left alone", () => {
  const hello = text("SSH-2.0-OpenSSH_9.9\r\n");
  for (const options of [anyPort, { ...middle, ...anyPort }]) {
    for (const said of [hello, new Uint8Array(5000), text("GET / HTTP/1.1\r\n\r\n")]) {
      const { transactions, state } = dialogue(
        [["client", said], ["server", said]],
        options,
      );
      assertEquals([transactions.length, state.framing], [0, null]);
    }
  }
  const { transactions } = dialogue([["client", hello]]);
  assertEquals(issuesOf(transactions), [
    "warn protocol no known framing on a port of Iggy: SSH",
  ]);
});

Deno.test("TLS is named", async () => {
  const transactions = await dissectFixture("classic-080-tls.pcap");
  assert(transactions.length > 0);
  for (const { conversation, issues } of transactions) {
    assertEquals(conversation.framing, "tls");
    assertEquals(issues.map(({ message }) => message), [
      "TLS: not readable without its keys: a key log opens it " +
      "(TLS 1.3, TLS_AES_256_GCM_SHA384, server name localhost)",
    ]);
  }
});

Deno.test("a classic client of a VSR server is said in plain words", async () => {
  const transactions = await dissectFixture("vsr-090e5-pipelined.pcap");
  const said = issuesOf(transactions).filter((issue) =>
    issue.includes("servers since 0.9 understand only VSR framing")
  );
  assertEquals(said.length, 2);
});

Deno.test("a VSR client of a classic server is said in plain words", () => {
  const { transactions, state } = dialogue([
    ["client", ask(1)],
    ["server", concat(classicError, classicError)],
  ]);
  assertEquals(state.framing, "vsr");
  const [said] = issuesOf(transactions);
  assert(said!.includes("a server before 0.9 does not understand this client"), said);
});

Deno.test("a classic client stays classic although its answers are zeros", () => {
  const { state, transactions } = dialogue([
    ["client", classicPing],
    ["server", classicOk],
  ]);
  assertEquals([state.framing, issuesOf(transactions)], ["classic", []]);
});

Deno.test("both generations in one capture are told apart by conversation", async () => {
  const classic = await packetsOf("classic-080-all.pcap");
  const vsr = await packetsOf("vsr-090e5-all.pcap");
  const cluster = await packetsOf("vsr-090e5-cluster.pcap");
  const mixed = [];
  for (let i = 0; i < Math.max(classic.length, vsr.length, cluster.length); i++) {
    for (const packets of [classic, vsr, cluster]) {
      if (packets[i] !== undefined) mixed.push(packets[i]!);
    }
  }
  const transactions = dissectPackets(mixed);
  const count = (name: string) =>
    transactions.filter(({ conversation }) => conversation.framing === name).length;
  assertEquals([count("classic"), count("vsr")], [90, 95 + 1037]);
  const issues = issuesOf(transactions).filter((issue) => !issue.startsWith("chat"));
  assertEquals(issues, []);
});

Deno.test("a link between replicas is told from a client's, with the ids at its ends", () => {
  const client = dialogue([["client", ask(1)]]).state;
  assertEquals(client.link?.kind, "client");
  const { state } = dialogue([
    ["client", vsrFrame(14, { cluster: 5n, replica: 0 })],
    ["client", sealed(6, { replica: 4, op: 1n })],
    ["server", sealed(7, { replica: 2, op: 1n })],
  ], anyPort);
  assertEquals(state.link, { kind: "replica", replicas: { client: 0, server: 2 } });
});
