/**
 * Captures to packets: pcap and pcapng by content, gzip and zstd around them, one file or
 * several merged by time.
 *
 * {@link CaptureReader} is the stage itself, synchronous and fed with chunks from memory.
 * {@link readCaptures} is the edge that opens files, standard input and streams for it.
 * Damage inside a capture is an issue and `cut`; a source that is no capture at all is a
 * {@link CaptureError}. {@link PcapngWriter} and {@link PcapWriter} write.
 *
 * @module
 */
export * from "./capture_reader.ts";
export * from "./error.ts";
export * from "./linktypes.ts";
export * from "./open.ts";
export * from "./packet.ts";
export type { CaptureFormat, CaptureInterface } from "./record_parser.ts";
export { type CaptureTime, compareTimes } from "./time.ts";
export * from "./writer.ts";
