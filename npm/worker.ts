import { Worker as Thread } from "node:worker_threads";

/** A worker of the web on a thread of Node's; its file is the bundled one of the same name. */
export class Worker {
  readonly #thread: Thread;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { message: string; preventDefault(): void }) => void) | null = null;

  constructor(url: URL) {
    this.#thread = new Thread(new URL(url.href.replace(/\.ts$/, ".js")));
    this.#thread.on("message", (data) => this.onmessage?.({ data }));
    this.#thread.on("error", (error) => {
      const message = error instanceof Error ? error.message : String(error);
      this.onerror?.({ message, preventDefault() {} });
    });
  }

  postMessage(message: unknown): void {
    this.#thread.postMessage(message);
  }

  terminate(): void {
    void this.#thread.terminate();
  }
}
