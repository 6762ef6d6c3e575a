import type { Anonymizer, Spill } from "../core/anonymize/mod.ts";
import { pcapngWrite, pcapWrite, rewriting } from "../core/anonymize/rewrite.ts";
import { readCaptures } from "../core/capture/mod.ts";
import { BufferedFile } from "./buffered_file.ts";
import { UsageError, writeError } from "./command.ts";

/** Bytes that are read at once. */
const WINDOW = 1 << 20;

/** A file that appears under its name when it is finished, or not at all. */
export class WholeFile implements Disposable {
  readonly #path: string;
  readonly #part: BufferedFile;
  readonly #spilled: SpillFile;
  #finished = false;

  private constructor(path: string, part: Deno.FsFile, spilled: SpillFile) {
    this.#path = path;
    this.#part = new BufferedFile(part);
    this.#spilled = spilled;
  }

  /** Throws {@link UsageError} where the file exists or cannot be written. */
  static create(path: string, command: string): WholeFile {
    try {
      if (isThere(path)) {
        throw new UsageError(
          `${command}: ${path} exists already; nothing is overwritten`,
        );
      }
      const options = { write: true, read: true, createNew: true, mode: 0o600 };
      const part = Deno.openSync(partOf(path), options);
      return new WholeFile(path, part, new SpillFile(`${path}.spill`));
    } catch (error) {
      if (error instanceof UsageError) throw error;
      if (error instanceof Deno.errors.NotCapable) {
        throw new UsageError(`${command} writes ${path}: run it with --allow-write`);
      }
      if (error instanceof Deno.errors.AlreadyExists) {
        throw new UsageError(`${command}: ${partOf(path)} is left from another run`);
      }
      const reason = error instanceof Error ? error.message : String(error);
      throw writeError(`${command}: ${path} cannot be written: ${reason}`, error);
    }
  }

  /** Bytes kept until packets need them, in a file that is gone afterwards. */
  get spill(): Spill {
    return this.#spilled;
  }

  /** Adds bytes to the file. */
  write(bytes: Uint8Array): void {
    this.#part.write(bytes);
  }

  /** Whether the name asks for pcap rather than pcapng. */
  get isPcap(): boolean {
    return this.#path.endsWith(".pcap");
  }

  /** Gives the file its name. */
  finish(): void {
    this.#part.close();
    this.#finished = true;
    Deno.renameSync(partOf(this.#path), this.#path);
  }

  [Symbol.dispose](): void {
    this.#spilled.remove();
    if (this.#finished) return;
    this.#part[Symbol.dispose]();
    Deno.removeSync(partOf(this.#path));
  }
}

function partOf(path: string): string {
  return `${path}.part`;
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Bytes in a file that is written first and read afterwards, mostly in order. */
class SpillFile implements Spill {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #written: BufferedFile;
  /** The part of the file that was read last. */
  #window = new Uint8Array(0);
  #windowAt = 0;

  constructor(path: string) {
    this.#path = path;
    const options = { write: true, read: true, createNew: true, mode: 0o600 };
    this.#file = Deno.openSync(path, options);
    this.#written = new BufferedFile(this.#file);
  }

  write(bytes: Uint8Array): number {
    const place = this.#written.bytes;
    this.#written.write(bytes);
    return place;
  }

  read(place: number, length: number): Uint8Array {
    this.#written.flush();
    const end = this.#windowAt + this.#window.length;
    if (place < this.#windowAt || place + length > end) this.#load(place, length);
    const at = place - this.#windowAt;
    return this.#window.subarray(at, at + length);
  }

  #load(place: number, length: number): void {
    const window = new Uint8Array(Math.max(length, WINDOW));
    this.#file.seekSync(place, Deno.SeekMode.Start);
    let filled = 0;
    while (filled < length) {
      const read = this.#file.readSync(window.subarray(filled));
      if (read === null) break;
      filled += read;
    }
    this.#window = window.subarray(0, filled);
    this.#windowAt = place;
  }

  remove(): void {
    this.#file.close();
    Deno.removeSync(this.#path);
  }
}

/** Reads a capture again and writes what becomes of its packets; gives their number. */
export async function rewriteCapture(
  input: string,
  file: WholeFile,
  anonymizer: Anonymizer,
): Promise<number> {
  const out = (bytes: Uint8Array) => file.write(bytes);
  const take = rewriting(anonymizer, file.isPcap ? pcapWrite(out) : pcapngWrite(out));
  let packets = 0;
  try {
    await readCaptures([input], (packet) => {
      packets++;
      take(packet);
    }, () => {});
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`anonymize: ${error.message}`);
    throw error;
  }
  return packets;
}
