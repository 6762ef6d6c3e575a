import { u32be, u32le } from "../bytes/integers.ts";
import type { Report } from "../issue.ts";
import { CaptureError } from "./error.ts";
import type { Packet, PacketSink } from "./packet.ts";
import { isPcap, PcapParser } from "./pcap.ts";
import { isPcapng, PcapngParser } from "./pcapng.ts";
import type {
  CaptureFormat,
  CaptureInterface,
  ParserSink,
  RecordParser,
} from "./record_parser.ts";
import { type CaptureTime, compareTimes } from "./time.ts";

/** Bytes kept at first for a record that lies across two chunks. */
const FIRST_CARRY_BYTES = 4096;

/**
 * Reads one capture, pcap or pcapng by its content, from chunks as they come and pushes its
 * packets to `sink` in file order. The packet object is reused, and its bytes are views of
 * the chunk: both are valid until the sink returns. Only a record that lies across chunks is
 * copied, into a buffer that grows with the data and never by a length the file claims.
 *
 * Damage and a cut end are reported as one issue each (`malformed`, offset in the file) and
 * set `cut`. A source that is no capture makes `push` or `end` throw {@link CaptureError}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PcapWriter } from "./writer.ts";
 * const chunks: Uint8Array[] = [];
 * new PcapWriter((bytes) => chunks.push(bytes)).write(0, 0, new Uint8Array(60));
 * const lengths: number[] = [];
 * const reader = new CaptureReader((packet) => lengths.push(packet.originalLength), () => {});
 * for (const chunk of chunks) reader.push(chunk);
 * reader.end();
 * assertEquals([reader.format, lengths], ["pcap-ns", [60]]);
 * ```
 */
export class CaptureReader implements ParserSink {
  /** Null until the first four bytes came. */
  format: CaptureFormat | null = null;
  /** Every interface described so far, over all sections. */
  readonly interfaces: CaptureInterface[] = [];
  /** Packets pushed so far. */
  packets = 0;
  /** True once the capture proved damaged or cut. */
  cut = false;
  /** True when nothing further will be read, so the source may be closed. */
  stopped = false;
  /** Earliest and latest time of a packet, as capinfos has them; null without timestamps. */
  firstTime: CaptureTime | null = null;
  lastTime: CaptureTime | null = null;
  /** Takes the TLS key logs that the capture holds, as views; none are kept. */
  onSecrets: ((keyLog: Uint8Array) => void) | null = null;
  /** Number of the last frame; more than `packets` where records without packets count. */
  number: number;

  readonly #sink: PacketSink;
  readonly #report: Report;
  #parser: RecordParser | null = null;
  #carry = new Uint8Array(FIRST_CARRY_BYTES);
  #carried = 0;
  #received = 0;

  /** `firstNumber` is the number of the first packet. */
  constructor(sink: PacketSink, report: Report, firstNumber = 1) {
    this.#sink = sink;
    this.#report = report;
    this.number = firstNumber - 1;
  }

  /** Link types of the interfaces described so far, each once. */
  get linktypes(): number[] {
    return [...new Set(this.interfaces.map((found) => found.linktype))];
  }

