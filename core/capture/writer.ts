import { LINKTYPES } from "./linktypes.ts";

/** Takes the bytes of a file in order; each array is fresh and may be kept. */
export type ByteSink = (bytes: Uint8Array) => void;

const SNAPLEN = 262_144;

/**
 * Writes pcap in little endian, with nanoseconds unless told otherwise. The header goes to
 * `out` at once, then one array a packet.
 *
 * Source: draft-ietf-opsawg-pcap sections 4 and 5.
 */
export class PcapWriter {
  readonly #out: ByteSink;
  readonly #nanoseconds: boolean;

  constructor(
    out: ByteSink,
    options: { linktype?: number; nanoseconds?: boolean; snaplen?: number } = {},
  ) {
    this.#out = out;
    this.#nanoseconds = options.nanoseconds ?? true;
    const view = new DataView(new ArrayBuffer(24));
    view.setUint32(0, this.#nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, true);
    view.setUint16(4, 2, true);
    view.setUint16(6, 4, true);
    view.setUint32(16, options.snaplen ?? SNAPLEN, true);
    view.setUint32(20, options.linktype ?? LINKTYPES.ETHERNET, true);
    out(new Uint8Array(view.buffer));
  }

  /** Writes one packet; `originalLength` is its length on the wire where it was cut. */
  write(
    seconds: number,
    nanos: number,
    bytes: Uint8Array,
    originalLength: number = bytes.length,
  ): void {
    const record = new Uint8Array(16 + bytes.length);
    const view = new DataView(record.buffer);
    view.setUint32(0, seconds, true);
    view.setUint32(4, this.#nanoseconds ? nanos : Math.floor(nanos / 1000), true);
    view.setUint32(8, bytes.length, true);
    view.setUint32(12, originalLength, true);
    record.set(bytes, 16);
    this.#out(record);
  }
}

const OPT_COMMENT = 1;
const IF_NAME = 2;
/** Secrets in the form of a TLS key log. */
const TLS_KEY_LOG = 0x544c534b;
const IF_TSRESOL = 9;
const SHB_USERAPPL = 4;
const NANOSECONDS = 9;

/** A packet for {@link PcapngWriter}; times as in `Packet`. */
export interface PacketToWrite {
  seconds: number;
  nanos: number;
  bytes: Uint8Array;
  /** Length on the wire; that of `bytes` where left out. */
  originalLength?: number;
  /** Index of the interface, in the order they were added; 0 where left out. */
  interface?: number;
  /** Shown by Wireshark as the packet's comment. */
  comment?: string;
}

/**
 * Writes pcapng in little endian, one section, timestamps in nanoseconds. The section header
 * goes to `out` at once, then one array a block. An interface must be added before packets.
 * Times before 1970 or after 2554 do not fit and throw a `RangeError`.
 *
 * Source: draft-ietf-opsawg-pcapng sections 4.1, 4.2, 4.3 and 4.7.
 */
export class PcapngWriter {
  readonly #out: ByteSink;
  #interfaces = 0;

  constructor(out: ByteSink, application = "iggyscope") {
    this.#out = out;
    const body = new Uint8Array(16);
    const view = new DataView(body.buffer);
    view.setUint32(0, 0x1a2b3c4d, true);
    view.setUint16(4, 1, true);
    view.setBigInt64(8, -1n, true);
    this.#block(0x0a0d0d0a, body, options([[SHB_USERAPPL, utf8(application)]]));
  }

  /** Describes one more interface and gives its index. */
  addInterface(linktype: number = LINKTYPES.ETHERNET, name?: string): number {
    const body = new Uint8Array(8);
    const view = new DataView(body.buffer);
    view.setUint16(0, linktype, true);
    view.setUint32(4, SNAPLEN, true);
    const list: [number, Uint8Array][] = [[IF_TSRESOL, Uint8Array.of(NANOSECONDS)]];
    if (name !== undefined) list.push([IF_NAME, utf8(name)]);
    this.#block(1, body, options(list));
    return this.#interfaces++;
  }

  /** Writes a TLS key log, for the packets that follow, as a Decryption Secrets Block. */
  writeSecrets(keyLog: Uint8Array): void {
    const body = new Uint8Array(8 + padded(keyLog.length));
    const view = new DataView(body.buffer);
    view.setUint32(0, TLS_KEY_LOG, true);
    view.setUint32(4, keyLog.length, true);
    body.set(keyLog, 8);
    this.#block(10, body, new Uint8Array(0));
  }

  /** Writes one Enhanced Packet Block. */
  write(packet: PacketToWrite): void {
    const index = packet.interface ?? 0;
    if (index >= this.#interfaces) {
      throw new RangeError(`no interface ${index} was added`);
    }
    const { bytes } = packet;
    const ticks = BigInt(packet.seconds) * 1_000_000_000n + BigInt(packet.nanos);
    if (ticks < 0n || ticks >> 64n) throw new RangeError("time not from 1970 to 2554");
    const body = new Uint8Array(20 + padded(bytes.length));
    const view = new DataView(body.buffer);
    view.setUint32(0, index, true);
    view.setUint32(4, Number(ticks >> 32n), true);
    view.setUint32(8, Number(ticks & 0xffffffffn), true);
    view.setUint32(12, bytes.length, true);
    view.setUint32(16, packet.originalLength ?? bytes.length, true);
    body.set(bytes, 20);
    const { comment } = packet;
    this.#block(6, body, options(comment ? [[OPT_COMMENT, utf8(comment)]] : []));
  }

  #block(type: number, body: Uint8Array, opts: Uint8Array): void {
    const total = 12 + body.length + opts.length;
    const block = new Uint8Array(total);
    const view = new DataView(block.buffer);
    view.setUint32(0, type, true);
    view.setUint32(4, total, true);
    block.set(body, 8);
    block.set(opts, 8 + body.length);
    view.setUint32(total - 4, total, true);
    this.#out(block);
  }
}

/** Options in order, padded and closed; nothing where there are none. */
function options(list: [code: number, value: Uint8Array][]): Uint8Array {
  if (list.length === 0) return new Uint8Array(0);
  const size = list.reduce((sum, [, value]) => sum + 4 + padded(value.length), 4);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [code, value] of list) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    bytes.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  return bytes;
}

function padded(length: number): number {
  return length + 3 & ~3;
}

/** UTF-8, cut to what an option's 16-bit length can say. */
function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text).subarray(0, 0xffff);
}
