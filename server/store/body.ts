import { ProblemError } from "../problem.ts";

/** What the body of an upload is held to. */
export interface BodyLimits {
  readonly uploadBytes: number;
  readonly bodyIdleMs: number;
}

/**
 * The body of an upload on its way into a file: each chunk is written, then given on, so the
 * network waits for the disk and for the dissection.
 */
export class UploadBody {
  /** Bytes received. */
  size = 0;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #file: Deno.FsFile;
  readonly #limits: BodyLimits;
  readonly #signal: AbortSignal;
  readonly #grow: (bytes: number) => void;

  /** `grow` is told of bytes before they are written, and may throw. */
  constructor(
    body: ReadableStream<Uint8Array>,
    file: Deno.FsFile,
    limits: BodyLimits,
    signal: AbortSignal,
    grow: (bytes: number) => void,
  ) {
    this.#reader = body.getReader();
    this.#file = file;
    this.#limits = limits;
    this.#signal = signal;
    this.#grow = grow;
  }

  /** The next chunk, already written; null at the end. Throws {@link ProblemError}. */
  async next(): Promise<Uint8Array | null> {
    const { value, done } = await this.#read();
    if (done) return null;
    this.size += value.length;
    if (this.size > this.#limits.uploadBytes) {
      throw new ProblemError(
        413,
        `An upload has at most ${this.#limits.uploadBytes} bytes.`,
      );
    }
    this.#grow(value.length);
    for (let at = 0; at < value.length;) {
      at += await this.#file.write(value.subarray(at));
    }
    return value;
  }

  /** The chunks as a stream; one that is no longer read leaves the rest to {@link drain}. */
  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream({
      pull: async (controller) => {
        const chunk = await this.next();
        if (chunk === null) controller.close();
        else controller.enqueue(chunk);
      },
    }, { highWaterMark: 0 });
  }

  /** Takes what is left of the body. */
  async drain(): Promise<void> {
    while (await this.next() !== null);
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
      throw new ProblemError(400, "The upload was broken off.");
    } finally {
      clearTimeout(timer);
      this.#signal.removeEventListener("abort", stop);
    }
  }
}
