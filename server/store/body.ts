import { writeAll } from "../../core/bytes/write_all.ts";
import { ProblemError } from "../problem.ts";

/** What the body of an upload is held to. */
export interface BodyLimits {
  readonly uploadBytes: number;
  readonly bodyIdleMs: number;
}

/**
 * The body of an upload on its way into a file: it is written down as fast as it comes, and
 * read from there by a worker as fast as that dissects it. The two are apart because the
 * runtime buffers a chunked body without bound, and reads on ever slower, as soon as nobody
 * waits for its bytes.
 */
export class UploadBody {
  /** Bytes received and written. */
  size = 0;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #path: string;
  readonly #limits: BodyLimits;
  readonly #signal: AbortSignal;
  readonly #grow: (bytes: number) => void;
  readonly #written: (size: number) => void;

  /**
   * `path` is the file to make; `grow` is told of bytes before they are written, and may throw;
   * `written` is told how many are in the file.
   */
  constructor(
    body: ReadableStream<Uint8Array>,
    path: string,
    limits: BodyLimits,
    signal: AbortSignal,
    grow: (bytes: number) => void,
    written: (size: number) => void,
  ) {
    this.#reader = body.getReader();
    this.#path = path;
    this.#limits = limits;
    this.#signal = signal;
    this.#grow = grow;
    this.#written = written;
  }

  /** Writes the whole body down. Throws {@link ProblemError} where it is refused or ends early. */
  async receive(): Promise<void> {
    using file = Deno.openSync(this.#path, { write: true, createNew: true, mode: 0o600 });
    for (;;) {
      const { value, done } = await this.#read();
      if (done) break;
      if (this.size + value.length > this.#limits.uploadBytes) {
        throw new ProblemError(
          413,
          `An upload has at most ${this.#limits.uploadBytes} bytes.`,
        );
      }
      this.#grow(value.length);
      writeAll(file, value);
      this.size += value.length;
      this.#written(this.size);
    }
    await file.syncData();
  }

  /** Lets the rest of the body go, without waiting for whoever sends it. */
  cancel(): void {
    this.#reader.cancel().catch(() => {
      // The client is gone.
    });
  }

  async #read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop = () => {};
    const refused = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new ProblemError(408, "The body came too slowly.")),
        this.#limits.bodyIdleMs,
      );
      stop = () => reject(this.#signal.reason);
      this.#signal.addEventListener("abort", stop);
      if (this.#signal.aborted) stop();
    });
    try {
      return await Promise.race([this.#reader.read(), refused]);
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw new ProblemError(400, "The upload was aborted.");
    } finally {
      clearTimeout(timer);
      this.#signal.removeEventListener("abort", stop);
    }
  }
}
