import { u16be, u32be } from "../bytes/integers.ts";
import { linktypeName, LINKTYPES } from "../capture/linktypes.ts";
import { emptyPacket } from "../capture/record_parser.ts";
import type { Packet } from "../capture/packet.ts";
import type { Report } from "../issue.ts";
import { AddressTable } from "./address_table.ts";
import { ethernet, mpls } from "./ethernet.ts";
import { FragmentTable } from "./fragments.ts";
import { type Layers, MAX_DEPTH } from "./layers.ts";
import { LINK_LAYERS } from "./link.ts";
import type { DatagramSink, Segment, SegmentSink } from "./segment.ts";
import { gre, udp } from "./tunnels.ts";

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;
const ACK = 16;

/** Most issues about single packets reported over a run; the last one says so. */
export const MAX_NET_ISSUES = 100;

/** What a {@link NetDecoder} may be given beside its sink. */
export interface NetDecoderOptions {
  addresses?: AddressTable;
  fragments?: FragmentTable;
  /**
   * Gets TCP headers that are no segments of a flow but that tshark counts in `tcp.stream`:
   * those quoted by ICMP errors, with 20 bytes or more, those behind malformed IPv4 options,
   * and those that are cut or have an impossible header length. Their payload, if any, is not
   * to be delivered.
   */
  headers?: SegmentSink;
  /** Gets UDP datagrams, those of tunnels too, but none quoted by ICMP errors. */
  datagrams?: DatagramSink;
}

/**
 * Takes packets apart down to TCP and pushes one reused {@link Segment} per TCP segment.
 * Padding after the IP datagram is left out; fragments are put together, and the segment
 * then belongs to the packet that completed it. As in tshark, tunnels are followed and the
 * innermost addresses count, checksums are not verified, and an IP length of 0 (segmentation
 * offload) means the rest of the packet. Packets without TCP are counted, quietly.
 *
 * Where it differs from tshark on purpose: tunnels under UDP of length 0 (BIG TCP) are
 * followed; a datagram of which all fragments came twice is pushed twice, as hosts see it; a
 * source route leaves the destination as it stands in the header; the inner IP length counts
 * where FabricPath is thought to end in a checksum. Not followed: sFlow samples, CAPWAP,
 * AYIYA, IPComp, and the link types that `LINK_LAYERS` does not list.
 *
 * Issues: an unknown link type once each (undecoded), headers that are cut or impossible and
 * fragments that conflict (malformed).
 *
 * Source: RFC 791, RFC 8200, RFC 9293 section 3.1.
 */
export class NetDecoder implements Layers {
  readonly addresses: AddressTable;
  depth = 0;
  /** Packets taken. */
  packets = 0;
  /** Segments pushed; bare headers (see `headers` in the options) are not counted. */
  segments = 0;
  /** Packets in which no TCP was found. */
  others = 0;

  readonly #sink: SegmentSink;
  readonly #report: Report;
  readonly #headerSink: SegmentSink | undefined;
  readonly #datagramSink: DatagramSink | undefined;
  readonly #fragments: FragmentTable;
  readonly #unknownLinktypes = new Set<number>();
  readonly #segment: Segment;
  #source = 0;
  #destination = 0;
  #headersOnly = false;
  #issues = 0;

  constructor(sink: SegmentSink, report: Report, options: NetDecoderOptions = {}) {
    this.#sink = sink;
    this.#report = report;
    this.#headerSink = options.headers;
    this.#datagramSink = options.datagrams;
    this.addresses = options.addresses ?? new AddressTable();
    this.#fragments = options.fragments ?? new FragmentTable();
    this.#segment = emptySegment();
  }

