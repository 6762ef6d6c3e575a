import { DatabaseSync } from "node:sqlite";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Capture } from "../api.ts";
import type { Limits } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { ProblemError } from "../problem.ts";
import { BlockCache } from "./block_cache.ts";
import { UploadBody } from "./body.ts";
import { CaptureIndex, type IndexContext } from "./capture_index.ts";
import { isId, newId } from "./id.ts";
import { ingest } from "./ingest.ts";
import { KindNames } from "./kinds.ts";

/** Indexes kept open, and failures remembered. */
const MOST_OPEN = 32, MOST_FAILURES = 100;
const BLOCK_BYTES = 64 * 1024 * 1024;

/** What a store works with. */
export interface StoreOptions {
  /** Folder of all files; made where it is missing. */
  readonly folder: string;
  readonly registry: Registry;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What an upload says of itself. */
export interface Upload {
  readonly body: ReadableStream<Uint8Array>;
  /** An id the client chose, to ask for progress by. */
  readonly id?: string;
  readonly name: string | null;
  readonly expectedSize: number | null;
}

/** An upload on its way. */
interface Running {
  readonly capture: Capture;
  readonly index: CaptureIndex;
  readonly cancel: AbortController;
  readonly done: Promise<void>;
}

/**
 * Captures on disk. `catalog.sqlite` knows the finished ones; each has a folder with its bytes
 * as they came (`capture`), its PDUs (`pdus`) and its index (`index.sqlite`). A capture enters
 * the catalog in one safe write when all its files are safe; whatever the catalog does not
 * know at the start is what a crash left, and is removed.
 */
export class Store {
  readonly #options: StoreOptions;
  readonly #catalog: DatabaseSync;
  readonly #context: IndexContext;
  readonly #captures = new Map<string, { capture: Capture; bytes: number }>();
  readonly #running = new Map<string, Running>();
  readonly #failed = new Map<string, Capture>();
  readonly #open = new Map<string, CaptureIndex>();
  #bytes = 0;
  #stopping = false;

  constructor(options: StoreOptions) {
    this.#options = options;
    const { folder, registry } = options;
    this.#context = {
      registry,
      kinds: new KindNames(registry),
      blocks: new BlockCache(BLOCK_BYTES),
    };
    Deno.mkdirSync(`${folder}/captures`, { recursive: true });
    this.#catalog = openCatalog(`${folder}/catalog.sqlite`);
    this.#load();
    this.#clean();
    this.#tell();
  }

