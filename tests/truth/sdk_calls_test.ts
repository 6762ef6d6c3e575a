import { assert, assertEquals } from "@std/assert";
import type { Transaction } from "../../core/dissect/transaction.ts";
import type { JsonValue } from "../../core/schema/mod.ts";
import { dissectFixture, truthOf } from "../support/dissect.ts";

/** One call as the Rust SDK's exerciser wrote it down. */
interface Call {
  seq: number;
  conn: string;
  cmd: string;
  args: Record<string, JsonValue>;
  result: { ok?: JsonValue; err?: number };
}

/** Captures of the same exercise against several servers, links and formats. */
const EXERCISES = [
  "classic-050-all.pcap",
  "classic-060-all.pcap",
  "classic-070-all.pcap",
  "classic-080-all.pcap",
  "classic-080-any-sll2.pcap",
  "classic-080-ipv6-nano.pcap",
  "classic-080-mtu1500.pcapng",
];

/** Calls that end on the client's side. */
const NOT_ON_THE_WIRE = new Set(["Disconnect"]);

const snake = (name: string) =>
  name.replace(/(?<!^)[A-Z]/g, "_$&").toLowerCase().replace("get_snapshot", "get_snapshot_file");

/** Values by the last part of their path, as text, for a comparison across spellings. */
function leaves(value: unknown, into = new Map<string, Set<string>>(), name = "") {
  if (value !== null && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) {
      leaves(inner, into, Array.isArray(value) ? name : key);
    }
  } else if (name !== "") {
    const values = into.get(name) ?? new Set();
    into.set(name, values.add(String(value)));
  }
  return into;
}

/** `name: value` pairs of a Rust Debug text. */
function debugLeaves(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, name, quoted, plain] of text.matchAll(/(\w+): (?:Some\()?(?:"([^"]*)"|(\d+))/g)) {
    if (!name!.startsWith("tv_")) {
      found.set(name!, (found.get(name!) ?? new Set()).add(quoted ?? plain!));
    }
  }
  return found;
}

/** Truth names that the wire spells otherwise, or that the SDK computes. */
const RENAMED: Record<string, string> = {
  tcp: "tcp_port",
  quic: "quic_port",
  http: "http_port",
  websocket: "websocket_port",
  stream: "stream_id",
  topic: "topic_id",
  group: "group_id",
  user: "user_id",
  partition: "partition_id",
};
const COMPUTED = new Set([
  "note", "size", "consumer", "expiry", "max_size", "compression", "replication", "count",
  "partitioning", "strategy", "transport", "memory_usage", "total_memory", "available_memory",
  "read_bytes", "written_bytes", "messages_size_bytes", "free_disk_space", "total_disk_space",
  "permissions", "topics", "access_token", "text", "topics_count", "auto_commit", "offset",
]);

function assertValues(
  truth: Map<string, Set<string>>,
  seen: Map<string, Set<string>>,
  where: string,
): void {
  for (const [name, values] of truth) {
    if (COMPUTED.has(name)) continue;
    for (const value of values) {
      const wire = seen.get(RENAMED[name] ?? name) ?? seen.get(name);
      if (value === "null") continue;
      assert(wire?.has(value), `${where}: ${name} ${value}, seen ${[...wire ?? []]}`);
    }
  }
}

function checkCall(call: Call, transaction: Transaction, where: string): void {
  const { request, response } = transaction.toRecord({
    maxBytes: 64,
    showSecrets: true,
  }) as { request: { fields: unknown }; response: { status: number; fields: unknown } };
  assertEquals(transaction.name, snake(call.cmd), where);
  assertEquals(response.status, call.result.err ?? 0, where);
  assertEquals(transaction.issues, [], where);
  assertValues(leaves(call.args), leaves(request.fields), `${where} request`);
  const { ok } = call.result;
  if (ok === null || ok === "None") assertEquals(response.fields, null, where);
  else if (typeof ok === "string") {
    assertValues(debugLeaves(ok), leaves(response.fields), `${where} response`);
  } else if (ok !== undefined) {
    assertValues(leaves(ok), leaves(response.fields), `${where} response`);
  }
}

for (const capture of EXERCISES) {
  Deno.test(`every call of ${capture} is what the client wrote down`, async () => {
    const transactions = await dissectFixture(capture);
    const calls = truthOf<Call>(capture.replace(/\.pcap(ng)?$/, ""))
      .filter(({ cmd, args }) => !NOT_ON_THE_WIRE.has(cmd) && !("on_wire" in args));
    // A call refused by the SDK itself never reaches the wire.
    const sent = calls.filter(({ cmd, seq }) => !(cmd === "GetStreams" && seq === 1));
    const order = [...transactions].sort((a, b) =>
      a.request!.stamp.packet - b.request!.stamp.packet
    );
    assertEquals(order.map(({ name }) => name), sent.map(({ cmd }) => snake(cmd)));
    sent.forEach((call, i) => checkCall(call, order[i]!, `${capture} call ${call.seq}`));
  });
}
