import fc from "fast-check";
import { CaptureError, CaptureReader, type Packet } from "../../../core/capture/mod.ts";
import { PcapngWriter, PcapWriter } from "../../../core/capture/mod.ts";
import type { Issue } from "../../../core/issue.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";
import { block, concat, hex } from "../../support/packets.ts";

const payloads = [60, 0, 1, 1514, 3].map((length, index) =>
  new Uint8Array(length).fill(index + 1)
);

function smallPcap(): Uint8Array {
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => parts.push(bytes));
  payloads.forEach((bytes, index) => writer.write(100 + index, index, bytes));
  return concat(...parts);
}

function smallPcapng(): Uint8Array {
  const parts: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => parts.push(bytes));
  writer.addInterface();
  payloads.forEach((bytes, index) =>
    writer.write({ seconds: 100 + index, nanos: index, bytes, comment: "a comment" })
  );
  parts.push(block(4, new Uint8Array(64)));
  return concat(...parts);
}

function show(packet: Packet): string {
  const { number, seconds, nanos, bytes, start, end } = packet;
  return `${number} ${seconds}.${nanos} ${bytes.subarray(start, end).toHex()}`;
}

function read(chunks: Iterable<Uint8Array>) {
  const packets: string[] = [];
  const issues: Issue[] = [];
  const reader = new CaptureReader(
    (packet) => packets.push(show(packet)),
    (issue) => issues.push(issue),
  );
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return { reader, packets, issues };
}

function* cutAt(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  // One buffer reused and overwritten, as file sources do.
  const buffer = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.subarray(at, at + size);
    buffer.fill(0xee);
    buffer.set(chunk);
    yield buffer.subarray(0, chunk.length);
  }
}

const captures: [string, () => Uint8Array][] = [
  ["pcap", smallPcap],
  ["pcapng", smallPcapng],
];

for (const [format, make] of captures) {
  Deno.test(`CaptureReader gives the same packets of ${format} for every chunk size`, () => {
    const whole = make();
    const expected = read([whole]).packets;
    assertEquals(expected.length, payloads.length);
    for (let size = 1; size <= 80; size++) {
      const { packets, issues } = read(cutAt(whole, size));
      assertEquals([packets, issues], [expected, []], `chunks of ${size} bytes`);
    }
  });

  Deno.test(`CaptureReader gives what comes before any cut of a ${format} file`, () => {
    const whole = make();
    const expected = read([whole]).packets;
    let given = 0;
    let clean = 0;
    for (let length = 4; length < whole.length; length++) {
      const { reader, packets, issues } = read([whole.subarray(0, length)]);
      assertEquals(packets, expected.slice(0, packets.length));
      assert(packets.length >= given, `fewer packets of ${length} bytes`);
      given = packets.length;
      assertEquals([reader.cut, issues.length], reader.cut ? [true, 1] : [false, 0]);
      if (!reader.cut) clean += 1;
    }
    const boundaries = format === "pcap" ? payloads.length : payloads.length + 2;
    assertEquals([given, clean], [
      format === "pcap" ? payloads.length - 1 : payloads.length,
      boundaries,
    ]);
  });

  Deno.test(`CaptureReader survives any damage to a ${format} file`, () => {
    const whole = make();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 12 }),
        fc.integer({ min: 1, max: 300 }),
        (changes, size) => {
          const bytes = whole.slice();
          for (const [at, value] of changes) bytes[at] = value;
          try {
            const { reader, issues } = read(cutAt(bytes, size));
            assert(!reader.cut || issues.some(({ severity }) => severity === "error"));
            assert(issues.length <= 1 + reader.interfaces.length * 8);
          } catch (error) {
            assert(error instanceof CaptureError, `threw ${error}`);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
}

Deno.test("CaptureReader says what is no capture", () => {
  const rows: [string, Uint8Array, string][] = [
    ["not_a_capture", hex("0102030405060708"), "not a capture (pcap or pcapng)"],
    ["not_a_capture", hex("d4c3b2"), "not a capture (pcap or pcapng)"],
    ["not_a_capture", new Uint8Array(100), "not a capture (pcap or pcapng)"],
    ["empty", new Uint8Array(0), "the capture is empty"],
    [
      "not_a_capture",
      hex("04224d18 00000000"),
      "not a capture (pcap or pcapng), but lz4: decompress it first",
    ],
  ];
  for (const [kind, bytes, message] of rows) {
    const error = assertThrows(() => read([bytes]), CaptureError);
    assertEquals<unknown>([error.kind, error.message], [kind, message]);
  }
});

Deno.test("CaptureReader refuses zeros at their first chunk", () => {
  const reader = new CaptureReader(() => {}, () => {});
  assertThrows(() => reader.push(new Uint8Array(4)), CaptureError);
});

Deno.test("CaptureReader reads random bytes behind a valid magic number", () => {
  const magics = ["d4c3b2a1", "a1b2c3d4", "4d3cb2a1", "34cdb2a1", "0a0d0d0a", "ac01001c"];
  fc.assert(
    fc.property(
      fc.constantFrom(...magics),
      fc.uint8Array({ maxLength: 300 }),
      (magic, tail) => {
        try {
          read([concat(hex(magic), tail)]);
        } catch (error) {
          assert(error instanceof CaptureError, `threw ${error}`);
        }
      },
    ),
    { numRuns: 3000 },
  );
});
