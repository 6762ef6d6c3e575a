/** Bytes read at once; compressed ones are many more packets. */
const CHUNK_BYTES = 128 * 1024;

/** A file that somebody else still writes, read up to where they say it is. */
export class GrowingFile {
  /** Bytes read so far. */
  read = 0;
  readonly #path: string;
  #size = 0;
  #ended = false;
  #failure: Error | null = null;
  /** Settles when there is more to read, or nothing more will come. */
  #more = Promise.withResolvers<void>();

  constructor(path: string) {
    this.#path = path;
  }

  /** The file has so many bytes now; `ended`: it will not grow any more. */
  grown(size: number, ended: boolean): void {
    this.#size = size;
    this.#ended = ended;
    this.#tell();
  }

  /** Whoever reads it fails with this. */
  fail(failure: Error): void {
    this.#failure = failure;
    this.#tell();
  }

  #tell(): void {
    this.#more.resolve();
    this.#more = Promise.withResolvers<void>();
  }

  /** The bytes in order. */
  stream(): ReadableStream<Uint8Array> {
    return ReadableStream.from(this.#chunks());
  }

  async *#chunks(): AsyncGenerator<Uint8Array, void> {
    let file: Deno.FsFile | null = null;
    try {
      for (;;) {
        while (this.read === this.#size && !this.#ended && this.#failure === null) {
          await this.#more.promise;
        }
        if (this.#failure !== null) throw this.#failure;
        if (this.read === this.#size) return;
        file ??= Deno.openSync(this.#path);
        const chunk = new Uint8Array(Math.min(CHUNK_BYTES, this.#size - this.read));
        // What was just written costs less to copy than to ask another thread for.
        const count = file.readSync(chunk);
        if (count === null) {
          throw new Error("the capture is shorter than what was written");
        }
        this.read += count;
        yield chunk.subarray(0, count);
        // Between two chunks messages are taken: that it has grown, or is cancelled.
        await new Promise((resolve) => setTimeout(resolve));
      }
    } finally {
      file?.close();
    }
  }
}
