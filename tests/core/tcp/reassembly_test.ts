import { assertEquals } from "../../support/assert.ts";
import { events, HANDSHAKE, type Row, segments } from "./support.ts";

/** Segments after a handshake, and what comes of them between `open` and the end. */
const AFTER_HANDSHAKE: [name: string, rows: Row[], expected: string[]][] = [
  ["bytes in order come at once", [
    { from: "c", seq: 1, data: "abc" },
    { from: "s", seq: 1, ack: 4, data: "xy" },
    { from: "c", seq: 4, ack: 3, data: "de" },
  ], ['c "abc" @4', 's "xy" @5', 'c "de" @6']],
  ["a retransmission is dropped", [
    { from: "c", seq: 1, data: "abc" },
    { from: "c", seq: 1, data: "abc" },
    { from: "c", seq: 4, data: "d" },
  ], ['c "abc" @4', 'c "d" @6']],
  ["a retransmission with more bytes gives only those", [
    { from: "c", seq: 1, data: "abc" },
    { from: "c", seq: 2, data: "bcde" },
  ], ['c "abc" @4', 'c "de" @5']],
  ["reordered segments wait for the earlier one, which completes them", [
    { from: "c", seq: 4, data: "def" },
    { from: "c", seq: 7, data: "g" },
    { from: "c", seq: 1, data: "abc" },
  ], ['c "abc" @6', 'c "def" @6', 'c "g" @6']],
  ["a segment over several waiting ones fills the holes between them", [
    { from: "c", seq: 2, data: "b" },
    { from: "c", seq: 5, data: "e" },
    { from: "c", seq: 1, data: "abcdefg" },
  ], ['c "a" @6', 'c "b" @6', 'c "cd" @6', 'c "e" @6', 'c "fg" @6']],
  ["waiting bytes that overlap are held once", [
    { from: "c", seq: 3, data: "cdef" },
    { from: "c", seq: 2, data: "bcd" },
    { from: "c", seq: 5, data: "efgh" },
    { from: "c", seq: 1, data: "a" },
  ], ['c "a" @7', 'c "b" @7', 'c "cdef" @7', 'c "gh" @7']],
  ["the first copy wins over a delivered byte, and the conflict is told", [
    { from: "c", seq: 1, data: "abcd" },
    { from: "c", seq: 2, data: "bXde" },
  ], [
    'c "abcd" @4',
    'c "e" @5',
    "warn: client says other bytes at 2 to 3 than were captured before, in a segment of bytes 1 to 5",
  ]],
  ["the first copy wins over a waiting byte, and the conflict is told", [
    { from: "c", seq: 3, data: "cd" },
    { from: "c", seq: 3, data: "cX" },
    { from: "c", seq: 1, data: "abYde" },
  ], [
    "warn: client says other bytes at 3 to 4 than were captured before, in a segment of bytes 2 to 4",
    'c "ab" @6',
    'c "cd" @6',
    'c "e" @6',
    "warn: client says other bytes at 2 to 3 than were captured before, in a segment of bytes 0 to 5",
  ]],
  ["a keep-alive is no byte and no conflict", [
    { from: "c", seq: 1, data: "abc" },
    { from: "c", seq: 3, data: "\0" },
    { from: "c", seq: 3 },
    { from: "s", seq: 1, ack: 4 },
    { from: "c", seq: 4, data: "d" },
  ], ['c "abc" @4', 'c "d" @8']],
  ["a zero-window probe is a byte like others", [
    { from: "c", seq: 1, data: "abc" },
    { from: "c", seq: 4, data: "d" },
    { from: "c", seq: 4, data: "def" },
  ], ['c "abc" @4', 'c "d" @5', 'c "ef" @6']],
  ["a hole at the end of what was acknowledged is a gap before what acknowledges it", [
    { from: "c", seq: 1, data: "abc" },
    { from: "s", seq: 1, ack: 9, data: "xy" },
    { from: "c", seq: 9, ack: 3, data: "ij", ms: 1500 },
  ], [
    'c "abc" @4',
    "warn: client lacks 5 bytes at byte 3",
    "c gap 5",
    's "xy" @5',
    'c "ij" @6',
  ]],
  ["a response captured before its request comes after it", [
    { from: "s", seq: 1, ack: 4, data: "xy" },
    { from: "c", seq: 1, data: "abc" },
    { from: "s", seq: 3, ack: 7, data: "z" },
    { from: "s", seq: 4, ack: 7, flags: "FA" },
    { from: "c", seq: 4, ack: 3, data: "def" },
  ], ['c "abc" @5', 's "xy" @4', 'c "def" @8', 's "z" @6', "s fin"]],
  ["a FIN that was not captured is no hole", [
    { from: "c", seq: 1, data: "abc" },
    { from: "s", seq: 1, ack: 5, data: "xy", ms: 1500 },
  ], ['c "abc" @4', "end", 's "xy" @5']],
  ["a byte that is acknowledged before it comes is no FIN", [
    { from: "c", seq: 1, data: "abc" },
    { from: "s", seq: 1, ack: 5, data: "xy" },
    { from: "c", seq: 4, data: "d" },
  ], ['c "abc" @4', 'c "d" @6', 's "xy" @5']],
  ["what nobody could have sent is not awaited", [
    { from: "c", seq: 1, data: "abc" },
    { from: "s", seq: 1, ack: 1 << 30, data: "xy", ms: 1500 },
    { from: "c", seq: 4, data: "d" },
  ], ['c "abc" @4', 's "xy" @5', 'c "d" @6']],
  ["segments that acknowledge each other before they came do not wait for ever", [
    { from: "s", seq: 1, ack: 9, data: "xy" },
    { from: "c", seq: 1, ack: 9, data: "ab" },
    ...Array.from({ length: 20 }, (): Row => ({ from: "c", seq: 3 })),
  ], [
    's "xy" @4',
    "warn: server lacks 6 bytes at byte 2",
    "s gap 6",
    'c "ab" @5',
  ]],
  ["what a RST carries is no byte of the flow", [
    { from: "c", seq: 1, data: "abc" },
    { from: "s", seq: 1, ack: 4, flags: "RA", data: "why" },
  ], ['c "abc" @4']],
  ["what the other side answers comes after what it answers", [
    { from: "c", seq: 4, data: "def" },
    { from: "s", seq: 1, ack: 7, data: "xy" },
    { from: "c", seq: 7, ack: 1, ms: 1500 },
  ], [
    "warn: client lacks 3 bytes at byte 0",
    "c gap 3",
    'c "def" @4',
    's "xy" @5',
  ]],
  ["an acknowledgment captured a little before its bytes makes no gap", [
    { from: "c", seq: 4, data: "def" },
    { from: "s", seq: 1, ack: 7 },
    { from: "c", seq: 1, data: "abc" },
  ], ['c "abc" @6', 'c "def" @6']],
  ["an acknowledged hole is given up after some packets", [
    { from: "c", seq: 4, data: "def" },
    { from: "s", seq: 1, ack: 7 },
    { from: "c", seq: 7, data: "g" },
    ...Array.from({ length: 7 }, (): Row => ({ from: "s", seq: 1, ack: 8 })),
  ], [
    "warn: client lacks 3 bytes at byte 0",
    "c gap 3",
    'c "def" @4',
    'c "g" @6',
  ]],
  ["an acknowledged hole is given up after some time", [
    { from: "c", seq: 4, data: "def" },
    { from: "s", seq: 1, ack: 7 },
    { from: "s", seq: 1, ack: 7, ms: 1200 },
  ], ["warn: client lacks 3 bytes at byte 0", "c gap 3", 'c "def" @4']],
  ["an acknowledgment inside the hole ends it up to there", [
    { from: "c", seq: 6, data: "fg" },
    { from: "s", seq: 1, ack: 4, data: "x" },
    { from: "s", seq: 2, ack: 4, data: "y", ms: 1500 },
    { from: "c", seq: 1, data: "abcde" },
  ], [
    "warn: client lacks 3 bytes at byte 0",
    "c gap 3",
    's "x" @5',
    's "y" @6',
    'c "de" @7',
    'c "fg" @7',
  ]],
  ["the other side speaking without acknowledging makes no gap", [
    { from: "c", seq: 4, data: "def" },
    ...[1, 2, 3, 4, 5, 6, 7].map((seq): Row => ({ from: "s", seq, data: "x" })),
    { from: "c", seq: 1, data: "abc" },
  ], [
    ...[5, 6, 7, 8, 9, 10, 11].map((n) => `s "x" @${n}`),
    'c "abc" @12',
    'c "def" @12',
  ]],
  ["bytes cut off by the snap length are a gap at once", [
    { from: "c", seq: 1, data: "abc", length: 10 },
    { from: "c", seq: 11, data: "klm", length: 10 },
  ], [
    'c "abc" @4',
    "warn: client lacks 7 bytes at byte 3 cut off by the snap length",
    "c gap 7",
    'c "klm" @5',
    "warn: client lacks 7 bytes at byte 13 cut off by the snap length",
    "c gap 7",
  ]],
  ["a FIN waits for the bytes before it", [
    { from: "c", seq: 4, flags: "FA", data: "de" },
    { from: "c", seq: 1, data: "abc" },
  ], ['c "abc" @5', 'c "de" @5', "c fin"]],
  ["bytes after a FIN are told", [
    { from: "c", seq: 1, flags: "FA", data: "abc" },
    { from: "c", seq: 5, data: "de" },
    { from: "c", seq: 7, data: "f" },
  ], [
    'c "abc" @4',
    "c fin",
    "warn: client sent bytes after its FIN",
    "warn: client sent bytes after its FIN",
    "end",
    'c "de" @5',
    'c "f" @6',
  ]],
  ["a keep-alive after the FIN is no byte", [
    { from: "c", seq: 1, flags: "FA", data: "abc" },
    { from: "c", seq: 4, data: "\0" },
  ], ['c "abc" @4', "c fin"]],
  ["both FIN close the conversation", [
    { from: "c", seq: 1, flags: "FA", data: "abc" },
    { from: "s", seq: 1, ack: 5, flags: "FA", data: "x" },
    { from: "c", seq: 5, ack: 3 },
  ], ['c "abc" @4', "c fin", 's "x" @5', "s fin", "close 0"]],
  ["a second FIN is nothing new", [
    { from: "c", seq: 1, flags: "FA" },
    { from: "c", seq: 1, flags: "FA" },
  ], ["open", "c fin"]],
  ["bytes still on their way after a RST are taken", [
    { from: "s", seq: 1, data: "wx" },
    { from: "c", seq: 1, flags: "RA", ack: 3 },
    { from: "s", seq: 3, data: "yz" },
  ], ['s "wx" @4', 's "yz" @6']],
  ["what waits at a RST comes at the end, with its own packet", [
    { from: "s", seq: 3, data: "yz" },
    { from: "c", seq: 1, flags: "R" },
  ], ["end", "warn: server lacks 2 bytes at byte 0", "s gap 2", 's "yz" @4']],
];

