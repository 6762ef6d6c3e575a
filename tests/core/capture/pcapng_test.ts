import { CaptureError, CaptureReader } from "../../../core/capture/mod.ts";
import type { Issue } from "../../../core/issue.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";
import {
  block,
  concat,
  enhancedPacket,
  interfaceBlock,
  number,
  option,
  sectionHeader,
} from "../../support/packets.ts";

function read(...blocks: Uint8Array[]) {
  const packets: string[] = [];
  const issues: Issue[] = [];
  const reader = new CaptureReader((packet) => {
    const { number, seconds, nanos, linktype, start, end, originalLength } = packet;
    const data = packet.bytes.subarray(start, end).toHex();
    packets.push(`${number} ${seconds}.${nanos} ${linktype} ${originalLength} ${data}`);
  }, (issue) => issues.push(issue));
  reader.push(concat(...blocks));
  reader.end();
  return { reader, packets, issues };
}

const data = Uint8Array.of(1, 2, 3);
const resolution = (value: number) => option(9, Uint8Array.of(value));

Deno.test("CaptureReader reads pcapng packets of either byte order", () => {
  for (const little of [true, false]) {
    const words = (...list: number[]) =>
      concat(...list.map((word) => number(word, 4, little)));
    const obsolete = concat(
      number(0, 2, little),
      number(9, 2, little),
      words(0, 3_000_001, 3, 60),
      data,
    );
    const { reader, packets, issues } = read(
      sectionHeader(little),
      interfaceBlock(1, 2, undefined, little),
      enhancedPacket(data, { low: 1_000_002 }, little),
      block(3, concat(words(60), data.subarray(0, 2)), little),
      block(2, obsolete, little),
    );
    assertEquals(packets, [
      "1 1.2000 1 3 010203",
      "2 0.0 1 60 0102",
      "3 3.1000 1 60 010203",
    ]);
    assertEquals<unknown>([reader.format, reader.cut, issues], ["pcapng", false, []]);
    assertEquals(reader.firstTime, { seconds: 1, nanos: 2000 });
  }
});

Deno.test("CaptureReader keeps sections apart, each with its byte order", () => {
  const { reader, packets } = read(
    sectionHeader(true),
    interfaceBlock(1),
    interfaceBlock(113, 0, resolution(9)),
    enhancedPacket(data, { id: 1, low: 5 }),
    sectionHeader(false),
    interfaceBlock(101, 0, undefined, false),
    enhancedPacket(data, { low: 5 }, false),
  );
  assertEquals(packets, ["1 0.5 113 3 010203", "2 0.5000 101 3 010203"]);
  assertEquals(reader.linktypes, [1, 113, 101]);
  assertEquals(reader.interfaces.length, 3);
});

Deno.test("CaptureReader counts ticks of any resolution exactly", async (t) => {
  // 0x0000_0400_1234_5678 ticks unless said otherwise.
  const ticks = 0x0400_1234_5678n;
  const rows: [string, number, bigint][] = [
    ["seconds", 0, 1n],
    ["milliseconds", 3, 10n ** 3n],
    ["microseconds", 6, 10n ** 6n],
    ["nanoseconds", 9, 10n ** 9n],
    ["picoseconds", 12, 10n ** 12n],
    ["10^-19 s", 19, 10n ** 19n],
    ["10^-127 s", 127, 10n ** 127n],
    ["2^0", 0x80, 1n],
    ["2^-10 s", 0x8a, 1n << 10n],
    ["2^-20 s", 0x94, 1n << 20n],
    ["2^-32 s", 0xa0, 1n << 32n],
    ["2^-63 s", 0xbf, 1n << 63n],
    ["2^-127 s", 0xff, 1n << 127n],
  ];
  for (const [name, value, perSecond] of rows) {
    await t.step(name, () => {
      const { packets } = read(
        sectionHeader(),
        interfaceBlock(1, 0, resolution(value)),
        enhancedPacket(data, { high: 0x0400, low: 0x12345678 }),
      );
      const nanos = ticks % perSecond * 10n ** 9n / perSecond;
      assertEquals(packets, [`1 ${ticks / perSecond}.${nanos} 1 3 010203`]);
    });
  }
});

Deno.test("CaptureReader adds if_tsoffset, also a negative one", () => {
  const offset = (value: bigint) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigInt64(0, value, true);
    return option(14, new Uint8Array(view.buffer));
  };
  const { packets } = read(
    sectionHeader(),
    interfaceBlock(1, 0, offset(1_700_000_000n)),
    interfaceBlock(1, 0, offset(-10n)),
    enhancedPacket(data, { id: 0, low: 1_500_000 }),
    enhancedPacket(data, { id: 1, low: 1_500_000 }),
  );
  assertEquals(packets, [
    "1 1700000001.500000000 1 3 010203",
    "2 -9.500000000 1 3 010203",
  ]);
});

