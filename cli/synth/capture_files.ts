import type { Packet, PacketSink } from "../../core/capture/packet.ts";
import { PcapngWriter, PcapWriter } from "../../core/capture/mod.ts";
import { BufferedFile, openToWrite } from "../buffered_file.ts";
import { output } from "../output.ts";

/**
 * Writes packets as pcapng, or as pcap where the name ends so. With `rotate`, a file that has
 * as many bytes is followed by the next, named as tcpdump does: `a.pcap`, `a.pcap1`.
 */
export class CaptureFiles {
  readonly #path: string;
  readonly #rotate: number;
  #file: BufferedFile | null = null;
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
    if (path !== "-") {
      this.#file = new BufferedFile(
        openToWrite(number === 0 ? path : `${path}${number}`),
      );
    }
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
