import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { dialogue, issuesOf, type Step } from "../../support/dialogue.ts";
import { concat } from "../../support/packets.ts";
import { dissectFixture } from "../../support/dissect.ts";
import { ask, reply } from "../../support/vsr.ts";

const text = (value: string) => new TextEncoder().encode(value);
const GET = text(
  "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
);
const GRANTED = text("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
const upgrade: Step[] = [["client", GET], ["server", GRANTED]];
const port = { serverPort: 8092 };

interface FrameOptions {
  opcode?: number;
  final?: boolean;
  masked?: boolean;
  reserved?: number;
}

function frame(
  payload: Uint8Array,
  { opcode = 2, final = true, masked = false, reserved = 0 }: FrameOptions = {},
): Uint8Array {
  const { length } = payload;
  const head = [(final ? 0x80 : 0) | reserved << 4 | opcode];
  const flag = masked ? 0x80 : 0;
  if (length < 126) head.push(flag | length);
  else if (length < 65_536) head.push(flag | 126, length >> 8, length & 255);
  else {head.push(
      flag | 127,
      0,
      0,
      0,
      0,
      ...[24, 16, 8, 0].map((by) => length >> by & 255),
    );}
  const mask = [0xa1, 0xb2, 0xc3, 0xd4];
  if (masked) head.push(...mask);
  const body = payload.map((byte, i) => masked ? byte ^ mask[i & 3]! : byte);
  return concat(Uint8Array.from(head), body);
}

const sent = (payload: Uint8Array, options: FrameOptions = {}) =>
  frame(payload, { masked: true, ...options });

const told = (steps: readonly Step[], options = {}) => {
  const { transactions, state } = dialogue([...steps], { ...port, ...options });
  return {
    framing: state.framing,
    pairs: transactions.map(({ name, request, response }) =>
      `${name} ${request?.stamp.packet ?? "-"} ${response?.stamp.packet ?? "-"}`
    ),
    issues: issuesOf(transactions),
    transactions,
  };
};

const classicPing = Uint8Array.of(4, 0, 0, 0, 1, 0, 0, 0);

Deno.test("a WebSocket carries VSR, and the conversation is named by it", () => {
  for (const options of [{}, { serverPort: 12_345 }]) {
    const { framing, pairs, issues, transactions } = told([
      ...upgrade,
      ["client", sent(ask(1))],
      ["server", frame(reply({}))],
    ], options);
    assertEquals([framing, pairs, issues], ["vsr", ["ping 3 4"], []]);
    assertEquals(transactions[0]!.request!.length, 256);
  }
});

Deno.test("a WebSocket carries classic PDUs as a stream over messages", () => {
  const { framing, pairs, issues } = told([
    ...upgrade,
    ["client", sent(classicPing.subarray(0, 3))],
    ["client", sent(concat(classicPing.subarray(3), classicPing))],
    ["server", frame(new Uint8Array(16))],
  ]);
  assertEquals([framing, pairs, issues], ["classic", ["ping 4 5", "ping 4 5"], []]);
});

Deno.test("the packet of a PDU is the one that completes its WebSocket frame", () => {
  const whole = sent(ask(1));
  const steps = Array.from(
    whole,
    (_, i) => ["client", whole.subarray(i, i + 1)] as const,
  );
  const { pairs } = told([...upgrade, ...steps]);
  assertEquals(pairs, [`ping ${2 + whole.length} -`]);
});

Deno.test("fragments make one message, with control frames between them", () => {
  const request = ask(1);
  const { pairs, issues } = told([
    ...upgrade,
    ["client", sent(request.subarray(0, 100), { final: false })],
    ["client", sent(text("beat"), { opcode: 9 })],
    ["server", frame(text("beat"), { opcode: 10 })],
    ["client", sent(request.subarray(100), { opcode: 0 })],
    ["server", frame(reply({}))],
    ["server", frame(new Uint8Array(2), { opcode: 8 })],
  ]);
  assertEquals([pairs, issues], [["ping 6 7"], []]);
});

Deno.test("a text message is an issue, and reading goes on", () => {
  const { pairs, issues } = told([
    ...upgrade,
    ["client", sent(text("hello"), { opcode: 1 })],
    ["client", sent(ask(1))],
  ]);
  assertEquals(pairs, ["ping 4 -"]);
  assert(issues.includes(
    "warn protocol a WebSocket text message: servers close the connection",
  ));
});

Deno.test("an upgrade that fails is an issue", () => {
  const { framing, issues } = told([
    ["client", GET],
    ["server", text("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")],
    ["client", sent(ask(1))],
  ]);
  assertEquals(framing, "websocket");
  assertEquals(issues, [
    "warn protocol the WebSocket upgrade failed: HTTP/1.1 400 Bad Request",
  ]);
});

Deno.test("compression is named as not supported", () => {
  const granted = text(
    "HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
  );
  const { issues } = told([
    ["client", GET],
    ["server", granted],
    ["client", sent(ask(1))],
    ["client", sent(new Uint8Array(300), { reserved: 4 })],
  ]);
  const said = issues.filter((issue) => issue.includes("not supported"));
  assertEquals(said.length, 2);
});

Deno.test("a wrong mask is an issue", () => {
  const { pairs, issues } = told([...upgrade, ["client", frame(ask(1))]]);
  assertEquals(pairs, ["ping 3 -"]);
  assert(issues.includes("warn protocol a client's WebSocket frame without mask"));
});

Deno.test("a message that is not exactly one VSR frame is an issue", () => {
  const { pairs, issues } = told([
    ...upgrade,
    ["client", sent(concat(ask(1), ask(20, 2n)))],
  ]);
  assertEquals(pairs, ["ping 3 -", "get_me 3 -"]);
  assert(
    issues.includes("warn protocol a WebSocket message of 512 bytes for a frame of 256"),
  );
});

Deno.test("lost bytes are skipped and the next message is found", () => {
  for (
    const [first, second] of [[ask(1), ask(20, 2n)], [classicPing, classicPing]] as const
  ) {
    const { transactions } = told([
      ...upgrade,
      ["client", sent(first)],
      ["client", 500],
      ["client", sent(second).subarray(5)],
      ["client", sent(second)],
    ]);
    assertEquals(transactions.length, 2);
    assertEquals(transactions[1]!.request!.stamp.packet, 6);
  }
});

Deno.test("a WebSocket is found from the middle", () => {
  for (const [first, framing] of [[ask(1), "vsr"], [classicPing, "classic"]] as const) {
    const { framing: found, pairs } = told([
      ["client", concat(new Uint8Array(30).fill(9), sent(first))],
      ["client", sent(first)],
    ], { handshake: false });
    assertEquals([found, pairs.length], [framing, 2]);
  }
});

Deno.test("other WebSockets on other ports are left alone", () => {
  const { framing, transactions } = told([
    ...upgrade,
    ["client", sent(text('{"id":1}'), { opcode: 1 })],
    ["server", frame(new Uint8Array(3000))],
  ], { serverPort: 443 });
  assertEquals([framing, transactions.length], [null, 0]);
});

Deno.test("a stated length beyond all limits is not waited for", () => {
  const bomb = Uint8Array.of(
    0x82,
    0xff,
    0,
    0,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    1,
    2,
    3,
    4,
  );
  const { pairs } = told([...upgrade, ["client", bomb], ["client", sent(ask(1))]]);
  assertEquals(pairs, ["ping 4 -"]);
});

Deno.test("any cut of the bytes into packets gives the same transactions", () => {
  const client = concat(GET, sent(ask(1)), sent(ask(20, 2n)));
  fc.assert(fc.property(
    fc.uniqueArray(fc.nat(client.length), { maxLength: 8 }),
    (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), client.length];
      const steps = places.slice(1).map((end, i) =>
        ["client", client.subarray(places[i], end)] as const
      );
      const { pairs, issues } = told([...steps, [
        "server",
        concat(
          GRANTED,
          frame(reply({})),
          frame(reply({ request: 2n })),
        ),
      ]]);
      assertEquals(pairs.map((pair) => pair.split(" ")[0]), ["ping", "get_me"]);
      assertEquals(issues, []);
    },
  ));
});

