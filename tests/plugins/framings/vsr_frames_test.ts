import { portOf } from "../../../core/net/endpoint.ts";
import { assert, assertEquals } from "@std/assert";
import type { Pdu } from "../../../core/framing/pdu.ts";
import type { Transaction } from "../../../core/dissect/transaction.ts";
import { dissectFixture, truthOf } from "../../support/dissect.ts";

/** One frame as an independent reassembler found it. */
interface Frame {
  n: number;
  client_port: number;
  dir: "request" | "response";
  last_frame: number;
  size: number;
  command: number;
  code?: number;
  request?: number;
  operation?: number;
  status?: number;
  reason?: number;
  answers?: number;
}

interface Line {
  frame?: Frame;
  frame_counts?: {
    src_port: number;
    dst_port: number;
    frames_by_command: Record<string, number>;
  };
}

const keyOf = (port: number, packet: number, request: unknown, operation: unknown) =>
  `${port}: packet ${packet}, request ${request}, operation ${operation}`;

function headerByte({ bytes }: Pdu, at: number): number {
  return bytes[at]!;
}

for (const name of ["vsr-090e4-all", "vsr-090e5-go", "vsr-090e5-java-overtake"]) {
  Deno.test(`every frame of ${name} is paired as an independent reassembler saw it`, async () => {
    const frames = truthOf<Line>(name).flatMap(({ frame }) => frame ?? []);
    const byNumber = new Map(frames.map((frame) => [frame.n, frame]));
    const transactions = await dissectFixture(`${name}.pcap`);
    const bySent = new Map(transactions.map((transaction) => {
      const { conversation, request } = transaction;
      const { request: number } = request!.header!;
      const operation = headerByte(request!, 176);
      const { packet } = request!.stamp;
      return [keyOf(portOf(conversation.client), packet, number, operation), transaction];
    }));
    const requests = frames.filter(({ dir }) => dir === "request");
    assertEquals(transactions.length, requests.length);
    let answered = 0;
    for (const frame of frames) {
      if (frame.dir === "request") {
        const sent = bySent.get(
          keyOf(frame.client_port, frame.last_frame, frame.request, frame.operation),
        );
        assertEquals(sent?.request?.length, frame.size, `frame ${frame.n}`);
        if (frame.code !== undefined) assertEquals(sent!.code, frame.code);
        continue;
      }
      const { client_port, last_frame, request, operation } = byNumber.get(
        frame.answers!,
      )!;
      const { response } = bySent.get(
        keyOf(client_port, last_frame, request, operation),
      )!;
      assertEquals(response?.stamp.packet, frame.last_frame, `frame ${frame.n}`);
      assertEquals(response?.length, frame.size);
      if (frame.reason !== undefined) {
        assertEquals(headerByte(response!, 255), frame.reason);
      }
      // A refusal may stand in the header or in the result section.
      if (frame.status) assertEquals(response?.status, frame.status);
      if (frame.operation !== undefined) {
        assertEquals(headerByte(response!, 208), frame.operation);
      }
      answered++;
    }
    assertEquals(answered, frames.length - requests.length);
  });
}

/** Frames by command byte for each flow, by its two ports. */
function countFrames(transactions: readonly Transaction[]): Map<string, object> {
  const counts = new Map<string, Record<string, number>>();
  for (const { conversation, request, response } of transactions) {
    const ports = [portOf(conversation.client), portOf(conversation.server)];
    for (const [pdu, side] of [[request, "client"], [response, "server"]] as const) {
      if (pdu === null) continue;
      const [from, to] = (pdu.sender ?? side) === "client" ? ports : ports.toReversed();
      const flow = counts.get(`${from} to ${to}`) ?? {};
      const command = headerByte(pdu, 60);
      flow[command] = (flow[command] ?? 0) + 1;
      counts.set(`${from} to ${to}`, flow);
    }
  }
  return counts;
}

const COUNTED = [
  "vsr-090e4-all",
  "vsr-090e5-all",
  "vsr-090e5-go",
  "vsr-090e5-java-overtake",
  "vsr-090e5-lossy",
  "vsr-090e5-cluster",
  "vsr-090e5-cluster-client",
];

for (const name of COUNTED) {
  Deno.test(`each flow of ${name} has the frames an independent reassembler counted`, async () => {
    const truth = truthOf<Line>(name).flatMap((line) => line.frame_counts ?? []);
    assert(truth.length > 0);
    const counts = countFrames(await dissectFixture(`${name}.pcap`));
    assertEquals(counts.size, truth.length);
    for (const { src_port, dst_port, frames_by_command } of truth) {
      assertEquals(counts.get(`${src_port} to ${dst_port}`), frames_by_command);
    }
  });
}

Deno.test("a client that pipelines gets as many answers as it was sent", async () => {
  interface Step {
    client_port?: number;
    frames_back?: { command: number }[];
  }
  const answers = Map.groupBy(
    truthOf<Step>("vsr-090e5-pipelined").filter((step) => step.frames_back),
    ({ client_port }) => client_port!,
  );
  const transactions = await dissectFixture("vsr-090e5-pipelined.pcap");
  const seen = Map.groupBy(
    transactions.filter(({ response }) => response !== null),
    ({ conversation }) => portOf(conversation.client),
  );
  for (const [port, steps] of answers) {
    const wanted = steps.flatMap(({ frames_back }) => frames_back!).length;
    assertEquals(seen.get(port)?.length ?? 0, wanted, `client port ${port}`);
  }
});
