import type { Packet } from "./packet.ts";

/** File format of a capture; `pcap-ns` is pcap with nanosecond timestamps. */
export type CaptureFormat = "pcap" | "pcap-ns" | "pcapng";

/** One capture interface: a pcap file has one, a pcapng file any number. */
export interface CaptureInterface {
  /** Link type by the tcpdump registry. */
  linktype: number;
  /** Most bytes kept of a packet; 0 means no limit. */
  snaplen: number;
  /** Name as the capturing system gave it, or null. */
  name: string | null;
}

/** What a format's parser tells the reader around it. */
export interface ParserSink {
  /** Takes a packet of which `number` is not yet set; `timed` is false without a timestamp. */
  packet(packet: Packet, timed: boolean): void;
  /** A record without packet bytes that still takes a frame number in tshark. */
  otherRecord(): void;
  interface(found: CaptureInterface): void;
  /** A part of a TLS key log that the capture holds; the bytes are a view. */
  secrets(keyLog: Uint8Array): void;
  /** The record at file offset `offset` is damaged; with `stop` nothing after it can be read. */
  damaged(message: string, offset: number, stop: boolean): void;
}

/**
 * Parses the records of one capture format out of buffers that its caller keeps. `parse`
 * takes whole records only and returns where it stopped; `needed` then says how many bytes,
 * from there on, must be at hand before another call gets further.
 */
export interface RecordParser {
  readonly format: CaptureFormat;
  /** Bytes that must be at hand for the next step. */
  needed: number;
  /** Whether the end of the file here would be a clean one. */
  atBoundary(): boolean;
  parse(bytes: Uint8Array, start: number, end: number): number;
}

/** Most captured bytes of one packet that are believed, as in Wireshark. */
export const MAX_PACKET_BYTES = 262_144;

/** The same for link types whose packets may be larger (D-Bus and USBPcap). */
export const MAX_LARGE_PACKET_BYTES = 128 * 1024 * 1024;

/** Most captured bytes of one packet of a link type that are believed. */
export function maxPacketBytes(linktype: number): number {
  return linktype === 231 || linktype === 249 ? MAX_LARGE_PACKET_BYTES : MAX_PACKET_BYTES;
}

/** A packet object for readers to reuse. */
export function emptyPacket(): Packet {
  return {
    number: 0,
    seconds: 0,
    nanos: 0,
    linktype: 0,
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    originalLength: 0,
  };
}