  /** Takes one packet. */
  decode(packet: Packet): void {
    this.packets += 1;
    this.depth = 0;
    this.#headersOnly = false;
    this.#segment.packet = packet;
    if (packet.linktype === LINKTYPES.ETHERNET && this.#plain(packet)) return;
    const link = LINK_LAYERS.get(packet.linktype);
    if (link === undefined) return this.#unknownLinktype(packet);
    const wire = Math.max(packet.end, packet.start + packet.originalLength);
    link(this, packet.bytes, packet.start, packet.end, wire);
  }

  /**
   * Takes what most packets are: TCP in IPv4 in Ethernet, with nothing beside, no fragment and
   * no header cut. Gives false for any other, of which nothing was taken then.
   */
  #plain({ bytes, start, end, originalLength }: Packet): boolean {
    const ip = start + 14, tcp = ip + 20;
    if (end - tcp < 20 || bytes[start + 12] !== 8 || bytes[start + 13] !== 0) {
      return false;
    }
    if (bytes[ip] !== 0x45 || bytes[ip + 9] !== TCP) return false;
    if ((bytes[ip + 6]! & 0x3f) !== 0 || bytes[ip + 7] !== 0) return false;
    const wire = Math.min(
      Math.max(end, start + originalLength),
      ip + u16be(bytes, ip + 2),
    );
    if (end > wire) end = wire;
    const data = tcp + (bytes[tcp + 12]! >>> 4) * 4;
    if (end - tcp < 20 || data < tcp + 20 || data > wire) return false;
    this.#source = u32be(bytes, ip + 12);
    this.#destination = u32be(bytes, ip + 16);
    this.segments += 1;
    this.#fill(bytes, tcp, data, end, wire);
    this.#sink(this.#segment);
    return true;
  }

  ip(bytes: Uint8Array, at: number, end: number, wire: number): void {
    if (this.depth >= MAX_DEPTH) return this.other();
    if (at >= end) return this.malformed("IP header is missing");
    this.depth += 1;
    const version = bytes[at]! >>> 4;
    if (version === 4) this.#ipv4(bytes, at, end, wire);
    else if (version === 6) this.#ipv6(bytes, at, end, wire);
    else this.malformed(`IP version ${version} is neither 4 nor 6`);
  }

  datagram(bytes: Uint8Array, at: number, end: number): void {
    if (this.#datagramSink === undefined || this.#headersOnly) return;
    const segment = this.#segment;
    segment.source = this.#source;
    segment.destination = this.#destination;
    segment.sourcePort = u16be(bytes, at);
    segment.destinationPort = u16be(bytes, at + 2);
    segment.bytes = bytes;
    segment.start = at + 8;
    segment.end = end;
    this.#datagramSink(segment);
  }

  other(): void {
    this.others += 1;
  }

  malformed(message: string): void {
    this.others += 1;
    if (!this.#headersOnly) this.#issue(message);
  }

  #ipv4(bytes: Uint8Array, at: number, end: number, wire: number): void {
    if (end - at < 20) return this.malformed("IPv4 header is cut");
    const header = (bytes[at]! & 15) * 4;
    if (header < 20) return this.malformed(`IPv4 header claims ${header} bytes`);
    const total = u16be(bytes, at + 2);
    if (total !== 0 && total < header) {
      return this.malformed(`IPv4 total length ${total} is less than its header`);
    }
    if (total !== 0 && at + total < wire) wire = at + total;
    if (end > wire) end = wire;
    if (at + header > end) return this.malformed("IPv4 header is cut");
    if (header > 20 && !areIpv4Options(bytes, at + 20, at + header)) {
      // Hosts drop it, so what follows is no segment of a flow.
      if (!this.#headersOnly) this.#issue("IPv4 options are malformed");
      this.#headersOnly = true;
    }
    this.#source = u32be(bytes, at + 12);
    this.#destination = u32be(bytes, at + 16);
    const protocol = bytes[at + 9]!;
    const fragment = u16be(bytes, at + 6);
    if ((fragment & 0x3fff) === 0) {
      return this.#transport(protocol, bytes, at + header, end, wire);
    }
    const offset = (fragment & 0x1fff) * 8;
    const more = (fragment & 0x2000) !== 0;
    const key = `${this.#source} ${this.#destination} ${
      u16be(bytes, at + 4)
    } ${protocol}`;
    this.#fragment(key, protocol, offset, more, bytes, at + header, end, wire);
  }

  #ipv6(bytes: Uint8Array, at: number, end: number, wire: number): void {
    if (end - at < 40) return this.malformed("IPv6 header is cut");
    const length = u16be(bytes, at + 4);
    // A length of 0 is a jumbogram or segmentation offload: the rest of the packet.
    if (length !== 0 && at + 40 + length < wire) wire = at + 40 + length;
    if (end > wire) end = wire;
    this.#source = this.addresses.ipv6(bytes, at + 8);
    this.#destination = this.addresses.ipv6(bytes, at + 24);
    this.#nextHeader(bytes[at + 6]!, bytes, at + 40, end, wire);
  }

  /** Walks IPv6 extension headers from the one numbered `next`. */
  #nextHeader(
    next: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    wire: number,
  ): void {
    for (;;) {
      const header = extensionLength(next, bytes, at);
      if (header === 0) return this.#transport(next, bytes, at, end, wire);
      if (end - at < header) return this.malformed("IPv6 extension header is cut");
      const fragment = next === 44 ? u16be(bytes, at + 2) : 0;
      const identification = u32be(bytes, at + 4);
      next = bytes[at]!;
      at += header;
      if ((fragment & 0xfff9) === 0) continue;
      const offset = fragment & 0xfff8;
      const more = (fragment & 1) !== 0;
      const key = `${this.#source} ${this.#destination} ${identification}`;
      return this.#fragment(key, next, offset, more, bytes, at, end, wire);
    }
  }

