import { assert, assertEquals } from "@std/assert";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { dissectFixture, vectorsOf } from "../support/dissect.ts";

/** One PDU as upstream's codec made it. */
interface Vector {
  readonly conversation: number;
  readonly pdu: number;
  readonly direction: "client" | "server";
  readonly kind: string;
  readonly packet: number;
  readonly length: number;
  readonly command: string | null;
  readonly code: number | null;
  readonly status?: number;
  readonly status_name?: string | null;
  readonly evicted?: string;
  readonly answers?: number;
  readonly header: unknown;
  readonly fields: unknown;
}

/** The same of a PDU as it was dissected. */
interface Seen extends Omit<Vector, "pdu"> {
  readonly issues: readonly string[];
}

/** Without the text that bytes have beside their hex. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const isBytes = "length" in value && "hex" in value;
  return Object.fromEntries(
    entries.filter(([name]) => !(isBytes && name === "text"))
      .map(([name, part]) => [name, plain(part)]),
  );
}

function seenIn(transaction: Transaction): Seen[] {
  const record = transaction.toRecord({ maxBytes: 1 << 20, showSecrets: true });
  const { conversation, command, code, issues } = record;
  const both = {
    conversation,
    command,
    code,
    issues: issues.map(({ message }) => message),
  };
  const seen: Seen[] = [];
  if (record.request !== null) {
    const { packet, length, fields, vsr } = record.request;
    const direction = transaction.request!.sender ?? "client";
    const kind = transaction.command === null ? "replica" : "request";
    seen.push({
      ...both,
      direction,
      kind,
      packet,
      length,
      header: plain(vsr),
      fields: plain(fields),
    });
  }
  if (record.response !== null) {
    const { packet, length, fields, vsr, status, status_name, evicted } = record.response;
    seen.push({
      ...both,
      direction: "server",
      kind: evicted === undefined ? "reply" : "eviction",
      packet,
      length,
      ...status === null ? {} : { status, status_name: status_name ?? undefined },
      evicted,
      answers: record.request?.packet,
      header: plain(vsr),
      fields: plain(fields),
    });
  }
  return seen;
}

const COMPARED = [
  "command",
  "code",
  "status",
  "status_name",
  "evicted",
  "header",
  "fields",
] as const;

/** How two values differ, or null. */
function difference(actual: unknown, wanted: unknown): string | null {
  try {
    assertEquals(actual, wanted);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const flowOf = ({ conversation, direction }: Omit<Vector, "pdu">) =>
  `${conversation} ${direction}`;

for (
  const name of [
    "proto-0110-client",
    "proto-0110-replica",
    "proto-0111e8-client",
    "proto-0111e8-replica",
  ]
) {
  Deno.test(`every PDU of ${name} reads as upstream's codec wrote it`, async () => {
    const transactions = await dissectFixture(`${name}.pcap`);
    const flows = Map.groupBy(transactions.flatMap(seenIn), flowOf);
    const vectors = await vectorsOf<Vector>(name);
    const wrong: string[] = [];
    const packets = new Map(
      vectors.map(({ conversation, pdu, packet }) => [`${conversation} ${pdu}`, packet]),
    );
    for (const [flow, wanted] of Map.groupBy(vectors, flowOf)) {
      const seen = (flows.get(flow) ?? []).toSorted((a, b) => a.packet - b.packet);
      assertEquals(
        seen.map(({ packet, length }) => `${packet}: ${length}`),
        wanted.map(({ packet, length }) => `${packet}: ${length}`),
        `${name} flow ${flow}`,
      );
      wanted.forEach((vector, n) => {
        const one = seen[n]!;
        const where = `packet ${one.packet} ${one.command} ${one.kind}`;
        wrong.push(...one.issues.map((issue) => `${where}: ${issue}`));
        for (const key of COMPARED) {
          // A status that the SDK would name otherwise has no name in the vectors.
          if (key === "status_name" && vector[key] == null) continue;
          const found = difference(one[key] ?? null, vector[key] ?? null);
          if (found !== null) wrong.push(`${where} ${key}: ${found}`);
        }
        if (vector.answers === undefined) return;
        const asked = packets.get(`${vector.conversation} ${vector.answers}`);
        if (one.answers !== asked) {
          wrong.push(`${where} answers ${one.answers}, not ${asked}`);
        }
      });
    }
    const shown = wrong.slice(0, 40).join("\n");
    assert(wrong.length === 0, `${wrong.length} differences\n${shown}`);
  });
}
