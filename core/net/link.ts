import { u16be, u16le, u32be, u32le } from "../bytes/integers.ts";
import { LINKTYPES } from "../capture/linktypes.ts";
import { ethernet, ethertype, llc, ppp } from "./ethernet.ts";
import type { Layers } from "./layers.ts";
import { monitorHeader, perPacketInformation, prism, wireless } from "./wireless.ts";

type LinkLayer = (
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
) => void;

/** Where the payload of a link type begins and what it is, for every type we decode. */
export const LINK_LAYERS: ReadonlyMap<number, LinkLayer> = new Map<number, LinkLayer>([
  [LINKTYPES.ETHERNET, ethernet],
  [LINKTYPES.NULL, loopback],
  [LINKTYPES.LOOP, loopback],
  [LINKTYPES.RAW, raw],
  [12, raw], // DLT_RAW of most systems, written by some without translation
  [14, raw], // DLT_RAW of OpenBSD
  [LINKTYPES.IPV4, raw],
  [LINKTYPES.IPV6, raw],
  [LINKTYPES.LINUX_SLL, cooked],
  [LINKTYPES.LINUX_SLL2, cooked2],
  [LINKTYPES.PPP, ppp],
  [LINKTYPES.PPP_HDLC, ppp],
  [LINKTYPES.PPP_PPPD, ppp],
  [LINKTYPES.PPP_WITH_DIR, (l, bytes, at, end, wire) => ppp(l, bytes, at + 1, end, wire)],
  [LINKTYPES.PPP_ETHER, (l, bytes, at, end, wire) => ppp(l, bytes, at + 6, end, wire)],
  [LINKTYPES.C_HDLC, ppp],
  [LINKTYPES.ATM_RFC1483, llc],
  [LINKTYPES.ENC, (l, bytes, at, end, wire) => raw(l, bytes, at + 12, end, wire)],
  [LINKTYPES.PFLOG, packetFilterLog],
  [LINKTYPES.NFLOG, netfilterLog],
  [LINKTYPES.IEEE802_11, wireless],
  [LINKTYPES.IEEE802_11_RADIOTAP, monitorHeader],
  [LINKTYPES.IEEE802_11_PRISM, prism],
  [LINKTYPES.IEEE802_11_AVS, prism],
  [LINKTYPES.PPI, perPacketInformation],
  [LINKTYPES.FDDI, (l, bytes, at, end, wire) => llc(l, bytes, at + 13, end, wire)],
  [LINKTYPES.IEEE802_5, tokenRing],
  [LINKTYPES.IPOIB, infiniband],
]);

/**
 * BSD loopback: an address family in the byte order of the machine that captured (NULL) or
 * of the network (LOOP). Families of IPv6 are 10, 23, 24, 28 and 30 by system; some drivers
 * put an Ethertype or PPP framing there, as Wireshark knows.
 */
function loopback(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 4) return layers.malformed("loopback header is cut");
  if (u16be(bytes, at) === 0xff03) return ppp(layers, bytes, at, end, wire);
  const family = u32le(bytes, at) & 0xffff || u32be(bytes, at);
  switch (family) {
    case 2:
    case 10:
    case 23:
    case 24:
    case 28:
    case 30:
      return layers.ip(bytes, at + 4, end, wire);
  }
  const type = family > 0x5dc ? family & 0xffff : 0;
  if (type === 0) return layers.other();
  ethertype(layers, type, bytes, at + 4, end, wire);
}

/** Linux cooked capture, 16 bytes. */
function cooked(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 16) return layers.malformed("Linux cooked header is cut");
  cookedProtocol(layers, u16be(bytes, at + 14), bytes, at + 16, end, wire);
}

/** Linux cooked capture version 2, 20 bytes. */
function cooked2(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 20) return layers.malformed("Linux cooked header is cut");
  cookedProtocol(layers, u16be(bytes, at), bytes, at + 20, end, wire);
}

function cookedProtocol(
  layers: Layers,
  protocol: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (protocol === 4) return llc(layers, bytes, at, end, wire);
  if (protocol < 0x600) return layers.other();
  ethertype(layers, protocol, bytes, at, end, wire);
}

/** OpenBSD packet filter log: a header that tells its own length, then IP. */
function packetFilterLog(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 4) return layers.malformed("pflog header is cut");
  layers.ip(bytes, at + (bytes[at]! + 3 & ~3), end, wire);
}

/** Linux netfilter log: attributes in host order, of which number 9 is the packet. */
function netfilterLog(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  let next = at + 4;
  while (end - next >= 4) {
    const length = u16le(bytes, next);
    if (length < 4) break;
    const value = next + 4;
    if (u16le(bytes, next + 2) === 9) {
      const family = bytes[at]!;
      if (family !== 2 && family !== 10) return layers.other();
      const stop = Math.min(wire, next + length);
      return layers.ip(bytes, value, Math.min(end, stop), stop);
    }
    next += length + 3 & ~3;
  }
  layers.other();
}

/** Token Ring, with a source route where the first bit of the source address says so. */
function tokenRing(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 15) return layers.other();
  const route = bytes[at + 8]! & 0x80 ? bytes[at + 14]! & 0x1f : 0;
  llc(layers, bytes, at + 14 + route, end, wire);
}

/** IP over InfiniBand: a global routing header of 40 bytes, an Ethertype, two reserved. */
function infiniband(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 44) return layers.malformed("IPoIB header is cut");
  ethertype(layers, u16be(bytes, at + 40), bytes, at + 44, end, wire);
}

/** IP without any header before it. */
function raw(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  layers.ip(bytes, at, end, wire);
}
