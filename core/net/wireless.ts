import { u16be, u16le, u32be, u32le } from "../bytes/integers.ts";
import { LINKTYPES } from "../capture/linktypes.ts";
import { ethernet, llc } from "./ethernet.ts";
import type { Layers } from "./layers.ts";

/** Radiotap, which tells its own length in little endian, then 802.11. */
export function monitorHeader(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 8) return layers.malformed("radiotap header is cut");
  wireless(layers, bytes, at + u16le(bytes, at + 2), end, wire);
}

/** The header of Prism cards, 144 bytes, or that of AVS, which tells its length. */
export function prism(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 8) return layers.malformed("Prism header is cut");
  const isAvs = (u32be(bytes, at) & 0xfffff000) >>> 0 === 0x80211000;
  wireless(layers, bytes, at + (isAvs ? u32be(bytes, at + 4) & 0xffff : 144), end, wire);
}

/** PPI, which tells its own length and the link type after it in little endian. */
export function perPacketInformation(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 8) return layers.malformed("PPI header is cut");
  const next = at + u16le(bytes, at + 2);
  switch (u32le(bytes, at + 4)) {
    case LINKTYPES.ETHERNET:
      return ethernet(layers, bytes, next, end, wire);
    case LINKTYPES.IEEE802_11:
      return wireless(layers, bytes, next, end, wire);
    case LINKTYPES.IEEE802_11_RADIOTAP:
      return monitorHeader(layers, bytes, next, end, wire);
  }
  layers.other();
}

/**
 * An 802.11 data frame in clear text, with one or several MSDUs; others hold nothing for us.
 *
 * Source: IEEE 802.11 clause 9.3.2.
 */
export function wireless(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 24) return layers.other();
  const control = bytes[at]!;
  const flags = bytes[at + 1]!;
  const isData = (control & 0x0c) === 0x08 && (control & 0x40) === 0;
  const isProtected = (flags & 0x40) !== 0;
  const isFragment = (flags & 0x04) !== 0 || (bytes[at + 22]! & 0x0f) !== 0;
  if (!isData || isProtected || isFragment) return layers.other();
  let header = 24;
  if ((flags & 0x03) === 0x03) header += 6;
  let isAggregate = false;
  if (control & 0x80) {
    isAggregate = (bytes[at + header]! & 0x80) !== 0;
    header += flags & 0x80 ? 6 : 2;
  }
  if (isAggregate) return aggregate(layers, bytes, at + header, end, wire);
  llc(layers, bytes, at + header, end, wire);
}

/** An A-MSDU: frames of two addresses and a length, each padded to 4 bytes. */
function aggregate(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  const first = at;
  while (end - at >= 22) {
    const start = at + 14;
    const stop = Math.min(wire, start + u16be(bytes, at + 12));
    const { depth } = layers;
    llc(layers, bytes, start, Math.min(end, stop), stop);
    layers.depth = depth;
    at = first + (stop - first + 3 & ~3);
  }
}