  /** Reads the next bytes of the file. */
  push(chunk: Uint8Array): void {
    // A Buffer's `slice` shares its bytes; the stages to the right count on a copy.
    if (chunk.constructor !== Uint8Array) {
      chunk = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    }
    this.#received += chunk.length;
    let at = 0;
    while (this.#carried > 0 && !this.stopped) {
      const needed = this.#parser?.needed ?? 4;
      if (this.#carried < needed) {
        const taken = Math.min(needed - this.#carried, chunk.length - at);
        this.#keep(chunk, at, at + taken);
        at += taken;
        if (this.#carried < needed) return;
      }
      const used = this.#parse(this.#carry, 0, this.#carried);
      this.#carry.copyWithin(0, used, this.#carried);
      this.#carried -= used;
    }
    if (this.stopped) return;
    at = this.#parse(chunk, at, chunk.length);
    if (!this.stopped) this.#keep(chunk, at, chunk.length);
  }

  /** Says that the file ends here; reports a record left unfinished. */
  end(): void {
    if (this.#parser === null) {
      if (this.#received === 0) throw new CaptureError("empty", "the capture is empty");
      throw notACapture();
    }
    if (this.stopped || this.#carried === 0 && this.#parser.atBoundary()) return;
    const offset = this.#received - this.#carried;
    this.damaged(
      `capture ends within a record (${this.#carried} bytes of it)`,
      offset,
      true,
    );
  }

  /** For the parsers: takes a packet. */
  packet(packet: Packet, timed: boolean): void {
    this.packets += 1;
    packet.number = this.number += 1;
    if (timed) this.#noteTime(packet);
    this.#sink(packet);
  }

  /** For the parsers: counts a record that has a frame number but no packet. */
  otherRecord(): void {
    this.number += 1;
  }

  /** For the parsers: takes an interface. */
  interface(found: CaptureInterface): void {
    this.interfaces.push(found);
  }

  /** For the parsers: takes a key log. */
  secrets(keyLog: Uint8Array): void {
    this.onSecrets?.(keyLog);
  }

  /** For the parsers: reports damage. */
  damaged(message: string, offset: number | null, stop: boolean): void {
    if (stop) {
      this.cut = true;
      this.stopped = true;
    }
    this.#report({
      severity: stop ? "error" : "warn",
      group: "malformed",
      message,
      packet: null,
      offset,
    });
  }

  #noteTime(packet: Packet): void {
    if (this.firstTime === null || this.lastTime === null) {
      this.firstTime = { seconds: packet.seconds, nanos: packet.nanos };
      this.lastTime = { seconds: packet.seconds, nanos: packet.nanos };
    } else if (compareTimes(packet, this.lastTime) > 0) {
      this.lastTime.seconds = packet.seconds;
      this.lastTime.nanos = packet.nanos;
    } else if (compareTimes(packet, this.firstTime) < 0) {
      this.firstTime.seconds = packet.seconds;
      this.firstTime.nanos = packet.nanos;
    }
  }

  #parse(bytes: Uint8Array, start: number, end: number): number {
    if (this.#parser === null) {
      if (end - start < 4) return start;
      this.#parser = this.#choose(bytes, start);
      this.format = this.#parser.format;
    }
    return this.#parser.parse(bytes, start, end);
  }

  #choose(bytes: Uint8Array, start: number): RecordParser {
    if (isPcapng(bytes, start)) return new PcapngParser(this);
    if (isPcap(bytes, start)) return new PcapParser(this, bytes, start);
    throw notACapture(bytes, start);
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    const total = this.#carried + end - start;
    if (total > this.#carry.length) {
      const grown = new Uint8Array(Math.max(total, this.#carry.length * 2));
      grown.set(this.#carry.subarray(0, this.#carried));
      this.#carry = grown;
    }
    this.#carry.set(bytes.subarray(start, end), this.#carried);
    this.#carried = total;
  }
}

function notACapture(bytes?: Uint8Array, start = 0): CaptureError {
  const message = "not a capture (pcap or pcapng)";
  if (bytes === undefined) return new CaptureError("not_a_capture", message);
  const known = otherFormat(bytes, start);
  return new CaptureError("not_a_capture", known ? `${message}, but ${known}` : message);
}

/** Names a few formats that people take for captures. */
function otherFormat(bytes: Uint8Array, start: number): string | null {
  const little = u32le(bytes, start);
  const big = u32be(bytes, start);
  if (big === 0x736e6f6f) return "a snoop file: convert it with editcap";
  if (big === 0x474d4255) return "a Network Monitor file: convert it with editcap";
  if (little === 0x184d2204) return "lz4: decompress it first";
  if (big >>> 8 === 0x425a68) return "bzip2: decompress it first";
  if (big === 0xfd377a58) return "xz: decompress it first";
  if (big === 0x504b0304) return "a zip archive: unpack it first";
  return null;
}
