import { u16be, u16le, u32be, u32le } from "../bytes/integers.ts";
import { type PcapngInterface, readInterface } from "./pcapng_interface.ts";
import { CaptureError } from "./error.ts";
import type { Packet } from "./packet.ts";
import {
  type CaptureFormat,
  emptyPacket,
  maxPacketBytes,
  type ParserSink,
  type RecordParser,
} from "./record_parser.ts";

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const DECRYPTION_SECRETS = 10;
/** A TLS key log in NSS format. */
const TLS_KEY_LOG = 0x544c534b;
const JOURNAL_EXPORT = 9;
const CUSTOM_COPIED = 0x00000bad;
const CUSTOM_NOT_COPIED = 0x40000bad;
const SYSDIG_EVENTS: ReadonlySet<number> = new Set([0x204, 0x208, 0x216]);
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Fewest bytes of a block of the types that are read whole. */
const MIN_BLOCK: ReadonlyMap<number, number> = new Map([
  [SECTION_HEADER, 28],
  [INTERFACE_DESCRIPTION, 20],
  [OBSOLETE_PACKET, 32],
  [SIMPLE_PACKET, 16],
  [ENHANCED_PACKET, 32],
  [DECRYPTION_SECRETS, 20],
]);

/** Longest block of secrets that is read; longer ones are skipped. */
const MAX_SECRETS = 16 * 1024 * 1024;

/** Room for options after the packet's bytes: a block that claims more is not believed. */
const MAX_OPTION_BYTES = 16 * 1024 * 1024;

/** Whether four bytes open a pcapng file. */
export function isPcapng(bytes: Uint8Array, start: number): boolean {
  return u32le(bytes, start) === SECTION_HEADER;
}

/**
 * Parses pcapng: any number of sections in either byte order and of interfaces. Blocks
 * without packets (names, statistics, custom and unknown ones) are skipped without
 * being held. Reading stops, as in tshark, at a block of which the lengths do not fit, at a
 * packet that claims more bytes than its block holds, and at one of an unknown interface.
 * Custom, journal and system call blocks take a frame number there, so they do here.
 *
 * Source: draft-ietf-opsawg-pcapng section 4.
 */
export class PcapngParser implements RecordParser {
  readonly format: CaptureFormat = "pcapng";
  needed = 12;
  readonly #sink: ParserSink;
  readonly #packet: Packet = emptyPacket();
  #little = true;
  #interfaces: PcapngInterface[] = [];
  #sections = 0;
  #offset = 0;
  /** Bytes of a skipped block still to pass over, before its trailing length. */
  #skip = 0;
  /** Total length of the skipped block, to compare with its trailer; 0 outside of one. */
  #skipped = 0;
  #stopped = false;

  constructor(sink: ParserSink) {
    this.#sink = sink;
  }

  atBoundary(): boolean {
    return this.#skipped === 0 && this.#sections > 0;
  }

  parse(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (!this.#stopped) {
      const next = this.#step(bytes, at, end);
      if (next === at) break;
      this.#offset += next - at;
      at = next;
    }
    return at;
  }

  /** Takes one block, or a part of a skipped one; returns `at` itself where it needs more. */
  #step(bytes: Uint8Array, at: number, end: number): number {
    if (this.#skipped > 0) return this.#passOver(bytes, at, end);
    this.needed = 12;
    if (end - at < 12) return at;
    if (isPcapng(bytes, at)) this.#setByteOrder(bytes, at);
    if (this.#stopped) return at;
    const type = this.#u32(bytes, at);
    const total = this.#u32(bytes, at + 4);
    const isTooLong = type === DECRYPTION_SECRETS && total > MAX_SECRETS;
    const min = isTooLong ? undefined : MIN_BLOCK.get(type);
    if (total < (min ?? 12)) {
      return this.#stop(
        `block claims a length of ${total} bytes, less than its header`,
        at,
      );
    }
    // Wireshark rounds up a length that is no multiple of 4.
    const length = total + 3 & ~3;
    if (min === undefined || length < 0) {
      if (length < 0) return this.#stop(`block claims a length of ${total} bytes`, at);
      this.#skipped = total;
      this.#skip = length - 12;
      if (takesFrameNumber(type)) this.#sink.otherRecord();
      return at + 8;
    }
    if (total > maxPacketBytes(231) + MAX_OPTION_BYTES) {
      return this.#stop(`block claims a length of ${total} bytes`, at);
    }
    this.needed = length;
    if (end - at < length) return at;
    const trailer = this.#u32(bytes, at + length - 4);
    if (trailer !== total) return this.#mismatch(total, trailer, at);
    this.#block(type, bytes, at, at + length - 4);
    return this.#stopped ? at : at + length;
  }

