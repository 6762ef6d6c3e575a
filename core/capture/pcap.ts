import { u16be, u16le, u32be, u32le } from "../bytes/integers.ts";
import { CaptureError } from "./error.ts";
import type { Packet } from "./packet.ts";
import {
  type CaptureFormat,
  emptyPacket,
  maxPacketBytes,
  type ParserSink,
  type RecordParser,
} from "./record_parser.ts";

interface Variant {
  nanoseconds: boolean;
  fileHeader: number;
  recordHeader: number;
}

/** Magic numbers as read in the file's own byte order. */
const VARIANTS: ReadonlyMap<number, Variant> = new Map([
  [0xa1b2c3d4, { nanoseconds: false, fileHeader: 24, recordHeader: 16 }],
  [0xa1b23c4d, { nanoseconds: true, fileHeader: 24, recordHeader: 16 }],
  // Kuznetzov's patch for Linux: interface, protocol and packet type after each header.
  [0xa1b2cd34, { nanoseconds: false, fileHeader: 24, recordHeader: 24 }],
  // Ixia hardware and software captures: the file's length after the header.
  [0x1c0001ac, { nanoseconds: true, fileHeader: 28, recordHeader: 16 }],
  [0x1c0001ab, { nanoseconds: false, fileHeader: 28, recordHeader: 16 }],
]);

/** Whether four bytes open a pcap file of any known variant. */
export function isPcap(bytes: Uint8Array, start: number): boolean {
  return VARIANTS.has(u32le(bytes, start)) || VARIANTS.has(u32be(bytes, start));
}

/**
 * Parses pcap in either byte order with micro- or nanoseconds. The upper 16 bits of the
 * link type field (class and FCS length) are masked. A sub-second field of a second or more
 * is carried into the seconds. Seconds are unsigned, so times run to the year 2106.
 *
 * Source: draft-ietf-opsawg-pcap sections 4 and 5.
 */
export class PcapParser implements RecordParser {
  readonly format: CaptureFormat;
  needed: number;
  readonly #sink: ParserSink;
  readonly #little: boolean;
  readonly #variant: Variant;
  readonly #packet: Packet = emptyPacket();
  #headerRead = false;
  #maxBytes = 0;
  #version = 0;
  #offset = 0;

  /** `bytes` holds at least the magic number at `start`, checked with {@link isPcap}. */
  constructor(sink: ParserSink, bytes: Uint8Array, start: number) {
    this.#sink = sink;
    this.#little = VARIANTS.has(u32le(bytes, start));
    const magic = this.#little ? u32le(bytes, start) : u32be(bytes, start);
    this.#variant = VARIANTS.get(magic)!;
    this.format = this.#variant.nanoseconds ? "pcap-ns" : "pcap";
    this.needed = this.#variant.fileHeader;
  }

  atBoundary(): boolean {
    return this.#headerRead;
  }

  parse(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (!this.#headerRead) {
      if (end - at < this.needed) return at;
      this.#readHeader(bytes, at);
      at += this.#variant.fileHeader;
    }
    const little = this.#little;
    const header = this.#variant.recordHeader;
    const packet = this.#packet;
    packet.bytes = bytes;
    while (end - at >= header) {
      let captured = little ? u32le(bytes, at + 8) : u32be(bytes, at + 8);
      let original = little ? u32le(bytes, at + 12) : u32be(bytes, at + 12);
      // Files before version 2.3 have the lengths swapped, and some of 2.3 do.
      if (this.#version < 3 || this.#version === 3 && captured > original) {
        [captured, original] = [original, captured];
      }
      if (captured > this.#maxBytes) {
        this.#sink.damaged(
          `packet record claims ${captured} captured bytes, more than ${this.#maxBytes}`,
          this.#offset + (at - start),
          true,
        );
        return at;
      }
      if (end - at - header < captured) {
        this.needed = header + captured;
        this.#offset += at - start;
        return at;
      }
      packet.start = at + header;
      packet.end = at + header + captured;
      packet.originalLength = original;
      this.#setTime(
        little ? u32le(bytes, at) : u32be(bytes, at),
        little ? u32le(bytes, at + 4) : u32be(bytes, at + 4),
      );
      at = packet.end;
      this.#sink.packet(packet, true);
    }
    this.needed = header;
    this.#offset += at - start;
    return at;
  }

  #setTime(seconds: number, fraction: number): void {
    const perSecond = this.#variant.nanoseconds ? 1_000_000_000 : 1_000_000;
    if (fraction >= perSecond) {
      seconds += Math.floor(fraction / perSecond);
      fraction %= perSecond;
    }
    this.#packet.seconds = seconds;
    this.#packet.nanos = this.#variant.nanoseconds ? fraction : fraction * 1000;
  }

  #readHeader(bytes: Uint8Array, at: number): void {
    const u16 = this.#little ? u16le : u16be;
    const u32 = this.#little ? u32le : u32be;
    const major = u16(bytes, at + 4);
    this.#version = u16(bytes, at + 6);
    if (major !== 2) {
      throw new CaptureError(
        "unsupported",
        `pcap version ${major}.${this.#version} is not supported (2.x is)`,
      );
    }
    const linktype = u32(bytes, at + 20) & 0xffff;
    this.#packet.linktype = linktype;
    this.#maxBytes = maxPacketBytes(linktype);
    this.#sink.interface({ linktype, snaplen: u32(bytes, at + 16), name: null });
    this.#headerRead = true;
  }
}
