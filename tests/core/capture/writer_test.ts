import {
  CaptureReader,
  type Packet,
  PcapngWriter,
  PcapWriter,
} from "../../../core/capture/mod.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { concat } from "../../support/packets.ts";

function read(bytes: Uint8Array) {
  const packets: Packet[] = [];
  const reader = new CaptureReader(
    (packet) => packets.push({ ...packet, bytes: new Uint8Array(0), start: 0, end: 0 }),
    (issue) => {
      throw new Error(issue.message);
    },
  );
  reader.push(bytes);
  reader.end();
  return { reader, packets };
}

Deno.test("PcapngWriter writes what CaptureReader reads", () => {
  const parts: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => parts.push(bytes));
  assertEquals([writer.addInterface(), writer.addInterface(276, "any")], [0, 1]);
  const bytes = new Uint8Array(61);
  writer.write({ seconds: 1_795_255_678, nanos: 831_274_129, bytes });
  writer.write({
    seconds: 18_446_744_073,
    nanos: 709_551_615,
    bytes,
    originalLength: 1500,
    interface: 1,
    comment: "späte Antwort",
  });
  const { reader, packets } = read(concat(...parts));
  assertEquals(
    packets.map((p) => [p.number, p.seconds, p.nanos, p.linktype, p.originalLength]),
    [
      [1, 1_795_255_678, 831_274_129, 1, 61],
      // The last moment that 64 bits of nanoseconds hold, in the year 2554.
      [2, 18_446_744_073, 709_551_615, 276, 1500],
    ],
  );
  assertEquals(reader.interfaces[1], { linktype: 276, snaplen: 262_144, name: "any" });
});

Deno.test("PcapngWriter refuses what the format cannot say", () => {
  const writer = new PcapngWriter(() => {});
  const packet = { seconds: 0, nanos: 0, bytes: new Uint8Array(1) };
  assertThrows(() => writer.write(packet), RangeError, "no interface 0");
  writer.addInterface();
  assertThrows(() => writer.write({ ...packet, seconds: -1 }), RangeError, "1970");
});

Deno.test("PcapWriter writes nanoseconds, or microseconds rounded down", () => {
  for (const nanoseconds of [true, false]) {
    const parts: Uint8Array[] = [];
    const writer = new PcapWriter((bytes) => parts.push(bytes), {
      linktype: 101,
      nanoseconds,
    });
    writer.write(5, 123_456_789, new Uint8Array(20), 40);
    const { reader, packets } = read(concat(...parts));
    assertEquals<unknown>(
      [reader.format, packets[0]!.nanos, packets[0]!.originalLength, reader.linktypes],
      [
        nanoseconds ? "pcap-ns" : "pcap",
        nanoseconds ? 123_456_789 : 123_456_000,
        40,
        [101],
      ],
    );
  }
});
