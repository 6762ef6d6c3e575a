import { portOf } from "../../core/net/endpoint.ts";
import { assert, assertEquals } from "@std/assert";
import type { Pdu } from "../../core/framing/pdu.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { dissectFixture, truthOf } from "../support/dissect.ts";

function byClientPort(transactions: readonly Transaction[]): Map<number, Transaction[]> {
  return Map.groupBy(transactions, ({ conversation }) => portOf(conversation.client));
}

function count<T>(values: Iterable<T>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}

const present = <T>(values: readonly (T | null)[]): T[] =>
  values.filter((value): value is T => value !== null);

const responsesOf = (transactions: readonly Transaction[]): Pdu[] =>
  present(transactions.map(({ response }) => response))
    .toSorted((a, b) => a.stamp.packet - b.stamp.packet);

Deno.test("twenty workers at once are told apart, request by request", async () => {
  interface Line {
    connection?: {
      client_port: number;
      by_code: Record<string, number>;
      responses_by_status: Record<string, number>;
    };
  }
  const ports = byClientPort(await dissectFixture("classic-080-concurrent.pcap"));
  const truth = truthOf<Line>("classic-080-concurrent").flatMap((line) =>
    line.connection ?? []
  );
  assertEquals(ports.size, truth.length);
  for (const { client_port, by_code, responses_by_status } of truth) {
    const transactions = ports.get(client_port)!;
    assertEquals(count(transactions.map(({ code }) => code)), by_code);
    assertEquals(
      count(transactions.map(({ response }) => response?.status)),
      responses_by_status,
    );
    assert(transactions.every(({ issues }) => issues.length === 0));
  }
});

/** One PDU as an independent reassembler found it. */
interface FoundPdu {
  client_port: number;
  last_frame: number;
  pdu_bytes: number;
  request?: number;
  status?: number;
  complete?: boolean;
}

for (const name of ["classic-080-midstream-full", "classic-080-midstream"]) {
  Deno.test(`the PDUs of ${name} end where an independent reassembler saw it`, async () => {
    const transactions = await dissectFixture(`${name}.pcap`);
    const truth = truthOf<FoundPdu>(name).filter((line) =>
      "pdu_bytes" in line && line.complete !== false
    );
    const seen = new Set(
      transactions.flatMap(({ conversation, code, request, response }) => [
        ...request === null
          ? []
          : [[conversation.client, request, `code ${code}`] as const],
        ...response === null
          ? []
          : [[conversation.client, response, `status ${response.status}`] as const],
      ]).map(([client, { stamp, length }, what]) =>
        `${portOf(client)} packet ${stamp.packet} ${length} bytes ${what}`
      ),
    );
    for (const { client_port, last_frame, pdu_bytes, request, status } of truth) {
      const what = request === undefined ? `status ${status}` : `code ${request}`;
      const wanted = `${client_port} packet ${last_frame} ${pdu_bytes} bytes ${what}`;
      assert(seen.has(wanted), wanted);
    }
  });
}

/** One step of the raw client: what it sent, and all that came back. */
interface Step {
  client_port?: number | null;
  step: string;
  responses?: { status: number; length: number }[] | {
    count: number;
    statuses: number[];
  };
}

for (const name of ["classic-080-pipelined", "classic-060-badframes"]) {
  Deno.test(`every response of ${name} is there, in order`, async () => {
    const ports = byClientPort(await dissectFixture(`${name}.pcap`));
    const steps = truthOf<Step>(name).filter(({ client_port }) => client_port != null);
    for (const [port, ofPort] of Map.groupBy(steps, ({ client_port }) => client_port!)) {
      const expected = ofPort.flatMap(({ responses = [] }) =>
        Array.isArray(responses)
          ? responses.map(({ status }) => status)
          : new Array<number>(responses.count).fill(responses.statuses[0]!)
      );
      const seen = responsesOf(ports.get(port)!).map(({ status }) => status!);
      // The client stopped reading before the server stopped answering.
      assertEquals(seen.slice(0, expected.length), expected, `port ${port}`);
    }
  });
}

Deno.test("a request refused before its body was read keeps its extra answers", async () => {
  const ports = byClientPort(await dissectFixture("classic-080-pipelined.pcap"));
  const told = (port: number) =>
    ports.get(port)!.map(({ name, request, response }) =>
      `${name} ${request === null ? "-" : "request"} ${response?.status ?? "-"}`
    );
  const extra = (times: number) => new Array(times).fill("send_messages - 3");
  const login = "login_user request 0";
  assertEquals(told(54792), ["send_messages request 40", ...extra(11), "ping request -"]);
  assertEquals(told(54894), [login, "send_messages request 6", "get_me request 0"]);
  assertEquals(told(54906), [
    login,
    "send_messages request 3",
    ...extra(6),
    "ping request -",
    "get_me request -",
  ]);
  assertEquals(told(54888), [login, "send_messages request 206"]);
  assertEquals(told(54950), [
    login,
    "send_messages request 4033",
    "ping request 0",
    "get_me request 0",
  ]);
});

Deno.test("loss, delay, reordering and duplication change no transaction", async () => {
  const transactions = await dissectFixture("classic-080-lossy.pcap");
  assertEquals(transactions.length, 205);
  assert(
    transactions.every(({ request, response, issues }) =>
      request !== null && response !== null && issues.length === 0
    ),
  );
});

for (
  const [name, pdus] of [["classic-080-load", 2883], [
    "classic-080-load-small",
    52281,
  ]] as const
) {
  Deno.test(`${name} has as many transactions as its clients made`, async () => {
    const transactions = await dissectFixture(`${name}.pcap.gz`);
    assertEquals(transactions.length, pdus);
    assert(transactions.every(({ response }) => response?.status === 0));
  });
}