for (
  const [name, twin] of [
    ["classic-080-websocket.pcap", "classic-080-all.pcap"],
    ["vsr-090e5-websocket.pcap", "vsr-090e5-all.pcap"],
  ] as const
) {
  Deno.test(`${name} has the transactions of ${twin}`, async () => {
    const summary = async (capture: string) =>
      (await dissectFixture(capture)).map(({ name, code, request, response }) =>
        [name, code, request!.length, response!.status, response!.evicted].join()
      );
    assertEquals(await summary(name), await summary(twin));
  });
}

Deno.test("a frame that states more than any PDU ends in bounded output", () => {
  for (
    const length of [[0, 0, 0, 0, 5, 0, 0, 0], [0x7f, 255, 255, 255, 255, 255, 255, 255]]
  ) {
    const hostile = Uint8Array.from([0x82, 0xff, ...length, 1, 2, 3, 4]);
    const { transactions, pairs } = told([
      ...upgrade,
      ["client", concat(hostile, hostile, new Uint8Array(2000).fill(0x82))],
      ["client", sent(classicPing)],
      ["server", frame(new Uint8Array(8))],
      ["client", hostile],
    ]);
    assert(transactions.length < 10, `${transactions.length}`);
    assertEquals(pairs.includes("ping 4 5"), true);
  }
});