Deno.test("CaptureReader passes over blocks without packets", () => {
  const { reader, packets, issues } = read(
    sectionHeader(),
    block(4, new Uint8Array(40)),
    interfaceBlock(1, 0, option(2, new TextEncoder().encode("eth0"))),
    block(5, new Uint8Array(12)),
    block(10, new Uint8Array(8)),
    block(0x12345678, new Uint8Array(70_000)),
    block(0x80000001, new Uint8Array(0)),
    enhancedPacket(data),
  );
  assertEquals([packets.length, issues.length, reader.cut], [1, 0, false]);
  assertEquals(reader.interfaces[0]!.name, "eth0");
});

Deno.test("CaptureReader numbers custom blocks as tshark does, without a packet", () => {
  const { reader, packets } = read(
    sectionHeader(),
    interfaceBlock(),
    block(0x0bad, new Uint8Array(8)),
    enhancedPacket(data),
  );
  assertEquals(packets, ["2 0.0 1 3 010203"]);
  assertEquals([reader.packets, reader.number], [1, 2]);
});

Deno.test("CaptureReader goes on after malformed interface options", () => {
  const rows = [
    concat(number(2, 2, true), number(900, 2, true)),
    option(9, Uint8Array.of(6, 6)),
    option(14, Uint8Array.of(1)),
  ];
  for (const options of rows) {
    const { packets, issues, reader } = read(
      sectionHeader(),
      interfaceBlock(1, 0, options),
      enhancedPacket(data, { low: 7 }),
    );
    assertEquals(packets, ["1 0.7000 1 3 010203"]);
    assertEquals([issues.length, issues[0]!.severity, reader.cut], [1, "warn", false]);
  }
});

Deno.test("CaptureReader stops at a pcapng block that cannot be", async (t) => {
  const patched = (bytes: Uint8Array, at: number, value: number) => {
    const copy = bytes.slice();
    copy.set(number(value, 4, true), at);
    return copy;
  };
  const good = enhancedPacket(data);
  const rows: [string, Uint8Array][] = [
    ["trailing length differs", patched(good, good.length - 4, 99)],
    ["length below the header", patched(good, 4, 8)],
    ["length 0", patched(good, 4, 0)],
    ["length 4 GiB", patched(good, 4, 0xfffffffc)],
    ["length 1 GiB", patched(good, 4, 0x40000000)],
    ["packet longer than its block", enhancedPacket(data, { captured: 5 })],
    ["packet of 4 GiB", enhancedPacket(data, { captured: 0xffffffff })],
    ["unknown interface", enhancedPacket(data, { id: 4 })],
    ["unknown block of 4 GiB", patched(block(77, data), 4, 0xffffffff)],
    ["trailer of a skipped block", patched(block(77, data), 12, 17)],
    ["section without magic", patched(sectionHeader(), 8, 0)],
    ["section of version 9", patched(sectionHeader(), 12, 9)],
  ];
  for (const [name, bad] of rows) {
    await t.step(name, () => {
      const { reader, packets, issues } = read(
        sectionHeader(),
        interfaceBlock(),
        good,
        bad,
        good,
      );
      assertEquals([packets.length, reader.cut, issues.length], [1, true, 1]);
      assertEquals(issues[0]!.severity, "error");
    });
  }
});

Deno.test("CaptureReader rounds up a block length that is no multiple of 4", () => {
  const bytes = enhancedPacket(data);
  const odd = number(bytes.length - 1, 4, true);
  bytes.set(odd, 4);
  bytes.set(odd, bytes.length - 4);
  const { packets } = read(sectionHeader(), interfaceBlock(), bytes);
  assertEquals(packets, ["1 0.0 1 3 010203"]);
});

Deno.test("CaptureReader does not grow by a length that a block only claims", () => {
  const before = Deno.memoryUsage();
  const bomb = number(100_000_000, 4, true);
  const { reader } = read(
    sectionHeader(),
    interfaceBlock(),
    concat(number(6, 4, true), bomb, new Uint8Array(100)),
  );
  const after = Deno.memoryUsage();
  assertEquals(reader.cut, true);
  assert(after.external - before.external < 1024 * 1024, "external memory grew");
});

Deno.test("CaptureReader refuses a first section that is none", () => {
  const noMagic = sectionHeader();
  noMagic[8] = 0;
  assertEquals(assertThrows(() => read(noMagic), CaptureError).kind, "not_a_capture");
  const version = sectionHeader();
  version[12] = 2;
  assertEquals(assertThrows(() => read(version), CaptureError).kind, "unsupported");
});
