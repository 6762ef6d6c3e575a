import { CaptureError, CaptureReader } from "../../../core/capture/mod.ts";
import type { Issue } from "../../../core/issue.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { concat, number } from "../../support/packets.ts";

function header(magic: number, little: boolean, linktype = 1, minor = 4): Uint8Array {
  const n4 = (value: number) => number(value, 4, little);
  const version = concat(number(2, 2, little), number(minor, 2, little));
  return concat(n4(magic), version, n4(0), n4(0), n4(65535), n4(linktype));
}

function record(
  little: boolean,
  seconds: number,
  fraction: number,
  data: Uint8Array,
  lengths: [number, number] = [data.length, data.length],
  extra = 0,
): Uint8Array {
  const words = [seconds, fraction, ...lengths].map((word) => number(word, 4, little));
  return concat(...words, new Uint8Array(extra), data);
}

function read(bytes: Uint8Array) {
  const packets: string[] = [];
  const issues: Issue[] = [];
  const reader = new CaptureReader((packet) => {
    const { number, seconds, nanos, linktype, start, end, originalLength } = packet;
    const data = packet.bytes.subarray(start, end).toHex();
    packets.push(`${number} ${seconds}.${nanos} ${linktype} ${originalLength} ${data}`);
  }, (issue) => issues.push(issue));
  reader.push(bytes);
  reader.end();
  return { reader, packets, issues };
}

const data = Uint8Array.of(1, 2, 3);

Deno.test("CaptureReader reads pcap of either byte order and resolution", async (t) => {
  const rows: [string, number, string, number, number, string][] = [
    ["microseconds", 0xa1b2c3d4, "pcap", 0, 0, "1 5.6000 1 3 010203"],
    ["nanoseconds", 0xa1b23c4d, "pcap-ns", 0, 0, "1 5.6 1 3 010203"],
    ["Kuznetzov's records", 0xa1b2cd34, "pcap", 0, 8, "1 5.6000 1 3 010203"],
    ["Ixia hardware", 0x1c0001ac, "pcap-ns", 4, 0, "1 5.6 1 3 010203"],
    ["Ixia software", 0x1c0001ab, "pcap", 4, 0, "1 5.6000 1 3 010203"],
  ];
  for (const [name, magic, format, more, extra, expected] of rows) {
    for (const little of [true, false]) {
      await t.step(`${name}, ${little ? "little" : "big"} endian`, () => {
        const { reader, packets } = read(concat(
          header(magic, little),
          new Uint8Array(more),
          record(little, 5, 6, data, [3, 3], extra),
        ));
        assertEquals<unknown>([reader.format, packets, reader.cut], [
          format,
          [expected],
          false,
        ]);
      });
    }
  }
});

Deno.test("CaptureReader masks the FCS length in the link type field", () => {
  const { reader } = read(header(0xa1b2c3d4, true, 0x24000071));
  assertEquals(reader.linktypes, [113]);
});

Deno.test("CaptureReader carries a sub-second field of a second or more", () => {
  const { packets } = read(concat(
    header(0xa1b2c3d4, true),
    record(true, 1, 2_500_000, data),
    record(true, 0xffffffff, 999_999, data),
  ));
  assertEquals(packets, [
    "1 3.500000000 1 3 010203",
    "2 4294967295.999999000 1 3 010203",
  ]);
});

Deno.test("CaptureReader knows the swapped lengths of pcap before 2.4", () => {
  const old = read(concat(
    header(0xa1b2c3d4, true, 1, 2),
    record(true, 5, 0, data, [9, 3]),
  ));
  assertEquals(old.packets, ["1 5.0 1 9 010203"]);
  const mixed = read(concat(
    header(0xa1b2c3d4, true, 1, 3),
    record(true, 5, 0, data, [9, 3]),
    record(true, 6, 0, data, [3, 8]),
  ));
  assertEquals(mixed.packets, ["1 5.0 1 9 010203", "2 6.0 1 8 010203"]);
});

Deno.test("CaptureReader stops at a pcap record of absurd length", () => {
  for (const length of [262_145, 0x7fffffff, 0xffffffff]) {
    const { reader, packets, issues } = read(concat(
      header(0xa1b2c3d4, true),
      record(true, 5, 0, data),
      record(true, 5, 0, data, [length, length]),
    ));
    assertEquals([packets.length, reader.cut, issues.length], [1, true, 1]);
    assertEquals(issues[0]!.offset, 24 + 19);
  }
});

Deno.test("CaptureReader refuses a pcap version it does not know", () => {
  const bytes = header(0xa1b2c3d4, true);
  bytes[4] = 7;
  const error = assertThrows(() => read(bytes), CaptureError);
  assertEquals([error.kind, error.message], [
    "unsupported",
    "pcap version 7.4 is not supported (2.x is)",
  ]);
});

Deno.test("CaptureReader gives earliest and latest time, whatever the order", () => {
  const { reader } = read(concat(
    header(0xa1b2c3d4, true),
    record(true, 7, 1, data),
    record(true, 5, 2, data),
    record(true, 9, 3, data),
    record(true, 8, 4, data),
  ));
  assertEquals(reader.firstTime, { seconds: 5, nanos: 2000 });
  assertEquals(reader.lastTime, { seconds: 9, nanos: 3000 });
});
