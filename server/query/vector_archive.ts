import type { Registry } from "../../core/dissect/registry.ts";
import { vectorFiles, vectorsOf } from "../../core/vectors/mod.ts";
import readme from "../../plugins/vectors_readme.md" with { type: "text" };
import { tarEnd, tarEntry } from "../tar.ts";
import { MAX_BUSY_MS } from "./limiter.ts";

/**
 * The vectors of every command as an archive (tar, gzip). It takes seconds of work, so that
 * it is sent as it is made, no faster than it is taken, and kept for those who ask later.
 */
export class VectorArchive {
  readonly #registry: Registry;
  /** What was made so far. */
  readonly #parts: Uint8Array<ArrayBuffer>[] = [];
  #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | null = null;
  #isComplete = false;
  /** Settles when there is another part, or none any more. */
  #next: Promise<void> | null = null;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** All of it, from its first byte. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return ReadableStream.from(this.#all());
  }

  async *#all(): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    for (let place = 0;; place++) {
      while (place >= this.#parts.length && !this.#isComplete) {
        await (this.#next ??= this.#more());
      }
      if (place >= this.#parts.length) return;
      yield this.#parts[place]!;
    }
  }

  async #more(): Promise<void> {
    this.#reader ??= ReadableStream.from(files(this.#registry))
      .pipeThrough(new CompressionStream("gzip")).getReader();
    const { done, value } = await this.#reader.read();
    if (done) this.#isComplete = true;
    else this.#parts.push(value);
    this.#next = null;
  }
}

/** The archive, a file at a time; others get their turn between them. */
async function* files(
  registry: Registry,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  let since = performance.now();
  for (const { path, bytes } of vectorFiles(vectorsOf(registry), readme)) {
    yield tarEntry(`vectors/${path}`, bytes);
    if (performance.now() - since < MAX_BUSY_MS) continue;
    await new Promise((resolve) => setTimeout(resolve));
    since = performance.now();
  }
  yield tarEnd();
}
