import {
  type ConversationState,
  type ConversationStatistics,
  TcpTracker,
} from "../../../core/tcp/mod.ts";
import { assertEquals } from "../../support/assert.ts";
import { HANDSHAKE, type Row, segments } from "./support.ts";

const addressText = (address: number) => `2001:db8::${address}`;

function statistics(rows: Row[]): ConversationStatistics[] {
  const all: ConversationStatistics[] = [];
  const tracker = new TcpTracker({ data() {}, release: (c, s) => all[c.number] = s }, {
    addressText,
  });
  for (const segment of segments(rows)) tracker.push(segment);
  tracker.end();
  return all;
}

const STATES: [state: ConversationState, name: string, rows: Row[]][] = [
  ["half-open", "a SYN and its answer", HANDSHAKE.slice(0, 2)],
  ["established", "a handshake", HANDSHAKE],
  ["mid-capture", "a segment without a handshake", [{ from: "c", seq: 7, data: "x" }]],
  ["reset", "a refused SYN", [
    { from: "c", seq: 0, flags: "S" },
    { from: "s", seq: 0, flags: "RA", ack: 1 },
  ]],
  ["established", "one FIN", [...HANDSHAKE, { from: "c", seq: 1, flags: "FA" }]],
  ["closed", "both FIN, and a RST afterwards", [
    ...HANDSHAKE,
    { from: "c", seq: 1, flags: "FA" },
    { from: "s", seq: 1, flags: "FA", ack: 2 },
    { from: "c", seq: 2, flags: "R" },
  ]],
];

for (const [state, name, rows] of STATES) {
  Deno.test(`TcpTracker calls a conversation ${state} after ${name}`, () => {
    assertEquals(statistics(rows)[0]?.state, state);
  });
}

Deno.test("TcpTracker counts packets, bytes, repeated and reordered segments", () => {
  const [all] = statistics([
    ...HANDSHAKE,
    { from: "c", seq: 1, data: "abc", ms: 1 },
    { from: "c", seq: 1, data: "abc", ms: 2 },
    { from: "c", seq: 7, data: "g", ms: 3 },
    { from: "c", seq: 4, data: "def" },
    { from: "c", seq: 9, data: "i", ms: 4 },
    { from: "c", seq: 8, data: "h", ms: 400 },
    { from: "s", seq: 1, ack: 10, data: "xy", ms: 1500 },
  ]);
  const nothing = { retransmitted: 0, outOfOrder: 0, lost: 0, gaps: 0, conflicts: 0 };
  const { analysis: _, ...rest } = all!;
  assertEquals(rest, {
    client: { ...nothing, packets: 8, bytes: 12, retransmitted: 2, outOfOrder: 1 },
    server: { ...nothing, packets: 2, bytes: 2 },
    reordered: 0,
    state: "established",
    startSeconds: 0,
    startNanos: 10_000,
    endSeconds: 1,
    endNanos: 500_000_000,
    handshakeNanos: 20_000,
  });
});

Deno.test("TcpTracker takes the higher port for the client, until the sides are swapped", () => {
  const seen: string[] = [];
  const tracker = new TcpTracker({
    data(conversation, side) {
      const { clientEndpoint, serverEndpoint, clientPort, serverPort } = conversation;
      seen.push(
        `${side} ${clientEndpoint} ${serverEndpoint} ${clientPort} ${serverPort}`,
      );
      seen.push(`${conversation.handshake}`);
      conversation.swapSides();
    },
  }, { addressText });
  const rows: Row[] = [
    { from: "s", seq: 1, data: "x" },
    { from: "s", seq: 2, data: "y" },
  ];
  for (const segment of segments(rows)) tracker.push(segment);
  assertEquals(seen, [
    "server [2001:db8::1]:40000 [2001:db8::2]:8090 40000 8090",
    "false",
    "client [2001:db8::2]:8090 [2001:db8::1]:40000 8090 40000",
    "false",
  ]);
});

Deno.test("TcpTracker.pushHeader() counts for numbers only", () => {
  const all = segments([
    { from: "c", seq: 0, flags: "S", port: 1 },
    { from: "c", seq: 0, flags: "S", port: 2 },
    { from: "c", seq: 1, data: "x", port: 1 },
  ]);
  const tracker = new TcpTracker({
    data() {
      throw new Error("a quoted header has no bytes");
    },
  }, { addressText });
  assertEquals(all.map((segment) => tracker.pushHeader(segment).number), [0, 1, 0]);
  tracker.end();
  assertEquals(tracker.conversations, 2);
});
