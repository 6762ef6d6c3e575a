import { assert, assertEquals } from "@std/assert";
import type { Fields } from "../../../core/schema/mod.ts";
import { dissectFixture } from "../../support/dissect.ts";
import { dialogue, issuesOf } from "../../support/dialogue.ts";
import { sealed, vsrFrame } from "../../support/vsr.ts";

const METADATA = 1n << 63n;
const OPTIONS = { maxBytes: 64, showSecrets: false };

Deno.test("every frame between replicas is a transaction without an issue", async () => {
  const transactions = await dissectFixture("vsr-090e5-cluster.pcap");
  assertEquals(transactions.length, 1037);
  for (const transaction of transactions) {
    const { name, code, response, framing, request } = {
      ...transaction.toRecord(OPTIONS),
      name: transaction.name,
    };
    assert(name?.startsWith("vsr."));
    assertEquals([code, response, framing], [
      transaction.request!.bytes[60],
      null,
      "vsr",
    ]);
    assertEquals((request!.vsr as Fields).command, name!.slice(4));
    const found = transaction.issues.filter(({ severity }) => severity !== "chat");
    assertEquals(found, []);
  }
});

Deno.test("prepares are read as the commands they replicate", async () => {
  const transactions = await dissectFixture("vsr-090e5-cluster.pcap");
  const prepares = transactions.filter(({ name }) => name === "vsr.prepare");
  const bodies = new Map(prepares.map((transaction) => {
    const { fields, vsr } = transaction.toRecord(OPTIONS).request!;
    return [String((vsr as Fields).operation), fields];
  }));
  assertEquals(Object.keys(bodies.get("create_topic_with_assignments")!), [
    "request",
    "derived_options",
    "partitions",
  ]);
  assertEquals(Object.keys(bodies.get("send_messages")!), ["batches"]);
  assertEquals(bodies.get("register"), null);
  assert("name" in bodies.get("create_stream")!);
});

Deno.test("prepares name their group and are what prepare_ok and commit refer to", async () => {
  const transactions = await dissectFixture("vsr-090e5-cluster.pcap");
  const prepares = new Map(
    transactions.filter(({ name }) => /prepare$/.test(name!))
      .map(({ request }) => [request!.stamp.packet, request!]),
  );
  const subjects = new Set<string | null>();
  let acknowledged = 0;
  for (const { name, request } of transactions) {
    subjects.add(request!.subject);
    if (name !== "vsr.prepare_ok") continue;
    const { op, group, prepare_checksum } = request!.header!;
    assert(request!.refersTo !== null, `packet ${request!.stamp.packet}`);
    const prepare = prepares.get(request!.refersTo)!;
    // Several prepares may share a packet; the last of them is kept here.
    if (prepare.header!.op === op && prepare.header!.group === group) {
      assertEquals(prepare.header!.checksum, prepare_checksum);
      acknowledged++;
    }
  }
  assert(acknowledged > 200, `${acknowledged}`);
  assert(subjects.has("metadata") && subjects.has("stream 0, topic 0, partition 0"));
});

Deno.test("a commit refers to the prepare of its group, on whatever link it went", () => {
  const { transactions } = dialogue([
    ["client", vsrFrame(14, { cluster: 5n })],
    ["client", sealed(6, { op: 3n, group: METADATA })],
    ["client", sealed(6, { op: 3n, group: 1n << 32n })],
    ["client", sealed(9, { commit: 3n, group: METADATA })],
    ["client", sealed(9, { commit: 9n, group: METADATA })],
  ], { serverPort: 9090 });
  assertEquals(
    transactions.slice(3).map(({ request }) => [request!.subject, request!.refersTo]),
    [["metadata", 2], ["metadata", null]],
  );
});

Deno.test("a prepare that comes twice is said to be sent again", () => {
  const prepare = sealed(6, { op: 3n, group: METADATA });
  const later = prepare.slice();
  later[52] = 1;
  const { transactions } = dialogue([["client", prepare], ["client", later]], {
    serverPort: 9090,
  });
  assertEquals(issuesOf(transactions), [
    "chat sequence sent again: the prepare of packet 1",
  ]);
});

Deno.test("a damaged prepare is reported", () => {
  const prepare = sealed(6, { op: 3n, group: METADATA });
  prepare[176]! ^= 1;
  const { transactions } = dialogue([["client", prepare]], { serverPort: 9090 });
  assert(issuesOf(transactions)[0]!.startsWith("warn protocol checksum 0x"));
});

Deno.test("state chunks keep their data to themselves", () => {
  const body = new TextEncoder().encode("$argon2id$v=19$secret");
  const chunk = sealed(25, { size: 256 + body.length }, body);
  const { transactions } = dialogue([["client", chunk]], { serverPort: 9090 });
  const { request } = transactions[0]!.toRecord(OPTIONS);
  assertEquals(request!.fields, { data: `[redacted ${body.length} bytes]` });
});

Deno.test("a frame that has no body and brings one is reported", () => {
  const frame = sealed(22, { size: 260 }, new Uint8Array(4));
  const { transactions } = dialogue([["client", frame]], { serverPort: 9090 });
  assertEquals(issuesOf(transactions), [
    "warn undecoded 4 bytes after the last field: newer than this program knows, or malformed",
  ]);
});

Deno.test("each conversation of a cluster says which replicas it links", async () => {
  const links = new Set<string>();
  await dissectFixture("vsr-090e5-cluster.pcap", {
    conversation({ link }) {
      if (link === null) return;
      const { kind, replicas } = link;
      links.add(`${kind} ${replicas.client} ${replicas.server}`);
    },
  });
  // On one link the acceptor only passed prepares on, under the name of their primary.
  assertEquals([...links].sort(), [
    "replica 0 1",
    "replica 0 2",
    "replica 0 null",
    "replica 1 2",
  ]);
});
