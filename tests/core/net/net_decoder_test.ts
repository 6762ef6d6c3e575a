import fc from "fast-check";
import type { Packet } from "../../../core/capture/mod.ts";
import type { Issue } from "../../../core/issue.ts";
import {
  MAX_NET_ISSUES,
  NetDecoder,
  type Segment,
  synOptions,
} from "../../../core/net/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import {
  concat,
  ethernetFrame,
  hex,
  ipv4,
  ipv6,
  number,
  tcp,
} from "../../support/packets.ts";

const payload = new TextEncoder().encode("ping");
const segment = tcp({ payload });
const inIpv4 = ipv4(segment);
const inIpv6 = ipv6(segment);
const FROM_4 = "10.0.0.1:40000 > 10.0.0.2:8090 4 70696e67";
const FROM_6 = "[fe80::1]:40000 > [fe80::2]:8090 4 70696e67";

function packet(bytes: Uint8Array, linktype = 1, number = 1): Packet {
  // Bytes of other records around it, which must not be read.
  const buffer = concat(new Uint8Array(3).fill(0x45), bytes, new Uint8Array(70).fill(6));
  const end = 3 + bytes.length;
  return {
    number,
    seconds: 0,
    nanos: 0,
    linktype,
    bytes: buffer,
    start: 3,
    end,
    originalLength: bytes.length,
  };
}

function decode(packets: Packet[]) {
  const segments: string[] = [];
  const headers: string[] = [];
  const issues: Issue[] = [];
  const show = (s: Segment) => {
    const from = net.addresses.endpoint(s.source, s.sourcePort);
    const to = net.addresses.endpoint(s.destination, s.destinationPort);
    const data = s.bytes.subarray(s.start, s.end).toHex();
    return `${from} > ${to} ${s.length} ${data}`;
  };
  const net: NetDecoder = new NetDecoder(
    (s) => segments.push(show(s)),
    (issue) => issues.push(issue),
    { headers: (s) => headers.push(show(s)) },
  );
  for (const one of packets) net.decode(one);
  return { net, segments, headers, issues };
}

const vlan = (type: number) => concat(hex("0064"), number(type, 2));
const udp = (port: number, data: Uint8Array) =>
  concat(
    number(50000, 2),
    number(port, 2),
    number(8 + data.length, 2),
    hex("0000"),
    data,
  );
const frame = ethernetFrame(0x0800, inIpv4);
const lib = (linktype: number, head: string, rest: Uint8Array): [number, Uint8Array] => [
  linktype,
  concat(hex(head), rest),
];

