import type { Packet, PacketSink } from "../../core/capture/packet.ts";
import { PcapngWriter, PcapWriter } from "../../core/capture/mod.ts";
import { UsageError } from "../command.ts";
import { output } from "../output.ts";

const BUFFER = 1 << 20;

/** Opens a file to write; throws {@link UsageError} where that is not allowed. */
export function openToWrite(path: string): Deno.FsFile {
  const { state } = Deno.permissions.querySync({ name: "write", path });
  if (state !== "granted") {
    throw new UsageError(
      `writing ${path} needs a permission: deno run --allow-write=${path}`,
    );
  }
  return Deno.openSync(path, { write: true, create: true, truncate: true });
}

/** A file behind a buffer, which takes bytes in order. */
export class FileSink {
  readonly #file: Deno.FsFile;
  readonly #buffer = new Uint8Array(BUFFER);
  #filled = 0;
  /** Bytes taken. */
  bytes = 0;

  constructor(path: string) {
    this.#file = openToWrite(path);
  }

  write(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    if (this.#filled + bytes.length > BUFFER) this.#drain();
    if (bytes.length > BUFFER) return writeAll(this.#file, bytes);
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  close(): void {
    this.#drain();
    this.#file.close();
  }

  #drain(): void {
    writeAll(this.#file, this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/**
 * Writes packets as pcapng, or as pcap where the name ends so. With `rotate`, a file that has
 * as many bytes is followed by the next, named as tcpdump does: `a.pcap`, `a.pcap1`.
 */
export class CaptureFiles {
  readonly #path: string;
  readonly #rotate: number;
  #file: FileSink | null = null;
  #write: PacketSink = () => {};
  /** Files begun. */
  files = 0;

  constructor(path: string, rotate = Infinity) {
    this.#path = path;
    this.#rotate = rotate;
    this.#open();
  }

  readonly packet = (packet: Packet): void => {
    if (this.#file !== null && this.#file.bytes >= this.#rotate) {
      this.#file.close();
      this.#open();
    }
    this.#write(packet);
  };

  close(): void {
    this.#file?.close();
  }

  #open(): void {
    const number = this.files++;
    const path = this.#path;
    if (path !== "-") this.#file = new FileSink(number === 0 ? path : `${path}${number}`);
    const file = this.#file;
    const sink = file === null
      ? (bytes: Uint8Array) => output.bytes(bytes)
      : (bytes: Uint8Array) => file.write(bytes);
    this.#write = path.endsWith(".pcap") ? pcap(sink) : pcapng(sink);
  }
}

function pcap(sink: (bytes: Uint8Array) => void): PacketSink {
  const writer = new PcapWriter(sink);
  return ({ seconds, nanos, bytes, start, end, originalLength }) =>
    writer.write(seconds, nanos, bytes.subarray(start, end), originalLength);
}

function pcapng(sink: (bytes: Uint8Array) => void): PacketSink {
  const writer = new PcapngWriter(sink);
  writer.addInterface();
  return ({ seconds, nanos, bytes, start, end, originalLength }) =>
    writer.write({ seconds, nanos, bytes: bytes.subarray(start, end), originalLength });
}