for (const [name, rows, expected] of AFTER_HANDSHAKE) {
  Deno.test(`TcpTracker: ${name}`, () => {
    const seen = events(segments([...HANDSHAKE, ...rows]))
      .filter((line) => !line.startsWith("release") && !line.startsWith("open"));
    const end = seen.indexOf("end");
    if (!expected.includes("end")) seen.splice(end);
    else if (seen.at(-1)?.startsWith("close")) seen.pop();
    assertEquals(seen, expected.filter((line) => line !== "open"));
  });
}

const WHOLE: [name: string, rows: Row[], expected: string[]][] = [
  ["a conversation without bytes is opened and closed at the end", HANDSHAKE, [
    "end",
    "open 0 10.0.0.1:40000 10.0.0.2:8090",
    "close 0",
    "release 0 established",
  ]],
  ["a SYN alone is half-open", HANDSHAKE.slice(0, 1), [
    "end",
    "open 0 10.0.0.1:40000 10.0.0.2:8090",
    "close 0",
    "release 0 half-open",
  ]],
  ["bytes in a SYN count from the one after it", [
    { from: "c", seq: 0, flags: "S", data: "abc" },
    { from: "s", seq: 0, flags: "SA", ack: 4 },
    { from: "c", seq: 4, data: "d" },
  ], [
    "open 0 10.0.0.1:40000 10.0.0.2:8090",
    'c "abc" @1',
    'c "d" @3',
    "end",
    "close 0",
    "release 0 established",
  ]],
  ["a start in mid-capture flows as soon as order is certain", [
    { from: "c", seq: 500, ack: 700, data: "abc" },
    { from: "s", seq: 700, ack: 503, data: "xy" },
  ], [
    "chat: the conversation began before the capture",
    "open 0 10.0.0.1:40000 10.0.0.2:8090",
    'c "abc" @1',
    's "xy" @2',
    "end",
    "close 0",
    "release 0 mid-capture",
  ]],
  ["a start in mid-capture takes reordered bytes", [
    { from: "c", seq: 503, ack: 700, data: "def" },
    { from: "c", seq: 500, ack: 700, data: "abc" },
    { from: "s", seq: 700, ack: 506, data: "" },
  ], [
    "chat: the conversation began before the capture",
    "open 0 10.0.0.1:40000 10.0.0.2:8090",
    'c "abc" @2',
    'c "def" @2',
    "end",
    "close 0",
    "release 0 mid-capture",
  ]],
  ["a keep-alive's byte in mid-capture is none of the flow", [
    { from: "c", seq: 500, ack: 700 },
    { from: "c", seq: 499, ack: 700, data: "?" },
    { from: "c", seq: 500, ack: 700, data: "abc" },
  ], [
    "chat: the conversation began before the capture",
    "open 0 10.0.0.1:40000 10.0.0.2:8090",
    'c "abc" @3',
    "end",
    "close 0",
    "release 0 mid-capture",
  ]],
  ["a conversation that goes on behind each of many RSTs is not closed by them", [
    ...HANDSHAKE,
    { from: "c", seq: 1, data: "abc" },
    ...Array.from({ length: 40 }, (): Row[] => [
      { from: "c", seq: 9000, flags: "R" },
      { from: "c", seq: 4 },
      { from: "c", seq: 4 },
    ]).flat(),
    { from: "c", seq: 4, data: "d" },
  ], [
    "open 0 10.0.0.1:40000 10.0.0.2:8090",
    'c "abc" @4',
    'c "d" @125',
    "end",
    "close 0",
    "release 0 reset",
  ]],
  ["a single segment in mid-capture comes at the end", [
    { from: "c", seq: 503, data: "def" },
  ], [
    "chat: the conversation began before the capture",
    "end",
    "open 0 10.0.0.1:40000 10.0.0.2:8090",
    'c "def" @1',
    "close 0",
    "release 0 mid-capture",
  ]],
  ["one direction captured alone flows, holes at the end", [
    { from: "c", seq: 0, flags: "S" },
    { from: "c", seq: 1, data: "ab" },
    { from: "c", seq: 5, data: "ef" },
    { from: "c", seq: 7, data: "gh" },
  ], [
    "open 0 10.0.0.1:40000 10.0.0.2:8090",
    'c "ab" @2',
    "end",
    "warn: client lacks 2 bytes at byte 2",
    "c gap 2",
    'c "ef" @3',
    'c "gh" @4',
    "close 0",
    "release 0 established",
  ]],
  ["sequence numbers wrap", [
    { from: "c", seq: 0, flags: "S", isn: 0xfffffffd },
    { from: "c", seq: 1, data: "abcd", isn: 0xfffffffd },
    { from: "c", seq: 7, data: "gh", isn: 0xfffffffd },
    { from: "c", seq: 5, data: "ef", isn: 0xfffffffd },
  ], [
    "open 0 10.0.0.1:40000 10.0.0.2:8090",
    'c "abcd" @2',
    'c "ef" @4',
    'c "gh" @4',
    "end",
    "close 0",
    "release 0 established",
  ]],
  ["a SYN with another number is a new conversation", [
    { from: "c", seq: 0, flags: "S" },
    { from: "c", seq: 1, data: "ab" },
    { from: "c", seq: 0, flags: "S", isn: 90000 },
    { from: "c", seq: 1, data: "cd", isn: 90000 },
  ], [
    "open 0 10.0.0.1:40000 10.0.0.2:8090",
    'c "ab" @2',
    "close 0",
    "release 0 established",
    "open 1 10.0.0.1:40000 10.0.0.2:8090",
    'c "cd" @4',
    "end",
    "close 1",
    "release 1 established",
  ]],
  ["an answer before the first packet of the other side waits for its request", [
    { from: "s", seq: 0, flags: "SA", ack: 1 },
    { from: "s", seq: 1, ack: 3, data: "xy" },
    { from: "c", seq: 0, flags: "S" },
    { from: "c", seq: 1, ack: 1, data: "ab" },
  ], [
    "open 0 10.0.0.1:40000 10.0.0.2:8090",
    'c "ab" @4',
    's "xy" @2',
    "end",
    "close 0",
    "release 0 established",
  ]],
  ["an answer to a side that was not captured waits for eight packets", [
    { from: "s", seq: 0, flags: "SA", ack: 1 },
    ...[1, 3, 5, 7, 9, 11, 13, 15].map((seq): Row => (
      { from: "s", seq, ack: seq + 2, data: "xy" }
    )),
  ], [
    "open 0 10.0.0.1:40000 10.0.0.2:8090",
    ...[2, 3, 4, 5, 6, 7, 8, 9].map((packet) => `s "xy" @${packet}`),
    "end",
    "close 0",
    "release 0 established",
  ]],
  ["a SYN-ACK seen first makes its receiver the client", [
    { from: "c", seq: 0, flags: "SA", ack: 1 },
    { from: "s", seq: 1, ack: 1, data: "ab" },
  ], [
    "open 0 10.0.0.2:8090 10.0.0.1:40000",
    'c "ab" @2',
    "end",
    "close 0",
    "release 0 established",
  ]],
];

for (const [name, rows, expected] of WHOLE) {
  Deno.test(`TcpTracker: ${name}`, () => {
    assertEquals(events(segments(rows)), expected);
  });
}
