import { assert, assertEquals } from "@std/assert";
import type { Transaction } from "../../../core/dissect/transaction.ts";
import { dissectFixture, truthOf } from "../../support/dissect.ts";
import { valuesOf } from "../../support/values.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** One call as the Rust SDK's exerciser wrote it down. */
interface Call {
  seq: number;
  conn: string;
  cmd: string;
  args: Record<string, Json>;
  result: { ok?: Json; err?: number };
}

/** What the SDK's calls are on the wire, where the name differs. */
const COMMANDS: Record<string, string> = {
  login_user: "login_register",
  login_with_personal_access_token: "login_register_with_pat",
  get_snapshot: "get_snapshot_file",
};
/** Requests that the SDK makes by itself. */
const OWN = new Set(["sync_consumer_group", "get_topic", "get_cluster_metadata"]);
/** Names of arguments on the wire. */
const NAMES: Record<string, string> = {
  stream: "stream_id",
  topic: "topic_id",
  group: "group_id",
  user: "user_id",
  partition: "partition_id",
  partitions: "partitions_count",
};
/** Facts that the SDK's answers and the wire name alike and spell alike. */
const ANSWERED = [
  "id",
  "name",
  "username",
  "status",
  "user_id",
  "client_id",
  "created_at",
  "messages_count",
  "topics_count",
  "partitions_count",
  "members_count",
  "stream_id",
  "topic_id",
  "partition_id",
  "base_offset",
  "current_offset",
  "stored_offset",
  "iggy_server_version",
  "hostname",
  "process_id",
  "consumer_groups_count",
  "address",
  "key",
  "description",
  "token",
];

/** Arguments in words of the exerciser's own. */
const SKIPPED = ["note", "consumer", "strategy", "partitioning", "expiry", "max_size"];

const snake = (name: string) => {
  const text = name.replace(/(?<!^)[A-Z]/g, "_$&").toLowerCase();
  return COMMANDS[text] ?? text;
};

/** `name: value` pairs of JSON, or of a Rust Debug text. */
function saidBy(answer: Json): Map<string, Set<string>> {
  if (typeof answer !== "string") return valuesOf(answer);
  const found = new Map<string, Set<string>>();
  const pairs = answer.matchAll(/(\w+): (?:Some\()?(?:"([^"]*)"|(\d+))/g);
  for (const [, name, quoted, plain] of pairs) {
    found.set(name!, (found.get(name!) ?? new Set()).add(quoted ?? plain!));
  }
  return found;
}

/** The exerciser's calls that reached the wire. */
function callsOf(name: string): Call[] {
  // The SDK refuses the read before login itself, and Disconnect sends nothing.
  return truthOf<Call>(name).filter(({ cmd, seq }) =>
    cmd !== undefined && cmd !== "Disconnect" && seq !== 1
  );
}

/** The calls in order, each with the transaction that carried it. */
function aligned(calls: Call[], transactions: Transaction[]): [Call, Transaction][] {
  const waiting = transactions.toSorted((a, b) =>
    a.request!.stamp.packet - b.request!.stamp.packet
  );
  return calls.map((call) => {
    const wanted = snake(call.cmd);
    while (waiting[0]?.name !== wanted && OWN.has(waiting[0]?.name ?? "")) {
      waiting.shift();
    }
    assertEquals(waiting[0]?.name, wanted, `call ${call.seq}`);
    return [call, waiting.shift()!];
  });
}

/** Statuses that the SDK gives where the server ends the session. */
const EVICTED: Record<string, number> = { invalid_credentials: 42, invalid_token: 53 };

function checkCall({ seq, args, result }: Call, transaction: Transaction): number {
  const { request, response, issues } = transaction.toRecord({
    maxBytes: 64,
    showSecrets: true,
  });
  assertEquals(issues, [], `call ${seq}`);
  const status = response!.evicted === undefined
    ? response!.status
    : EVICTED[response!.evicted];
  assertEquals(status, result.err ?? 0, `call ${seq}`);
  const asked = valuesOf(request!.fields);
  let checked = 1;
  for (const [name, value] of Object.entries(args)) {
    const wire = asked.get(NAMES[name] ?? name);
    if (wire === undefined || SKIPPED.includes(name)) continue;
    if (value === null || typeof value === "object") continue;
    assert(wire.has(String(value)), `call ${seq}: ${name} ${value}, seen ${[...wire]}`);
    checked++;
  }
  if (result.ok === null || result.ok === "None") {
    assertEquals(response!.fields, null, `call ${seq}`);
  }
  const got = valuesOf(response!.fields);
  for (const [name, values] of saidBy(result.ok ?? null)) {
    if (!ANSWERED.includes(name)) continue;
    for (const value of values) {
      const wire = got.get(name);
      if (value === "null") continue;
      assert(wire?.has(value), `call ${seq}: ${name} ${value}, seen ${[...wire ?? []]}`);
      checked++;
    }
  }
  return checked;
}

for (
  const [name, release] of [
    ["vsr-090e5-all", "0.9-edge.5"],
    ["vsr-090e5-websocket", "0.9-edge.5"],
    ["vsr-090e5-lossy", "0.9-edge.5"],
    ["vsr-090e4-all", "0.9-edge.4"],
  ] as const
) {
  Deno.test(`every call of ${name} is what the client wrote down`, async () => {
    const all = await dissectFixture(`${name}.pcap`);
    const pairs = aligned(callsOf(name), all);
    const checked = pairs.reduce((sum, pair) => sum + checkCall(...pair), 0);
    assert(checked > 300, `only ${checked} facts were compared`);
    assertEquals(all.at(-1)!.release, release);
    assert(all.every(({ conversation }) => conversation.framing === "vsr"));
  });
}

Deno.test("polled messages have the offsets and lengths that the client saw", async () => {
  for (const name of ["vsr-090e5-all", "vsr-090e4-all"]) {
    const calls = callsOf(name);
    let polls = 0;
    for (
      const [call, transaction] of aligned(calls, await dissectFixture(`${name}.pcap`))
    ) {
      if (call.cmd !== "PollMessages" || call.result.err !== undefined) continue;
      const { response } = transaction.toRecord({ maxBytes: 64, showSecrets: false });
      const { partition_id, current_offset, messages_count, messages, batches } =
        response!
          .fields as Record<string, Json | undefined>;
      const listed = (messages as Record<string, Json>[] | undefined) ??
        (batches as { messages: Record<string, Json>[] }[]).flatMap((b) => b.messages);
      const each = listed.map((message) =>
        `(${message.id}, ${message.offset}, ${message.payload_length}, ${
          message.user_headers_length === 0
            ? "None"
            : `Some(${message.user_headers_length})`
        })`
      );
      const head = `${partition_id}, ${current_offset}, ${messages_count}`;
      const forms = [
        `(${head}, [${each.join(", ")}])`,
        `(${head})`,
        `(${partition_id}, ${messages_count})`,
      ];
      assert(forms.includes(call.result.ok as string), `${call.result.ok}: ${forms}`);
      polls++;
    }
    assertEquals(polls, 8);
  }
});
