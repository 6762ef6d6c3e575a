import { u16be } from "../bytes/integers.ts";
import { type Layers, MAX_DEPTH } from "./layers.ts";

const MIN_ETHERTYPE = 0x600;

/**
 * An Ethernet II or 802.3 frame; padding and frame check sequence are left to the inner
 * length fields.
 *
 * Source: IEEE 802.3 clause 3.
 */
export function ethernet(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (layers.depth >= MAX_DEPTH) return layers.other();
  if (end - at < 14) return layers.malformed("Ethernet header is cut");
  layers.depth += 1;
  ethertype(layers, u16be(bytes, at + 12), bytes, at + 14, end, wire);
}

/**
 * What follows an Ethertype (or an 802.3 length): IP, and whatever carries it: VLAN tags in
 * any stack, MPLS, PPPoE, 802.1BR and VN tags, FabricPath, 802.1ah, LLC/SNAP.
 *
 * Source: IANA IEEE 802 numbers; IEEE 802.1Q clause 9; IEEE 802.1BR; RFC 3032; RFC 2516.
 */
export function ethertype(
  layers: Layers,
  type: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  for (;;) {
    const tag = tagLength(type);
    if (tag === 0) break;
    if (end - at < tag) return layers.malformed("VLAN tag is cut");
    type = u16be(bytes, at + tag - 2);
    at += tag;
  }
  switch (type) {
    case 0x0800:
    case 0x86dd:
      return layers.ip(bytes, at, end, wire);
    case 0x8847:
    case 0x8848:
      return mpls(layers, bytes, at, end, wire);
    case 0x8864:
      return pppoe(layers, bytes, at, end, wire);
    case 0x880b:
      return ppp(layers, bytes, at, end, wire);
    case 0x6558:
      return ethernet(layers, bytes, at, end, wire);
    case 0x8903: // Cisco FabricPath
      return ethernet(layers, bytes, at + 2, end, wire);
    case 0x88e7: // 802.1ah, after its service tag
      return ethernet(layers, bytes, at + 4, end, wire);
  }
  if (type < MIN_ETHERTYPE) {
    wire = Math.min(wire, at + type);
    return llc(layers, bytes, at, Math.min(end, wire), wire);
  }
  layers.other();
}

/** Bytes of a tag that ends in another Ethertype; 0 for what is no tag. */
function tagLength(type: number): number {
  switch (type) {
    case 0x8100: // 802.1Q
    case 0x88a8: // 802.1ad
    case 0x9100:
    case 0x9200:
      return 4;
    case 0x8926: // Cisco VN-Tag
      return 6;
    case 0x893f: // 802.1BR E-TAG
    case 0x8909: // Cisco MetaData
      return 8;
    default:
      return 0;
  }
}

/** 802.2 LLC with SNAP, or with IP's own service access point. Source: RFC 1042. */
export function llc(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at >= 8 && bytes[at] === 0xaa && bytes[at + 1] === 0xaa) {
    const bridged = bytes[at + 3] === 0x00 && bytes[at + 4] === 0x80 &&
      bytes[at + 5] === 0xc2;
    if (bridged) return ethernet(layers, bytes, at + 10, end, wire);
    const type = u16be(bytes, at + 6);
    if (type < MIN_ETHERTYPE) return layers.other();
    return ethertype(layers, type, bytes, at + 8, end, wire);
  }
  if (end - at >= 3 && bytes[at] === 0x06 && bytes[at + 1] === 0x06) {
    return layers.ip(bytes, at + 3, end, wire);
  }
  layers.other();
}

/**
 * An MPLS label stack; what lies under it is told by its first nibble: 4 and 6 are IP, else
 * Ethernet, with a control word before it where the nibble is 0.
 *
 * Source: RFC 3032, RFC 4385 section 3, RFC 4928.
 */
export function mpls(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  let bottom = false;
  while (!bottom && end - at >= 4) {
    bottom = (bytes[at + 2]! & 1) === 1;
    at += 4;
  }
  if (!bottom || at >= end) return layers.other();
  const nibble = bytes[at]! >>> 4;
  if (nibble === 4 || nibble === 6) return layers.ip(bytes, at, end, wire);
  const inner = nibble === 0 ? at + 4 : at;
  if (end - inner < 14) return layers.other();
  ethernet(layers, bytes, inner, end, wire);
}

/** A PPPoE session packet. Source: RFC 2516 section 4. */
function pppoe(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 6) return layers.malformed("PPPoE header is cut");
  wire = Math.min(wire, at + 6 + u16be(bytes, at + 4));
  ppp(layers, bytes, at + 6, Math.min(end, wire), wire);
}

/**
 * PPP, with or without HDLC's address and control, the protocol in one or two bytes; also
 * Cisco HDLC, told by its address. Source: RFC 1661 section 2, RFC 1662 section 3.1.
 */
export function ppp(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 4) return layers.other();
  const address = bytes[at]!;
  if (address === 0x0f || address === 0x8f) {
    return ethertype(layers, u16be(bytes, at + 2), bytes, at + 4, end, wire);
  }
  if (address === 0xff) at += 2;
  let protocol = bytes[at]!;
  at += 1;
  if ((protocol & 1) === 0) {
    protocol = protocol << 8 | bytes[at]!;
    at += 1;
  }
  if (at >= end) return layers.other();
  if (protocol === 0x21 || protocol === 0x57) return layers.ip(bytes, at, end, wire);
  if (protocol === 0x281 || protocol === 0x283) {
    return mpls(layers, bytes, at, end, wire);
  }
  layers.other();
}
