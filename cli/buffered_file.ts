import { writeAll } from "../core/bytes/write_all.ts";
import { UsageError } from "./command.ts";

/** Bytes that are written at once. */
const BUFFER = 1 << 20;

/** Whether the program was given leave to write there. */
export function mayWrite(path: string): boolean {
  return Deno.permissions.querySync({ name: "write", path }).state === "granted";
}

/** Opens a file to write; throws {@link UsageError} where that is not allowed. */
export function openToWrite(path: string): Deno.FsFile {
  if (!mayWrite(path)) {
    throw new UsageError(
      `writing ${path} needs a permission: deno run --allow-write=${path}`,
    );
  }
  try {
    return Deno.openSync(path, { write: true, create: true, truncate: true });
  } catch (error) {
    // Devices need more than the permission to write them.
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new UsageError(`${path} cannot be written: ${error.message}`);
  }
}

/** A file that takes bytes in order and writes them by the megabyte. */
export class BufferedFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #buffer = new Uint8Array(BUFFER);
  #filled = 0;
  /** Bytes taken. */
  bytes = 0;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  write(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    if (this.#filled + bytes.length > BUFFER) this.flush();
    if (bytes.length > BUFFER) return writeAll(this.#file, bytes);
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** Writes what is held back. */
  flush(): void {
    const held = this.#buffer.subarray(0, this.#filled);
    this.#filled = 0;
    writeAll(this.#file, held);
  }

  /** Writes what is held back and closes the file. */
  close(): void {
    this.flush();
    this.#file.close();
  }

  /** Closes the file as it is. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
