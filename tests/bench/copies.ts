/**
 * A capture of any length: the one of small packets over and over, each copy an hour later and
 * between other addresses.
 *
 * @module
 */
const SMALL = "../../fixtures/captures/classic-080-load-small.pcap.gz";
/** Of a pcap file and of each record; where Ethernet and IPv4 have the client's address. */
const FILE_HEADER = 24, RECORD_HEADER = 16, SOURCE = 14 + 12, DESTINATION = SOURCE + 4;
const HOUR = 3600;

async function decompressed(): Promise<Uint8Array> {
  const file = await Deno.open(new URL(SMALL, import.meta.url));
  const stream = file.readable.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Makes the next copy in place: an hour later, and on addresses nobody had before. */
function moveOn(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer);
  for (let at = FILE_HEADER; at < bytes.length;) {
    view.setUint32(at, view.getUint32(at, true) + HOUR, true);
    for (const address of [SOURCE, DESTINATION]) {
      bytes[at + RECORD_HEADER + address + 2]! += 1;
    }
    at += RECORD_HEADER + view.getUint32(at + 8, true);
  }
}

/** A pcap file that grows copy by copy, up to 250. */
export class Copies {
  readonly #file: Deno.FsFile;
  readonly #bytes: Uint8Array;
  #written = 0;

  private constructor(file: Deno.FsFile, bytes: Uint8Array) {
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Makes the file, with no packet yet. */
  static async create(path: string): Promise<Copies> {
    const bytes = await decompressed();
    const file = await Deno.open(path, { write: true, create: true, truncate: true });
    const copies = new Copies(file, bytes);
    await copies.#write(bytes.subarray(0, FILE_HEADER));
    return copies;
  }

  /** Writes copies until there are so many. */
  async reach(count: number): Promise<void> {
    for (; this.#written < count; this.#written++) {
      await this.#write(this.#bytes.subarray(FILE_HEADER));
      moveOn(this.#bytes);
    }
  }

  /** Ends the file. */
  close(): void {
    this.#file.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
  }
}