Deno.test("NetDecoder finds TCP under every link type and encapsulation", async (t) => {
  const tunnel = (protocol: number, ...parts: Uint8Array[]) =>
    ethernetFrame(0x0800, ipv4(concat(...parts), { protocol }));
  const rows: [string, number, Uint8Array, string][] = [
    ["Ethernet", 1, frame, FROM_4],
    ["Ethernet, padded", 1, concat(frame, new Uint8Array(6)), FROM_4],
    ["Ethernet, IPv6", 1, ethernetFrame(0x86dd, inIpv6), FROM_6],
    ["802.1Q", 1, ethernetFrame(0x8100, concat(vlan(0x0800), inIpv4)), FROM_4],
    [
      "802.1ad, 802.1Q and 0x9100",
      1,
      ethernetFrame(
        0x88a8,
        concat(vlan(0x8100), vlan(0x9100), vlan(0x86dd), inIpv6),
      ),
      FROM_6,
    ],
    ["E-TAG", 1, ethernetFrame(0x893f, concat(hex("000000000000 0800"), inIpv4)), FROM_4],
    ["MPLS", 1, ethernetFrame(0x8847, concat(hex("00010040 00011140"), inIpv4)), FROM_4],
    [
      "Ethernet over MPLS",
      1,
      ethernetFrame(0x8847, concat(hex("00011140 00000000"), frame)),
      FROM_4,
    ],
    [
      "PPPoE",
      1,
      ethernetFrame(
        0x8864,
        concat(hex("1100 0001"), number(2 + inIpv4.length, 2), hex("0021"), inIpv4),
      ),
      FROM_4,
    ],
    [
      "LLC and SNAP",
      1,
      ethernetFrame(8 + inIpv4.length, concat(hex("aaaa03 000000 0800"), inIpv4)),
      FROM_4,
    ],
    ["NULL, little endian", ...lib(0, "02000000", inIpv4), FROM_4],
    ["NULL, big endian", ...lib(0, "00000002", inIpv4), FROM_4],
    ...["18", "1c", "1e", "0a", "17"].flatMap((family) =>
      [
        [`NULL, family 0x${family}`, ...lib(0, `${family}000000`, inIpv6), FROM_6],
        [`LOOP, family 0x${family}`, ...lib(108, `000000${family}`, inIpv6), FROM_6],
      ] as [string, number, Uint8Array, string][]
    ),
    ...[12, 14, 101].flatMap((type) =>
      [
        [`RAW ${type}, IPv4`, type, inIpv4, FROM_4],
        [`RAW ${type}, IPv6`, type, inIpv6, FROM_6],
      ] as [string, number, Uint8Array, string][]
    ),
    ["IPV4", 228, inIpv4, FROM_4],
    ["IPV6", 229, inIpv6, FROM_6],
    [
      "LINUX_SLL",
      ...lib(113, "0000 0304 0006 000000000000 0000 0800", inIpv4),
      FROM_4,
    ],
    [
      "LINUX_SLL, 802.1Q",
      ...lib(113, "0000 0001 0006 020000000001 0000 8100 0064 86dd", inIpv6),
      FROM_6,
    ],
    [
      "LINUX_SLL2",
      ...lib(276, "86dd 0000 00000001 0304 00 06 0000000000000000", inIpv6),
      FROM_6,
    ],
    ["PPP", ...lib(9, "ff03 0021", inIpv4), FROM_4],
    ["PPP, compressed", ...lib(9, "21", inIpv4), FROM_4],
    ["PPP in HDLC", ...lib(50, "ff03 0057", inIpv6), FROM_6],
    ["Cisco HDLC", ...lib(50, "0f00 0800", inIpv4), FROM_4],
    ["C_HDLC", ...lib(104, "8f00 86dd", inIpv6), FROM_6],
    [
      "FDDI",
      ...lib(10, "50 020000000002 020000000001 aaaa03000000 0800", inIpv4),
      FROM_4,
    ],
    [
      "802.11 under radiotap",
      ...lib(
        127,
        "0000 0800 00000000 8801 0000 020000000001 020000000002 020000000003 0000 0000" +
          "aaaa03000000 0800",
        inIpv4,
      ),
      FROM_4,
    ],
    ["IPOIB", ...lib(242, "00".repeat(40) + "08000000", inIpv4), FROM_4],
    ["IPv4 in IPv4", 1, tunnel(4, inIpv4), FROM_4],
    ["IPv6 in IPv4", 1, tunnel(41, inIpv6), FROM_6],
    ["IPv4 in IPv6", 229, ipv6(inIpv4, 4), FROM_4],
    ["GRE", 1, tunnel(47, hex("0000 0800"), inIpv4), FROM_4],
    [
      "GRE with checksum, key and sequence",
      1,
      tunnel(47, hex("b000 86dd 00000000 00000001 00000002"), inIpv6),
      FROM_6,
    ],
    ["GRE with Ethernet", 1, tunnel(47, hex("0000 6558"), frame), FROM_4],
    [
      "GRE of PPTP",
      1,
      tunnel(47, hex("3001 880b 0000 0001 00000001 ff03 0021"), inIpv4),
      FROM_4,
    ],
    [
      "ERSPAN II",
      1,
      tunnel(47, hex("1000 88be 00000001 1001000000000000"), frame),
      FROM_4,
    ],
    ["VXLAN", 1, tunnel(17, udp(4789, concat(hex("0800000000000100"), frame))), FROM_4],
    [
      "Geneve",
      1,
      tunnel(17, udp(6081, concat(hex("0100655800000100 01020304"), frame))),
      FROM_4,
    ],
    ["GTP-U", 1, tunnel(17, udp(2152, concat(hex("30ff002c00000001"), inIpv4))), FROM_4],
    [
      "AH in IPv4",
      1,
      tunnel(51, hex("06040000 00000001 00000001 000000000000000000000000"), segment),
      FROM_4,
    ],
    ["TCP options", 101, ipv4(tcp({ payload, options: new Uint8Array(40) })), FROM_4],
    ["IPv4 options", 101, ipv4(segment, { options: new Uint8Array(40) }), FROM_4],
    ["IPv4 of length 0", 101, ipv4(segment, { totalLength: 0 }), FROM_4],
    [
      "IPv6 extension headers",
      229,
      ipv6(
        concat(
          hex("3c00000000000000"), // hop-by-hop
          hex("2b01000000000000 0000000000000000"), // destination options
          hex("8700000000000000"), // routing
          hex("3300000000000000"), // mobility
          hex("0604000000000001 00000001 000000000000000000000000"), // authentication
          segment,
        ),
        0,
      ),
      FROM_6,
    ],
    [
      "atomic fragment",
      229,
      ipv6(concat(hex("0600000000000007"), segment), 44),
      FROM_6,
    ],
  ];
  for (const [name, linktype, bytes, expected] of rows) {
    await t.step(name, () => {
      const { segments, issues } = decode([packet(bytes, linktype)]);
      assertEquals([segments, issues], [[expected], []]);
    });
  }
});

