import { assert, assertEquals } from "@std/assert";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { dissectFixture, truthOf } from "../support/dissect.ts";
import { valuesOf } from "../support/values.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** One call as the Rust SDK's exerciser wrote it down. */
interface Call {
  seq: number;
  cmd: string;
  args: { [name: string]: Json };
  result: { ok?: Json; err?: number };
}

/** Captures of one exercise against several servers, links and formats. */
const EXERCISES = [
  "classic-050-all.pcap",
  "classic-060-all.pcap",
  "classic-070-all.pcap",
  "classic-080-all.pcap",
  "classic-080-any-sll2.pcap",
  "classic-080-ipv6-nano.pcap",
  "classic-080-mtu1500.pcapng",
];

const UNITS: Record<string, number> = {
  B: 1,
  KB: 1000,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Wire values of the words the exerciser used for arguments. */
const WORDS: Record<string, string> = {
  "1day": "86400000000",
  "1h": "3600000000",
  "1GB": "1000000000",
  "2GB": "2000000000",
};

/** Arguments under the names of the wire; several commands spell the same thing alike. */
const ARGUMENTS: Record<string, string> = {
  stream: "stream_id",
  topic: "topic_id",
  group: "group_id",
  user: "user_id",
  partition: "partition_id",
  partitions: "partitions_count",
};

/** Names in an SDK's answer that the wire spells otherwise. */
const ANSWERS: Record<string, string> = {
  size: "size_bytes",
  tcp: "tcp_port",
  quic: "quic_port",
  http: "http_port",
  websocket: "websocket_port",
};

/** Not on the wire as such: made up by the SDK, or checked in a way of their own. */
const SKIPPED = new Set([
  "note",
  "count",
  "consumer",
  "strategy",
  "partitioning",
  "permissions",
  "expiry",
  "max_size",
  "compression",
  "replication",
  "access_token",
  "tv_sec",
  "tv_nsec",
  "topics",
  "cache_metrics",
  "fsync",
  "auto_commit",
]);

const snake = (name: string) =>
  name.replace(/(?<!^)[A-Z]/g, "_$&").toLowerCase().replace(/^get_snapshot$/, "$&_file");

/** `name: value` pairs of a Rust Debug text. */
function debugValues(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (
    const [, name, quoted, plain] of text.matchAll(
      /(\w+): (?:Some\()?(?:"([^"]*)"|(\d+))/g,
    )
  ) {
    found.set(name!, (found.get(name!) ?? new Set()).add(quoted ?? plain!));
  }
  return found;
}

/** Whether the wire has what the SDK says: the same text, or the bytes of a size in words. */
function agrees(said: string, seen: ReadonlySet<string>): boolean {
  const size = /^([\d.]+) ([KMG]i?B|B)$/.exec(said);
  if (size === null) return seen.has(WORDS[said] ?? said) || seen.has(said.toLowerCase());
  const bytes = Number(size[1]) * UNITS[size[2]!]!;
  return [...seen].some((value) => Math.abs(Number(value) - bytes) <= bytes / 1000);
}

function assertSaid(
  said: ReadonlyMap<string, ReadonlySet<string>>,
  names: Record<string, string>,
  record: unknown,
  where: string,
): number {
  const seen = valuesOf(record);
  let checked = 0;
  for (const [name, values] of said) {
    if (SKIPPED.has(name)) continue;
    const wire = seen.get(names[name] ?? name) ?? seen.get(name) ?? new Set<string>();
    for (const value of values) {
      if (value === "null") continue;
      assert(
        agrees(value, wire),
        `${where}: ${name} ${value}, seen ${[...wire].join(" ")}`,
      );
      checked++;
    }
  }
  return checked;
}

/** Permissions as the SDK prints them, in the form of the wire's record. */
function wirePermissions(said: Json): unknown {
  const { global, streams } = said as {
    global: Json;
    streams: Record<string, Record<string, Json>>;
  };
  const listed = Object.entries(streams ?? {}).map(([stream, { topics, ...rights }]) => ({
    stream_id: Number(stream),
    ...rights,
    topics: Object.entries(topics as Record<string, object> ?? {})
      .map(([topic, rights]) => ({ topic_id: Number(topic), ...rights })),
  }));
  return { global, streams: listed };
}

interface WirePermissions {
  streams: { stream_id: number; topics: { topic_id: number }[] }[];
}

/** Servers up to 0.7 list streams and topics in any order. */
function sorted(permissions: WirePermissions): unknown {
  const byTopic = (a: { topic_id: number }, b: { topic_id: number }) =>
    a.topic_id - b.topic_id;
  return {
    ...permissions,
    streams: permissions.streams
      .map((stream) => ({ ...stream, topics: stream.topics.toSorted(byTopic) }))
      .toSorted((a, b) => a.stream_id - b.stream_id),
  };
}

interface Message {
  id: string;
  offset: string;
  payload_length: number;
  user_headers_length: number;
}

/** `(partition, current offset, count, [(id, offset, payload, headers)])` of a poll. */
function polled({ partition_id, current_offset, messages_count, messages }: {
  partition_id: number;
  current_offset: string;
  messages_count: number;
  messages: Message[];
}): string[] {
  const each = messages.map((
    { id, offset, payload_length, user_headers_length: headers },
  ) =>
    `(${id}, ${offset}, ${payload_length}, ${
      headers === 0 ? "None" : `Some(${headers})`
    })`
  );
  const head = `${partition_id}, ${current_offset}, ${messages_count}`;
  return [
    `(${head}, [${each.join(", ")}])`,
    `(${head})`,
    `(${partition_id}, ${messages_count})`,
  ];
}

function checkCall(call: Call, transaction: Transaction, where: string): number {
  const { request, response } = transaction.toRecord({ maxBytes: 64, showSecrets: true });
  const { ok, err } = call.result;
  assertEquals(transaction.name, snake(call.cmd), where);
  assertEquals(response?.status, err ?? 0, where);
  assertEquals(transaction.issues, [], where);
  const asked = request?.fields as Record<string, Json> | null;
  const got = response?.fields as Record<string, Json> | null;
  const created = snake(call.cmd).replace(/^create_(consumer_)?/, "");
  const names = { ...ARGUMENTS, id: `${created}_id` };
  let checked = assertSaid(valuesOf(call.args), names, asked, `${where} request`);
  if (call.args.permissions) {
    assertEquals(
      sorted(asked!.permissions as unknown as WirePermissions),
      sorted(wirePermissions(call.args.permissions) as WirePermissions),
      where,
    );
    checked++;
  }
  const { strategy, partitioning } = call.args;
  if (typeof strategy === "string") {
    const { kind, value } = asked!.strategy as Record<string, Json>;
    assert([kind, `${kind} ${value}`].includes(strategy), `${where}: ${strategy}`);
  }
  if (typeof partitioning === "string") {
    const { kind } = asked!.partitioning as { kind: string };
    assertEquals(
      kind.split("_").find((word) => partitioning.startsWith(word)) !== undefined ||
        partitioning.startsWith("key"),
      true,
      where,
    );
  }
  if (ok === null || ok === "None") assertEquals(got, null, where);
  else if (call.cmd === "PollMessages" && err === undefined) {
    assert(polled(got as never).includes(ok as string), `${where}: ${ok}`);
  } else if (typeof ok === "string") {
    checked += assertSaid(debugValues(ok), ANSWERS, got, `${where} response`);
  } else if (ok !== undefined) {
    checked += assertSaid(valuesOf(ok), ANSWERS, got, `${where} response`);
  }
  return checked;
}

for (const capture of EXERCISES) {
  Deno.test(`every call of ${capture} is what the client wrote down`, async () => {
    const transactions = await dissectFixture(capture);
    const calls = truthOf<Call>(capture.replace(/\.pcap(ng)?$/, ""));
    // The SDK refuses the first read before login itself, and Disconnect sends nothing.
    const sent = calls.filter(({ cmd, seq }) => cmd !== "Disconnect" && seq !== 1);
    const inOrder = transactions.toSorted((a, b) =>
      a.request!.stamp.packet - b.request!.stamp.packet
    );
    assertEquals(inOrder.map(({ name }) => name), sent.map(({ cmd }) => snake(cmd)));
    const checked = sent.map((call, i) =>
      checkCall(call, inOrder[i]!, `${capture} call ${call.seq}`)
    );
    const values = checked.reduce((sum, count) => sum + count, 0);
    assert(values > 300, `only ${values} values were compared`);
  });
}