  #fragment(
    key: string,
    protocol: number,
    offset: number,
    more: boolean,
    bytes: Uint8Array,
    at: number,
    end: number,
    wire: number,
  ): void {
    if (this.#headersOnly || end < wire) {
      // Not whole in the capture: the first fragment still tells whose segment it was.
      if (offset === 0) return this.#transport(protocol, bytes, at, end, wire);
      return this.other();
    }
    const { number } = this.#segment.packet;
    const result = this.#fragments.add(
      key,
      protocol,
      offset,
      more,
      bytes,
      at,
      end,
      number,
    );
    if (result.datagram === null) {
      if (result.problem !== null) return this.malformed(`IP ${result.problem}`);
      return this.other();
    }
    if (result.conflict) this.#issue("IP fragments overlap with different bytes");
    const { datagram } = result;
    if (this.#source >= 4294967296) {
      this.#nextHeader(result.protocol, datagram, 0, datagram.length, datagram.length);
    } else {
      this.#transport(result.protocol, datagram, 0, datagram.length, datagram.length);
    }
  }

  #transport(
    protocol: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    wire: number,
  ): void {
    while (protocol === 51) { // authentication header
      const header = extensionLength(51, bytes, at);
      if (end - at < header) return this.malformed("authentication header is cut");
      protocol = bytes[at]!;
      at += header;
    }
    switch (protocol) {
      case TCP:
        return this.#tcp(bytes, at, end, wire);
      case UDP:
        return udp(this, bytes, at, end, wire);
      case 4: // IPv4 in IP
      case 41: // IPv6 in IP
      case 94: // IPIP
        return this.ip(bytes, at, end, wire);
      case 47:
        return gre(this, bytes, at, end, wire);
      case 97: // EtherIP
        return ethernet(this, bytes, at + 2, end, wire);
      case 137:
        return mpls(this, bytes, at, end, wire);
      case ICMP:
        return this.#icmp(isIcmpError(bytes[at]!), bytes, at, end, wire);
      case ICMPV6:
        return this.#icmp(bytes[at]! >= 1 && bytes[at]! <= 4, bytes, at, end, wire);
    }
    this.other();
  }

  /** ICMP and ICMPv6 errors quote the packet they are about after 8 bytes. */
  #icmp(
    isError: boolean,
    bytes: Uint8Array,
    at: number,
    end: number,
    wire: number,
  ): void {
    if (!isError || this.#headerSink === undefined || end - at < 28) return this.other();
    this.#headersOnly = true;
    this.ip(bytes, at + 8, end, wire);
  }

  #tcp(bytes: Uint8Array, at: number, end: number, wire: number): void {
    // With ports, numbers and flags at hand a header still counts for tshark.
    if (end - at < 16) return this.malformed("TCP header is cut");
    const header = (bytes[at + 12]! >>> 4) * 4;
    const possible = header >= 20 && end - at >= 20 &&
      (at + header <= wire || this.#headersOnly);
    this.#fill(bytes, at, possible ? at + header : wire, end, wire);
    if (possible && !this.#headersOnly) {
      this.segments += 1;
      return this.#sink(this.#segment);
    }
    if (possible) this.others += 1;
    else this.malformed(`TCP header claims ${header} bytes of ${end - at}`);
    this.#headerSink?.(this.#segment);
  }

  /** Makes the segment that a TCP header at `at` says, with its payload from `data` on. */
  #fill(bytes: Uint8Array, at: number, data: number, end: number, wire: number): void {
    const segment = this.#segment;
    const flags = bytes[at + 13]!;
    segment.source = this.#source;
    segment.destination = this.#destination;
    segment.sourcePort = u16be(bytes, at);
    segment.destinationPort = u16be(bytes, at + 2);
    segment.sequence = u32be(bytes, at + 4);
    segment.acknowledgment = flags & ACK ? u32be(bytes, at + 8) : 0;
    segment.flags = flags;
    segment.window = u16be(bytes, at + 14);
    segment.bytes = bytes;
    segment.optionsStart = at + 20;
    segment.start = data < end ? data : end;
    segment.end = end;
    segment.length = data < wire ? wire - data : 0;
  }

  #unknownLinktype(packet: Packet): void {
    this.others += 1;
    const { linktype } = packet;
    if (this.#unknownLinktypes.has(linktype)) return;
    this.#unknownLinktypes.add(linktype);
    this.#report({
      severity: "warn",
      group: "undecoded",
      message: `packets of link type ${linktypeName(linktype)} are not decoded`,
      packet: packet.number,
      offset: null,
    });
  }

  #issue(message: string): void {
    this.#issues += 1;
    if (this.#issues > MAX_NET_ISSUES) return;
    const last = this.#issues === MAX_NET_ISSUES ? "; further ones suppressed" : "";
    this.#report({
      severity: "warn",
      group: "malformed",
      message: message + last,
      packet: this.#segment.packet.number,
      offset: null,
    });
  }
}

