import fc from "fast-check";
import type { Packet } from "../../../core/capture/mod.ts";
import { FragmentTable, NetDecoder } from "../../../core/net/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { concat, hex, ipv4, ipv6, number, tcp } from "../../support/packets.ts";

const payload = Uint8Array.from({ length: 300 }, (_, index) => index);
const datagram = tcp({ payload });

/** Fragments of the datagram that begin at the offsets given, which are multiples of 8. */
function fragments(offsets: readonly number[], bytes = datagram): Uint8Array[] {
  return offsets.map((offset, index) => {
    const end = offsets[index + 1] ?? bytes.length;
    const more = index + 1 < offsets.length;
    return ipv4(bytes.subarray(offset, end), { offset, more });
  });
}

function fragments6(offsets: readonly number[]): Uint8Array[] {
  return offsets.map((offset, index) => {
    const end = offsets[index + 1] ?? datagram.length;
    const more = index + 1 < offsets.length ? 1 : 0;
    const header = concat(hex("0600"), number(offset | more, 2), hex("00000007"));
    return ipv6(concat(header, datagram.subarray(offset, end)), 44);
  });
}

function packet(bytes: Uint8Array, number: number): Packet {
  return {
    number,
    seconds: 0,
    nanos: 0,
    linktype: 101,
    bytes,
    start: 0,
    end: bytes.length,
    originalLength: bytes.length,
  };
}

function decode(frames: readonly Uint8Array[]) {
  const segments: [number, string][] = [];
  const issues: string[] = [];
  const net = new NetDecoder(
    (s) => segments.push([s.packet.number, s.bytes.subarray(s.start, s.end).toHex()]),
    (issue) => issues.push(issue.message),
  );
  frames.forEach((bytes, index) => net.decode(packet(bytes, index + 1)));
  return { segments, issues };
}

const whole = payload.toHex();

Deno.test("NetDecoder puts fragments together in any order", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 39 }), { maxLength: 8 }),
      fc.boolean(),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (units, isIpv6, random) => {
        const offsets = [0, ...units.sort((a, b) => a - b).map((unit) => unit * 8)];
        if (offsets.length === 1) return;
        const frames = (isIpv6 ? fragments6 : fragments)(offsets)
          .map((bytes) => ({ bytes, key: random.next().value }))
          .sort((a, b) => a.key - b.key).map(({ bytes }) => bytes);
        assertEquals(decode(frames), { segments: [[frames.length, whole]], issues: [] });
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("NetDecoder takes the first copy of fragments that overlap", () => {
  const [first, second] = fragments([0, 160]);
  const other = datagram.slice();
  other.fill(0xee, 24, 160);
  const [conflicting] = fragments([0, 160], other);
  assertEquals(decode([first!, conflicting!, second!]), {
    segments: [[3, whole]],
    issues: ["IP fragments overlap with different bytes"],
  });
  assertEquals(decode([first!, first!, second!]), { segments: [[3, whole]], issues: [] });
});

Deno.test("NetDecoder refuses fragments that cannot be", () => {
  const odd = ipv4(datagram.subarray(0, 13), { more: true });
  const beyond = ipv4(datagram.subarray(0, 80), { offset: 65_512 });
  const [, tail] = fragments([0, 160]);
  const afterTail = ipv4(datagram.subarray(0, 80), { offset: 320, more: true });
  const { segments, issues } = decode([odd, beyond, tail!, afterTail]);
  assertEquals(segments, []);
  assertEquals(issues, [
    "IP fragment of 13 bytes, no multiple of 8, with more to come",
    "IP fragment ends at byte 65592",
    "IP fragment ends at byte 400 of a datagram of 320",
  ]);
});

Deno.test("NetDecoder reads the first fragment where the snap length cut it", () => {
  const [first] = fragments([0, 160]);
  const cut = packet(first!.subarray(0, 60), 1);
  cut.originalLength = first!.length;
  let length = 0;
  new NetDecoder((s) => length = s.length, () => {}).decode(cut);
  assertEquals(length, 140);
});

Deno.test("FragmentTable stays within its limits", () => {
  const limits = { maxDatagrams: 100, maxBytes: 200_000, maxAge: 1000 };
  const table = new FragmentTable(limits);
  const bytes = new Uint8Array(8);
  for (let id = 0; id < 5000; id++) {
    const offset = id % 2 ? 65_000 : 0;
    table.add(`${id}`, 6, offset, true, bytes, 0, 8, id);
    assert(table.heldBytes <= limits.maxBytes, `${table.heldBytes} bytes`);
  }
  assert(table.evicted > 4800, `${table.evicted} evicted`);
});

Deno.test("FragmentTable gives up what is too old", () => {
  const table = new FragmentTable({ maxDatagrams: 9, maxBytes: 1e6, maxAge: 100 });
  const bytes = new Uint8Array(8);
  table.add("a", 6, 0, true, bytes, 0, 8, 1);
  assertEquals(table.add("a", 6, 8, false, bytes, 0, 8, 102).datagram, null);
  assertEquals(table.evicted, 1);
  const result = table.add("a", 6, 0, true, bytes, 0, 8, 103);
  assertEquals(result.datagram?.length, 16);
});
