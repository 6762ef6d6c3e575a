import { CaptureError } from "./error.ts";

/** Bytes read at once: more do not stay in a processor's own cache until they are looked at. */
export const CHUNK_BYTES = 128 * 1024;

/** Pause before a growing file is looked at again, in milliseconds. */
const FOLLOW_PAUSE_MS = 100;

/** Bytes in order; a chunk is valid until the next read. */
export interface ChunkSource {
  /** The next chunk, or null at the end; a plain value where it is at hand. */
  read(): Uint8Array | null | Promise<Uint8Array | null>;
  /**
   * As `read`, while signals and timers get their turn; left out where `read` lets them anyway.
   * A timer would do the same, but the first one loads Node's.
   */
  readLater?(): Promise<Uint8Array | null>;
  close(): void;
}

/** A plain file, read synchronously into one reused buffer. */
export class FileSource implements ChunkSource {
  readonly #file: Deno.FsFile;
  readonly #buffer = new Uint8Array(CHUNK_BYTES);
  readonly #follow: AbortSignal | null;

  /**
   * Opens `path`, or throws a {@link CaptureError} that says why not. With `follow` the end
   * of the file is no end: `read` waits for more until the signal aborts.
   */
  constructor(path: string, follow: AbortSignal | null = null) {
    this.#follow = follow;
    try {
      this.#file = Deno.openSync(path);
      if (this.#file.statSync().isDirectory) {
        this.#file.close();
        throw new CaptureError("directory", "is a directory");
      }
    } catch (error) {
      throw openError(error);
    }
  }

  read(): Uint8Array | null | Promise<Uint8Array | null> {
    const count = this.#readSync();
    if (count !== null) return this.#buffer.subarray(0, count);
    return this.#follow === null ? null : this.#wait(this.#follow);
  }

  async readLater(): Promise<Uint8Array | null> {
    try {
      const count = await this.#file.read(this.#buffer);
      if (count !== null) return this.#buffer.subarray(0, count);
    } catch (error) {
      throw openError(error);
    }
    return this.#follow === null ? null : await this.#wait(this.#follow);
  }

  close(): void {
    this.#file.close();
  }

  #readSync(): number | null {
    try {
      return this.#file.readSync(this.#buffer);
    } catch (error) {
      throw openError(error);
    }
  }

  async #wait(follow: AbortSignal): Promise<Uint8Array | null> {
    while (!follow.aborted) {
      await new Promise((resolve) => setTimeout(resolve, FOLLOW_PAUSE_MS));
      const count = this.#readSync();
      if (count !== null) return this.#buffer.subarray(0, count);
    }
    return null;
  }
}

/** A stream, read as its chunks come. */
export class StreamSource implements ChunkSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  async read(): Promise<Uint8Array | null> {
    const { value, done } = await this.#reader.read();
    return done ? null : value;
  }

  close(): void {
    this.#reader.cancel().catch(() => {
      // The source failed already; read() has said so.
    });
  }
}

/** Standard input, read as it comes, so that signals are still heard. */
export class StandardInput implements ChunkSource {
  readonly #buffer = new Uint8Array(CHUNK_BYTES);

  async read(): Promise<Uint8Array | null> {
    const count = await Deno.stdin.read(this.#buffer);
    return count === null ? null : this.#buffer.subarray(0, count);
  }

  close(): void {
    // Standard input belongs to the process.
  }
}

/** Puts a chunk back before the rest of a source. */
export class ResumedSource implements ChunkSource {
  #first: Uint8Array | null;
  readonly #rest: ChunkSource;

  constructor(first: Uint8Array | null, rest: ChunkSource) {
    this.#first = first;
    this.#rest = rest;
  }

  read(): Uint8Array | null | Promise<Uint8Array | null> {
    const first = this.#first;
    if (first === null) return this.#rest.read();
    this.#first = null;
    return first;
  }

  async readLater(): Promise<Uint8Array | null> {
    const { readLater } = this.#rest;
    if (this.#first !== null || readLater === undefined) return await this.read();
    return await readLater.call(this.#rest);
  }

  close(): void {
    this.#rest.close();
  }
}

function openError(error: unknown): CaptureError {
  if (error instanceof CaptureError) return error;
  const options = { cause: error };
  if (error instanceof Deno.errors.NotFound) {
    return new CaptureError("missing", "no such file", options);
  }
  if (error instanceof Deno.errors.NotADirectory) {
    return new CaptureError("missing", "no such file", options);
  }
  if (error instanceof Deno.errors.IsADirectory) {
    return new CaptureError("directory", "is a directory", options);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new CaptureError("permission", "permission denied", options);
  }
  if (error instanceof Deno.errors.NotCapable) {
    return new CaptureError(
      "permission",
      "may not be read: run with --allow-read",
      options,
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CaptureError("unreadable", `cannot be read: ${message}`, options);
}