Deno.test("NetDecoder reads every field of the TCP header", () => {
  let seen: Segment | null = null;
  const net = new NetDecoder((s) => seen = { ...s }, () => {});
  const bytes = tcp({
    sourcePort: 65535,
    destinationPort: 1,
    sequence: 0xfffffffe,
    acknowledgment: 0x80000001,
    flags: 0x10,
    window: 0xfffe,
  });
  const one = packet(ipv4(bytes), 101, 9);
  net.decode(one);
  const s: Segment = seen!;
  assertEquals(
    [s.packet.number, s.source, s.destination, s.sourcePort, s.destinationPort],
    [9, 0x0a000001, 0x0a000002, 65535, 1],
  );
  assertEquals(
    [s.sequence, s.acknowledgment, s.flags, s.window, s.length, s.end - s.start],
    [0xfffffffe, 0x80000001, 0x10, 0xfffe, 0, 0],
  );
});

Deno.test("NetDecoder gives no acknowledgment without its flag", () => {
  let acknowledgment = -1;
  const net = new NetDecoder((s) => acknowledgment = s.acknowledgment, () => {});
  net.decode(packet(ipv4(tcp({ flags: 2, acknowledgment: 77 })), 101));
  assertEquals(acknowledgment, 0);
});

Deno.test("synOptions reads MSS, window scale and SACK permitted", () => {
  const rows: [string, number | null, number | null, boolean][] = [
    ["020405b4 0402 080a0000000100000000 01 030307", 1460, 7, true],
    ["020405b4 0303ff 00", 1460, 14, false],
    ["01010204", null, null, false],
    ["0200 0204", null, null, false],
    ["030305ff", null, 5, false],
    ["", null, null, false],
  ];
  for (const [text, mss, windowScale, sackPermitted] of rows) {
    const bytes = hex(text);
    const options = concat(bytes, new Uint8Array((4 - bytes.length % 4) % 4));
    let found: unknown;
    const net = new NetDecoder((s) => found = synOptions(s), () => {});
    net.decode(packet(ipv4(tcp({ flags: 2, options })), 101));
    assertEquals(found, { mss, windowScale, sackPermitted }, text);
  }
});

Deno.test("NetDecoder tells what the snap length cut from what never was", () => {
  const whole = ethernetFrame(0x0800, ipv4(tcp({ payload: new Uint8Array(1000) })));
  const cut = packet(whole.subarray(0, 60));
  cut.originalLength = whole.length;
  const { segments, issues } = decode([cut]);
  assertEquals(segments, ["10.0.0.1:40000 > 10.0.0.2:8090 1000 000000000000"]);
  assertEquals(issues, []);
});

Deno.test("NetDecoder bounds a total length beyond the packet", () => {
  const bytes = ipv4(segment, { totalLength: 9000 });
  const { segments } = decode([packet(bytes, 101)]);
  assertEquals(segments, [FROM_4]);
});

Deno.test("NetDecoder keeps headers without a segment apart", () => {
  const quoted = (type: number, rest: Uint8Array) =>
    packet(
      ipv4(concat(Uint8Array.of(type), new Uint8Array(7), rest), { protocol: 1 }),
      101,
    );
  const short = tcp({ payload });
  short[12] = 0x20;
  const long = tcp({ payload });
  long[12] = 0xf0;
  const { segments, headers, issues, net } = decode([
    quoted(3, inIpv4),
    quoted(3, inIpv4.subarray(0, 28)), // 8 bytes of TCP: tshark does not count it
    quoted(8, inIpv4), // an echo request quotes nothing
    packet(ipv4(short), 101),
    packet(ipv4(long), 101),
  ]);
  assertEquals([segments.length, headers.length, net.segments, net.others], [0, 3, 0, 5]);
  assertEquals(headers[0], FROM_4);
  assertEquals(issues.map(({ message, packet }) => [message, packet]), [
    ["TCP header claims 8 bytes of 24", 1],
    ["TCP header claims 60 bytes of 24", 1],
  ]);
});

