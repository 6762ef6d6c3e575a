import type { Capture } from "../api.ts";
import { ProblemError } from "../problem.ts";
import type { FromIngest, Progress, ToIngest } from "./ingest_messages.ts";

/** Workers kept for the next upload. */
const MAX_IDLE = 1;

/** One upload being dissected by a worker. */
export interface Ingest {
  /** Resolves when the index is complete and safe. Throws {@link ProblemError}. */
  readonly done: Promise<Progress>;
  /** Bytes of the key log, before those of the file that they open; `ended`: the last. */
  keys(bytes: Uint8Array, ended: boolean): void;
  /** The file has so many bytes now; `ended`: it will not grow any more. */
  grown(size: number, ended: boolean): void;
  /** Makes it fail soon. */
  cancel(): void;
}

/** Workers that dissect uploads, one each; the last one idle is kept. */
export class IngestPool {
  readonly #plugins: readonly string[];
  #idle: Worker[] = [];
  #closed = false;

  /** `plugins` are modules to load, as the server's own registry was made with. */
  constructor(plugins: readonly string[]) {
    this.#plugins = plugins;
  }

  /** Dissects `folder`'s file `capture` as it grows. */
  start(folder: string, capture: Capture, progress: (told: Progress) => void): Ingest {
    const worker = this.#idle.pop() ?? this.#make();
    const { promise, resolve, reject } = Promise.withResolvers<Progress>();
    const tell = (message: ToIngest) => worker.postMessage(message);
    worker.onmessage = ({ data }: MessageEvent<FromIngest>) => {
      if (data.kind === "progress") progress(data);
      else if (data.kind === "done") {
        this.#giveBack(worker);
        resolve(data);
      } else if (data.kind === "failed") {
        const { status, detail, more, headers, internal } = data;
        worker.terminate();
        reject(
          internal ? new Error(detail) : new ProblemError(status, detail, more, headers),
        );
      }
    };
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      reject(new Error(event.message));
    };
    tell({ kind: "start", folder, capture });
    return {
      done: promise,
      keys: (bytes, ended) => tell({ kind: "keys", bytes, ended }),
      grown: (size, ended) => tell({ kind: "grown", size, ended }),
      cancel: () => tell({ kind: "cancel" }),
    };
  }

  /** Ends the idle workers; those that run end with what they do. */
  close(): void {
    this.#closed = true;
    for (const worker of this.#idle) worker.terminate();
    this.#idle = [];
  }

  #make(): Worker {
    const url = new URL("./ingest_worker.ts", import.meta.url);
    const worker = new Worker(url, { type: "module", name: "ingest" });
    const load: ToIngest = { kind: "load", plugins: this.#plugins };
    worker.postMessage(load);
    return worker;
  }

  #giveBack(worker: Worker): void {
    if (this.#closed || this.#idle.length >= MAX_IDLE) worker.terminate();
    else this.#idle.push(worker);
  }
}
