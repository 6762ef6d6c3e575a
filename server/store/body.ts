import { ProblemError } from "../problem.ts";

/** What the body of an upload is held to. */
export interface BodyLimits {
  readonly uploadBytes: number;
  readonly bodyIdleMs: number;
}

/** Bytes read back from the file at once. */
const CHUNK_BYTES = 1 << 20;

/**
 * The body of an upload on its way through a file: it is written down as fast as it comes, and
 * read from there as fast as it is dissected. The two are apart because the runtime buffers a
 * chunked body without bound, and reads on ever slower, as soon as nobody waits for its bytes.
 */
export class UploadBody {
  /** Bytes received and written. */
  size = 0;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #path: string;
  readonly #limits: BodyLimits;
  readonly #signal: AbortSignal;
  readonly #grow: (bytes: number) => void;
  #ended = false;
  #error: unknown = null;
  /** Settles when there is more to read from the file, or the body ended. */
  #more = Promise.withResolvers<void>();

  /** `path` is the file to make; `grow` is told of bytes before they are written, and may throw. */
  constructor(
    body: ReadableStream<Uint8Array>,
    path: string,
    limits: BodyLimits,
    signal: AbortSignal,
    grow: (bytes: number) => void,
  ) {
    this.#reader = body.getReader();
    this.#path = path;
    this.#limits = limits;
    this.#signal = signal;
    this.#grow = grow;
  }

  /** Writes the whole body down. Throws {@link ProblemError}; the stream fails alike. */
  async receive(): Promise<void> {
    try {
      using file = Deno.openSync(this.#path, { write: true, createNew: true });
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
        for (let at = 0; at < value.length;) at += file.writeSync(value.subarray(at));
        this.size += value.length;
        this.#tell();
      }
      await file.syncData();
    } catch (error) {
      this.#error = error;
      throw error;
    } finally {
      this.#ended = true;
      this.#tell();
    }
  }

  #tell(): void {
    this.#more.resolve();
    this.#more = Promise.withResolvers<void>();
  }

  /** The bytes received, in order, as far behind as its reader likes. */
  stream(): ReadableStream<Uint8Array> {
    let file: Deno.FsFile | null = null;
    let at = 0;
    return new ReadableStream({
      pull: async (controller) => {
        while (at === this.size && !this.#ended) await this.#more.promise;
        if (this.#error !== null) throw this.#error;
        if (at === this.size) {
          file?.close();
          return controller.close();
        }
        file ??= await Deno.open(this.#path);
        const chunk = new Uint8Array(Math.min(CHUNK_BYTES, this.size - at));
        const count = await file.read(chunk) ?? 0;
        at += count;
        controller.enqueue(chunk.subarray(0, count));
      },
      cancel: () => file?.close(),
    }, { highWaterMark: 0 });
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
