import { u16be } from "../bytes/integers.ts";
import { ethernet, ethertype, mpls, ppp } from "./ethernet.ts";
import type { Layers } from "./layers.ts";
import { wireless } from "./wireless.ts";

/**
 * Generic routing encapsulation, versions 0 and 1 (PPTP), with the ERSPAN mirrors of Cisco.
 *
 * Source: RFC 2784, RFC 2890, RFC 2637 section 4.1.
 */
export function gre(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 4) return layers.malformed("GRE header is cut");
  const flags = u16be(bytes, at);
  const type = u16be(bytes, at + 2);
  const sequenced = (flags & 0x1000) !== 0;
  at += 4;
  if ((flags & 7) === 0 && flags & 0xc000) at += 4;
  if (flags & 0x2000) at += 4;
  if (sequenced) at += 4;
  if ((flags & 7) === 1 && flags & 0x0080) at += 4;
  if (at >= end) return layers.other();
  switch (type) {
    case 0x88be: // ERSPAN type II has a sequence number and a header, type I neither
      return ethernet(layers, bytes, sequenced ? at + 8 : at, end, wire);
    case 0x22eb: { // ERSPAN type III
      const platform = bytes[at + 11]! & 1 ? 8 : 0;
      return ethernet(layers, bytes, at + 12 + platform, end, wire);
    }
    case 0x883e: { // WCCP, version 2 with a redirect header
      const redirect = bytes[at]! >>> 4 === 4 ? 0 : 4;
      return layers.ip(bytes, at + redirect, end, wire);
    }
  }
  const isAruba = type >= 0x8200 && type <= 0x83f0 && (type & 0x0f) === 0;
  if (isAruba) return wireless(layers, bytes, at, end, wire);
  ethertype(layers, type, bytes, at, end, wire);
}

/**
 * UDP, followed only into the tunnels that Wireshark follows by port: VXLAN, Geneve, GTP-U,
 * Teredo, LISP, GRE, MPLS and L2TP.
 *
 * Source: RFC 7348, RFC 8926, 3GPP TS 29.281, RFC 4380, RFC 9300, RFC 8086, RFC 7510, RFC 2661.
 */
export function udp(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 8) return layers.other();
  const source = u16be(bytes, at);
  const destination = u16be(bytes, at + 2);
  const length = u16be(bytes, at + 4);
  if (length >= 8 && at + length < wire) wire = at + length;
  end = Math.min(end, wire);
  layers.datagram(bytes, at, end);
  if (end - at < 16) return layers.other();
  const tunnel = TUNNELS.get(destination) ?? TUNNELS.get(source);
  if (tunnel === undefined) return layers.other();
  tunnel(layers, bytes, at + 8, end, wire);
}

type Tunnel = typeof vxlan;

const TUNNELS: ReadonlyMap<number, Tunnel> = new Map<number, Tunnel>([
  [4789, vxlan],
  [6081, geneve],
  [2152, gtp],
  [3544, teredo],
  [4341, lisp],
  [4754, gre],
  [6635, mpls],
  [1701, l2tp],
]);

function vxlan(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (end - at < 22) return layers.other();
  ethernet(layers, bytes, at + 8, end, wire);
}

function geneve(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  const header = 8 + (bytes[at]! & 0x3f) * 4;
  if (end - at < header + 14) return layers.other();
  ethertype(layers, u16be(bytes, at + 2), bytes, at + header, end, wire);
}

/** A GTPv1 user packet (T-PDU), past its extension headers. */
function gtp(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  const flags = bytes[at]!;
  if (end - at < 8 || flags >>> 4 !== 3 || bytes[at + 1] !== 0xff) return layers.other();
  let next = at + 8;
  if (flags & 0x07) {
    next += 4;
    let type = flags & 0x04 ? bytes[next - 1]! : 0;
    while (type !== 0) {
      const length = bytes[next]! * 4;
      if (length === 0 || length > end - next) return layers.other();
      next += length;
      type = bytes[next - 1]!;
    }
  }
  innerIp(layers, bytes, next, end, wire);
}

function teredo(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  if (u16be(bytes, at) === 1) at += 13 + bytes[at + 2]! + bytes[at + 3]!;
  if (u16be(bytes, at) === 0) at += 8;
  innerIp(layers, bytes, at, end, wire);
}

function lisp(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  innerIp(layers, bytes, at + 8, end, wire);
}

/** An L2TP version 2 data message. */
function l2tp(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  const flags = u16be(bytes, at);
  if (flags & 0x8000 || (flags & 0x0f) !== 2) return layers.other();
  at += 6;
  if (flags & 0x4000) at += 2;
  if (flags & 0x0800) at += 4;
  if (flags & 0x0200) at += 2 + u16be(bytes, at);
  ppp(layers, bytes, at, end, wire);
}

/** IP where the port alone spoke for it: anything else is somebody else's protocol. */
function innerIp(
  layers: Layers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
): void {
  const nibble = bytes[at]! >>> 4;
  if (end - at < 20 || nibble !== 4 && nibble !== 6) return layers.other();
  layers.ip(bytes, at, end, wire);
}