/** Whether options have lengths that add up. Source: RFC 791 section 3.1. */
function areIpv4Options(bytes: Uint8Array, at: number, end: number): boolean {
  while (at < end && bytes[at] !== 0) {
    const length = bytes[at] === 1 ? 1 : at + 1 < end ? bytes[at + 1]! : 0;
    if (length === 0 || bytes[at] !== 1 && length < 2 || at + length > end) return false;
    at += length;
  }
  return true;
}

/**
 * Bytes of an IPv6 extension header, 0 for what is none. Source: RFC 8200 section 4,
 * RFC 4302 section 2.2, RFC 6564.
 */
function extensionLength(next: number, bytes: Uint8Array, at: number): number {
  switch (next) {
    case 0: // hop-by-hop options
    case 43: // routing
    case 60: // destination options
    case 135: // mobility
    case 139: // HIP
    case 140: // Shim6
      return (bytes[at + 1]! + 1) * 8;
    case 44: // fragment
      return 8;
    case 51: // authentication
      return (bytes[at + 1]! + 2) * 4;
    default:
      return 0;
  }
}

/** Destination unreachable, source quench, redirect, time exceeded, parameter problem. */
function isIcmpError(type: number): boolean {
  return type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
}

function emptySegment(): Segment {
  const packet = emptyPacket();
  return {
    packet,
    source: 0,
    destination: 0,
    sourcePort: 0,
    destinationPort: 0,
    sequence: 0,
    acknowledgment: 0,
    flags: 0,
    window: 0,
    bytes: packet.bytes,
    start: 0,
    end: 0,
    length: 0,
    optionsStart: 0,
  };
}