Deno.test("NetDecoder reports an unknown link type once", () => {
  const { issues, net } = decode([
    packet(frame, 189),
    packet(frame, 189),
    packet(frame, 9999),
  ]);
  assertEquals(issues.map(({ message, group }) => [message, group]), [
    ["packets of link type USB_LINUX are not decoded", "undecoded"],
    ["packets of link type 9999 are not decoded", "undecoded"],
  ]);
  assertEquals([net.packets, net.others], [3, 3]);
});

Deno.test("NetDecoder counts packets without TCP quietly", () => {
  const { issues, net, segments } = decode([
    packet(ethernetFrame(0x0806, new Uint8Array(28))),
    packet(ethernetFrame(0x88cc, new Uint8Array(40))),
    packet(ipv4(udp(53, new Uint8Array(30)), { protocol: 17 }), 101),
    packet(ipv6(new Uint8Array(40), 58), 101),
    packet(ipv4(new Uint8Array(40), { protocol: 132 }), 101),
  ]);
  assertEquals([issues, segments, net.others], [[], [], 5]);
});

Deno.test("NetDecoder bounds its issues and says so", () => {
  const bad = Array.from({ length: MAX_NET_ISSUES + 50 }, () => packet(hex("45"), 101));
  const { issues, net } = decode(bad);
  assertEquals([issues.length, net.others], [MAX_NET_ISSUES, MAX_NET_ISSUES + 50]);
  assert(issues.at(-1)!.message.endsWith("further ones suppressed"));
});

Deno.test("NetDecoder ends nesting without end", () => {
  const steps: [number, string][] = [[4, ""], [47, "00000800"], [41, ""]];
  for (const [protocol, head] of steps) {
    let bytes: Uint8Array = inIpv4;
    for (let depth = 0; depth < 2000; depth++) {
      bytes = ipv4(concat(hex(head), bytes), { protocol, totalLength: 0 });
    }
    assertEquals(decode([packet(bytes, 101)]).segments, []);
  }
  const mpls = new Uint8Array(200_000);
  for (let at = 0; at < mpls.length; at += 20) mpls.set(hex("00000140 0000"), at);
  decode([packet(ethernetFrame(0x8847, mpls))]);
  const ah = new Uint8Array(65_000).fill(51);
  for (let at = 1; at < ah.length; at += 2) ah[at] = 0;
  decode([packet(ipv4(ah, { protocol: 51 }), 101)]);
});

Deno.test("NetDecoder takes any bytes of any link type", () => {
  const linktypes = [0, 1, 6, 9, 10, 12, 50, 51, 100, 101, 104, 105, 108, 109, 113, 117];
  linktypes.push(119, 127, 163, 166, 192, 204, 228, 229, 239, 276);
  const templates = [frame, ethernetFrame(0x86dd, inIpv6), inIpv4, inIpv6];
  fc.assert(
    fc.property(
      fc.constantFrom(...linktypes),
      fc.oneof(
        fc.uint8Array({ maxLength: 120 }),
        fc.tuple(
          fc.constantFrom(...templates),
          fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 6 }),
          fc.nat(100),
        ).map(([template, changes, length]) => {
          const bytes = template.slice();
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          return bytes.subarray(0, length);
        }),
      ),
      fc.nat(70_000),
      (linktype, bytes, originalLength) => {
        const one = packet(bytes, linktype);
        one.originalLength = originalLength;
        const net = new NetDecoder((s) => {
          assert(s.start <= s.end && s.length >= s.end - s.start);
          if (s.bytes === one.bytes) assert(s.start >= one.start && s.end <= one.end);
        }, () => {});
        net.decode(one);
        assertEquals(net.packets, 1);
      },
    ),
    { numRuns: 20_000 },
  );
});

Deno.test("NetDecoder gives no payload behind malformed IPv4 options, which hosts drop", () => {
  for (
    const [options, isSegment] of [
      ["01010101", true],
      ["94040000", true],
      ["00ffffff", true],
      ["94000000", false],
      ["94010000", false],
      ["94050000", false],
      ["01010194", false],
    ] as const
  ) {
    const seen: string[] = [];
    const net = new NetDecoder(() => seen.push("segment"), ({ message }) => {
      seen.push(message);
    }, { headers: () => seen.push("header") });
    net.decode(packet(ipv4(tcp({ payload: hex("aa") }), { options: hex(options) }), 101));
    assertEquals(
      seen,
      isSegment ? ["segment"] : ["IPv4 options are malformed", "header"],
      options,
    );
  }
});