  #passOver(bytes: Uint8Array, at: number, end: number): number {
    if (this.#skip > 0) {
      const taken = Math.min(this.#skip, end - at);
      this.#skip -= taken;
      this.needed = 1;
      return at + taken;
    }
    this.needed = 4;
    if (end - at < 4) return at;
    const trailer = this.#u32(bytes, at);
    if (trailer !== this.#skipped) return this.#mismatch(this.#skipped, trailer, at);
    this.#skipped = 0;
    return at + 4;
  }

  /** `bytes[at..end)` is a whole block without its trailing length. */
  #block(type: number, bytes: Uint8Array, at: number, end: number): void {
    switch (type) {
      case SECTION_HEADER:
        return this.#section(bytes, at);
      case INTERFACE_DESCRIPTION:
        return this.#interface(bytes, at, end);
      case DECRYPTION_SECRETS:
        return this.#secrets(bytes, at, end);
      case SIMPLE_PACKET:
        return this.#simple(bytes, at, end);
      case OBSOLETE_PACKET:
        return this.#timed(this.#u16(bytes, at + 8), bytes, at, end);
      default:
        return this.#timed(this.#u32(bytes, at + 8), bytes, at, end);
    }
  }

  #setByteOrder(bytes: Uint8Array, at: number): void {
    if (u32le(bytes, at + 8) === BYTE_ORDER_MAGIC) this.#little = true;
    else if (u32be(bytes, at + 8) === BYTE_ORDER_MAGIC) this.#little = false;
    else if (this.#sections > 0) {
      this.#stop("section header without a byte-order magic", at);
    } else throw new CaptureError("not_a_capture", "not a capture: no byte-order magic");
  }

  #section(bytes: Uint8Array, at: number): void {
    const major = this.#u16(bytes, at + 12);
    const minor = this.#u16(bytes, at + 14);
    if (major !== 1 || minor !== 0 && minor !== 2) {
      const message = `pcapng version ${major}.${minor} is not supported (1.0 is)`;
      if (this.#sections === 0) throw new CaptureError("unsupported", message);
      this.#stop(message, at);
      return;
    }
    this.#sections += 1;
    this.#interfaces = [];
  }

  #interface(bytes: Uint8Array, at: number, end: number): void {
    const found = readInterface(
      bytes,
      at + 8,
      end,
      this.#little,
      (message) => this.#sink.damaged(message, this.#offset, false),
    );
    this.#interfaces.push(found);
    this.#sink.interface({
      linktype: found.linktype,
      snaplen: found.snaplen,
      name: found.name,
    });
  }

  /** Source: draft-ietf-opsawg-pcapng section 4.7. */
  #secrets(bytes: Uint8Array, at: number, end: number): void {
    if (this.#u32(bytes, at + 8) !== TLS_KEY_LOG) return;
    const start = at + 16;
    const length = Math.min(this.#u32(bytes, at + 12), end - start);
    this.#sink.secrets(bytes.subarray(start, start + length));
  }

  /** An Enhanced or an obsolete Packet Block: both have time and lengths at one place. */
  #timed(id: number, bytes: Uint8Array, at: number, end: number): void {
    const source = this.#interfaces[id];
    if (source === undefined) return this.#noInterface(id, at);
    source.clock.set(this.#u32(bytes, at + 12), this.#u32(bytes, at + 16));
    const captured = this.#u32(bytes, at + 20);
    const packet = this.#packet;
    packet.seconds = source.clock.seconds;
    packet.nanos = source.clock.nanos;
    packet.originalLength = this.#u32(bytes, at + 24);
    this.#emit(source, bytes, at + 28, captured, end, true);
  }

  #simple(bytes: Uint8Array, at: number, end: number): void {
    const source = this.#interfaces[0];
    if (source === undefined) return this.#noInterface(0, at);
    const original = this.#u32(bytes, at + 8);
    const packet = this.#packet;
    packet.seconds = 0;
    packet.nanos = 0;
    packet.originalLength = original;
    const snaplen = source.snaplen === 0 ? original : source.snaplen;
    this.#emit(source, bytes, at + 12, Math.min(original, snaplen), end, false);
  }

  #emit(
    source: PcapngInterface,
    bytes: Uint8Array,
    at: number,
    captured: number,
    end: number,
    timed: boolean,
  ): void {
    if (captured > end - at || captured > maxPacketBytes(source.linktype)) {
      this.#stop(
        `packet claims ${captured} captured bytes in a block of ${end - at}`,
        at,
      );
      return;
    }
    const packet = this.#packet;
    packet.linktype = source.linktype;
    packet.bytes = bytes;
    packet.start = at;
    packet.end = at + captured;
    this.#sink.packet(packet, timed);
  }

  #noInterface(id: number, at: number): void {
    this.#stop(`packet of interface ${id}, which the section does not describe`, at);
  }

  #mismatch(total: number, trailer: number, at: number): number {
    return this.#stop(`block lengths differ: ${total} before, ${trailer} after`, at);
  }

  #stop(message: string, at: number): number {
    this.#stopped = true;
    this.#sink.damaged(message, this.#offset, true);
    return at;
  }

  #u16(bytes: Uint8Array, at: number): number {
    return this.#little ? u16le(bytes, at) : u16be(bytes, at);
  }

  #u32(bytes: Uint8Array, at: number): number {
    return this.#little ? u32le(bytes, at) : u32be(bytes, at);
  }
}

function takesFrameNumber(type: number): boolean {
  return type === CUSTOM_COPIED || type === CUSTOM_NOT_COPIED ||
    type === JOURNAL_EXPORT ||
    SYSDIG_EVENTS.has(type);
}
