import { AddressTable } from "../../../core/net/mod.ts";
import { assertEquals, assertNotEquals } from "../../support/assert.ts";
import { hex } from "../../support/packets.ts";

Deno.test("AddressTable writes IPv6 as RFC 5952 says", () => {
  const rows: [string, string][] = [
    ["00000000 00000000 00000000 00000000", "::"],
    ["00000000 00000000 00000000 00000001", "::1"],
    ["20010db8 00000000 00000000 00000001", "2001:db8::1"],
    ["20010db8 00000001 00010001 00010001", "2001:db8:0:1:1:1:1:1"],
    ["20010db8 00000000 00010000 00000001", "2001:db8::1:0:0:1"],
    ["20010000 00000001 00000000 00000001", "2001:0:0:1::1"],
    ["fe800000 00000000 00000000 00000000", "fe80::"],
    ["00010002 00030004 00050006 00070000", "1:2:3:4:5:6:7:0"],
    ["ABCDEF01 00020003 00040005 00060007", "abcd:ef01:2:3:4:5:6:7"],
    ["00000000 00000000 0000ffff 0a000001", "::ffff:10.0.0.1"],
    ["00000000 00000000 00000000 0a000001", "::10.0.0.1"],
    ["0064ff9b 00000000 00000000 c0000201", "64:ff9b::c000:201"],
    ["00000000 00010000 00000000 00000000", "0:0:1::"],
    ["00010000 00000000 00000000 00000000", "1::"],
  ];
  const table = new AddressTable();
  for (const [bytes, text] of rows) {
    assertEquals(table.text(table.ipv6(hex(bytes), 0)), text);
  }
});

Deno.test("AddressTable writes IPv4 and endpoints", () => {
  const table = new AddressTable();
  assertEquals(table.text(0xffffffff), "255.255.255.255");
  assertEquals(table.text(0), "0.0.0.0");
  assertEquals(table.endpoint(0x7f000001, 8090), "127.0.0.1:8090");
});

Deno.test("AddressTable gives each of many IPv6 addresses one number of its own", () => {
  const table = new AddressTable();
  const bytes = new Uint8Array(18);
  const view = new DataView(bytes.buffer);
  const ids = new Set<number>();
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index < 20_000; index++) {
      view.setUint32(2, 0xfe800000);
      view.setUint32(14, index);
      view.setUint32(8, index << 16);
      ids.add(table.ipv6(bytes, 2));
    }
  }
  assertEquals(ids.size, 20_000);
  bytes[2] = 0x20;
  assertNotEquals(ids.has(table.ipv6(bytes, 2)), true);
  assertEquals(Math.min(...ids), 2 ** 32);
});