  /** All captures, newest first, those that are uploading included. */
  list(): Capture[] {
    return [
      ...[...this.#captures.values()].map(({ capture }) => capture),
      ...[...this.#running.values()].map(({ capture }) => capture),
    ].sort((a, b) => a.id < b.id ? 1 : -1);
  }

  /** A capture, also one that is uploading or failed a while ago. Throws 404. */
  get(id: string): Capture {
    const found = this.#captures.get(id)?.capture ?? this.#running.get(id)?.capture ??
      this.#failed.get(id);
    if (found === undefined) throw new ProblemError(404, "There is no such capture.");
    return found;
  }

  /** The index of a capture; ask again after each wait, for it may be closed. */
  index(id: string): CaptureIndex {
    const running = this.#running.get(id);
    if (running !== undefined) return running.index;
    if (!this.#captures.has(id)) {
      throw new ProblemError(404, "There is no such capture.");
    }
    let index = this.#open.get(id);
    if (index === undefined) {
      index = new CaptureIndex(this.#folder(id), id, this.#context);
      for (const [oldest, idle] of this.#open) {
        if (this.#open.size < MOST_OPEN) break;
        idle.close();
        this.#open.delete(oldest);
      }
    } else this.#open.delete(id);
    this.#open.set(id, index);
    return index;
  }

  /** The path of the bytes as they came. */
  file(id: string): string {
    return `${this.#folder(this.get(id).id)}/capture`;
  }

  /** Takes a capture in; resolves when it is safe. Throws {@link ProblemError}. */
  async upload(upload: Upload): Promise<Capture> {
    const { limits, log, metrics } = this.#options;
    const { name, expectedSize } = upload;
    if (this.#stopping) throw new ProblemError(503, "The server is stopping.");
    if (this.#running.size >= limits.uploads) {
      throw new ProblemError(429, "Too many uploads at once.", {}, {
        "retry-after": "1",
      });
    }
    if (expectedSize !== null) this.#checkSize(expectedSize);
    const id = upload.id ?? newId();
    if (this.#captures.has(id) || this.#running.has(id)) {
      throw new ProblemError(409, "The id is taken.");
    }
    const capture = newCapture(id, name, expectedSize);
    const folder = this.#folder(id);
    Deno.mkdirSync(folder);
    const index = new CaptureIndex(folder, id, this.#context, true);
    const cancel = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running.set(id, { capture, index, cancel, done: promise });
    this.#failed.delete(id);
    const reserved = { bytes: 0 };
    try {
      await this.#receive(upload, capture, index, cancel.signal, reserved);
      this.#finish(capture, index, reserved.bytes);
      metrics.add("iggyscope_uploads_total", 1, 'result="ready"');
      const { packets, transactions, size } = capture;
      log("info", "capture ready", { id, size, packets, transactions });
      return capture;
    } catch (error) {
      this.#bytes -= reserved.bytes;
      index.close();
      Deno.removeSync(folder, { recursive: true });
      this.#noteFailure(capture, error);
      throw error;
    } finally {
      this.#running.delete(id);
      this.#tell();
      resolve();
    }
  }

  async #receive(
    upload: Upload,
    capture: Capture,
    index: CaptureIndex,
    signal: AbortSignal,
    reserved: { bytes: number },
  ): Promise<void> {
    const { limits, registry, metrics } = this.#options;
    const grow = (bytes: number) => {
      if (this.#bytes + bytes > limits.totalBytes) {
        // Given back at once, so that of many uploads together not all are refused.
        this.#bytes -= reserved.bytes;
        reserved.bytes = 0;
        throw noSpace();
      }
      this.#bytes += bytes;
      reserved.bytes += bytes;
    };
    const path = this.file(capture.id);
    const body = new UploadBody(upload.body, path, limits, signal, (bytes) => {
      grow(bytes);
      capture.size += bytes;
      metrics.add("iggyscope_upload_bytes_total", bytes);
    });
    const received = body.receive();
    // The stream fails alike, and is where the error is met first.
    received.catch(() => {});
    try {
      await ingest(body.stream(), capture, index, registry, grow);
      await received;
    } catch (error) {
      body.cancel();
      await received.catch(() => {});
      throw error;
    }
  }

  #finish(capture: Capture, index: CaptureIndex, reserved: number): void {
    const { id } = capture;
    const folder = this.#folder(id);
    index.finish();
    index.close();
    this.#context.blocks.drop(id);
    using database = Deno.openSync(`${folder}/index.sqlite`, { write: true });
    database.syncDataSync();
    const bytes = ["capture", "pdus", "index.sqlite"]
      .reduce((sum, name) => sum + Deno.statSync(`${folder}/${name}`).size, 0);
    if (this.#bytes + bytes - reserved > this.#options.limits.totalBytes) throw noSpace();
    capture.state = "ready";
    this.#catalog.prepare("INSERT INTO captures VALUES (?, ?, ?)")
      .run(id, bytes, JSON.stringify(capture));
    this.#captures.set(id, { capture, bytes });
    this.#bytes += bytes - reserved;
    this.#options.metrics.add("iggyscope_transactions_total", capture.transactions);
  }

  #noteFailure(capture: Capture, error: unknown): void {
    const { log, metrics } = this.#options;
    const detail = error instanceof ProblemError
      ? error.message
      : "A fault of the server.";
    capture.state = "failed";
    capture.failure = detail;
    this.#failed.set(capture.id, capture);
    for (const oldest of this.#failed.keys()) {
      if (this.#failed.size <= MOST_FAILURES) break;
      this.#failed.delete(oldest);
    }
    metrics.add("iggyscope_uploads_total", 1, 'result="failed"');
    log("warn", "upload failed", { id: capture.id, size: capture.size, detail });
  }

  /** Removes a capture, or cancels its upload. Throws 404. */
  async remove(id: string): Promise<void> {
    if (this.#failed.delete(id)) return;
    const running = this.#running.get(id);
    if (running !== undefined) {
      running.cancel.abort(new ProblemError(409, "The upload was cancelled."));
      await running.done;
      this.#failed.delete(id);
      return;
    }
    const found = this.#captures.get(id);
    if (found === undefined) throw new ProblemError(404, "There is no such capture.");
    this.#captures.delete(id);
    this.#catalog.prepare("DELETE FROM captures WHERE id = ?").run(id);
    this.#open.get(id)?.close();
    this.#open.delete(id);
    this.#context.blocks.drop(id);
    this.#bytes -= found.bytes;
    await Deno.remove(this.#folder(id), { recursive: true });
    this.#options.log("info", "capture deleted", { id });
    this.#tell();
  }

  /** Lets running uploads end for a while, then cancels them, and closes all files. */
  async close(graceMs = 0): Promise<void> {
    this.#stopping = true;
    const running = [...this.#running.values()];
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([
      Promise.all(running.map(({ done }) => done)),
      new Promise<void>((resolve) => timer = setTimeout(resolve, graceMs)),
    ]);
    clearTimeout(timer);
    for (const { cancel } of this.#running.values()) {
      cancel.abort(new ProblemError(503, "The server is stopping."));
    }
    await Promise.all(running.map(({ done }) => done));
    for (const index of this.#open.values()) index.close();
    this.#open.clear();
    this.#catalog.close();
  }

  #folder(id: string): string {
    if (!isId(id)) throw new ProblemError(404, "There is no such capture.");
    return `${this.#options.folder}/captures/${id}`;
  }

  #checkSize(size: number): void {
    const { uploadBytes, totalBytes } = this.#options.limits;
    if (size > uploadBytes) {
      throw new ProblemError(413, `An upload has at most ${uploadBytes} bytes.`);
    }
    if (this.#bytes + size > totalBytes) throw noSpace();
  }

  #load(): void {
    const rows = this.#catalog.prepare("SELECT bytes, json FROM captures").all();
    for (const { bytes, json } of rows) {
      const capture: Capture = JSON.parse(String(json));
      this.#captures.set(capture.id, { capture, bytes: Number(bytes) });
      this.#bytes += Number(bytes);
    }
  }

  /** Removes what a crash left: folders the catalog does not know, and the reverse. */
  #clean(): void {
    const { folder, log } = this.#options;
    const found = new Set<string>();
    for (const { name } of Deno.readDirSync(`${folder}/captures`)) {
      found.add(name);
      if (this.#captures.has(name)) continue;
      Deno.removeSync(`${folder}/captures/${name}`, { recursive: true });
      log("warn", "unfinished upload removed", { id: name });
    }
    for (const [id, { bytes }] of this.#captures) {
      if (found.has(id)) continue;
      this.#captures.delete(id);
      this.#catalog.prepare("DELETE FROM captures WHERE id = ?").run(id);
      this.#bytes -= bytes;
      log("error", "files of a capture are missing", { id });
    }
  }

  #tell(): void {
    const { metrics } = this.#options;
    metrics.set("iggyscope_captures", this.#captures.size);
    metrics.set("iggyscope_storage_bytes", this.#bytes);
    metrics.set("iggyscope_uploads_running", this.#running.size);
  }
}

function openCatalog(path: string): DatabaseSync {
  const catalog = new DatabaseSync(path);
  catalog.exec(`
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS captures (id TEXT PRIMARY KEY, bytes INTEGER, json TEXT);
  `);
  // Takes the lock at once: two servers must not clean up after each other.
  catalog.exec("BEGIN IMMEDIATE; COMMIT");
  return catalog;
}

function newCapture(id: string, name: string | null, expected: number | null): Capture {
  return {
    id,
    name,
    state: "uploading",
    created: new Date().toISOString(),
    size: 0,
    expected_size: expected,
    format: null,
    packets: 0,
    transactions: 0,
    errors: 0,
    conversations: 0,
    iggy_conversations: 0,
    first_time: null,
    last_time: null,
    linktypes: [],
    cut: false,
    issues: [],
    failure: null,
  };
}

function noSpace(): ProblemError {
  return new ProblemError(507, "The space for captures is used up; delete some.");
}
