import { DatabaseSync } from "node:sqlite";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Capture } from "../api.ts";
import type { Limits } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { asProblem, ProblemError } from "../problem.ts";
import { BlockCache } from "./block_cache.ts";
import { UploadBody } from "./body.ts";
import {
  CaptureIndex,
  INDEX_FILES,
  type IndexContext,
  type IndexState,
} from "./capture_index.ts";
import { isId, newId } from "./id.ts";
import type { Progress } from "./ingest_messages.ts";
import { IngestPool } from "./ingest_pool.ts";
import { KindNames } from "./kinds.ts";
import { MultipartUpload } from "./multipart.ts";

/** Indexes kept open, and failures remembered. */
const MAX_OPEN = 32, MAX_FAILURES = 100;
const BLOCK_BYTES = 64 * 1024 * 1024;

/** The longest that a timer can be set to. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What a store works with. */
export interface StoreOptions {
  /** Folder of all files; made where it is missing. */
  readonly folder: string;
  readonly registry: Registry;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Modules that made the registry, for the workers to make it too. */
  readonly plugins: readonly string[];
}

/** What an upload says of itself. */
export interface Upload {
  readonly body: ReadableStream<Uint8Array>;
  /** The boundary of its parts; null where the body is the capture itself. */
  readonly boundary: string | null;
  /** Keep the key log beside the capture, for when its index is made anew. */
  readonly keepKeyLog?: boolean;
  /** An id the client chose, to ask for progress by. */
  readonly id?: string;
  readonly name: string | null;
  readonly expectedSize: number | null;
  /** It is live traffic, which may pause as long as it likes. */
  readonly isLive?: boolean;
}

/** An upload on its way. */
interface Running {
  readonly capture: Capture;
  /** Its index as far as it is written; opened when somebody asks. */
  index: CaptureIndex | null;
  readonly cancel: AbortController;
  readonly done: Promise<void>;
}

/**
 * Captures on disk. `catalog.sqlite` knows the finished ones; each has a folder with its bytes
 * as they came (`capture`), its PDUs (`pdus`), rows (`rows`) and index (`index.sqlite`). A
 * capture enters the catalog in one safe write when all its files are safe; whatever the
 * catalog does not know at the start is what a crash left, and is removed.
 */
export class Store {
  readonly #options: StoreOptions;
  readonly #catalog: DatabaseSync;
  readonly #context: IndexContext;
  readonly #captures = new Map<string, { capture: Capture; bytes: number }>();
  readonly #running = new Map<string, Running>();
  readonly #failed = new Map<string, Capture>();
  readonly #open = new Map<string, CaptureIndex>();
  readonly #pool: IngestPool;
  readonly #rebuilt: Promise<void>;
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
    this.#pool = new IngestPool(options.plugins);
    Deno.mkdirSync(`${folder}/captures`, { recursive: true });
    this.#catalog = openCatalog(`${folder}/catalog.sqlite`);
    this.#load();
    this.#clean();
    this.#rebuilt = this.#rebuildAll();
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

  /** Names of layouts, as indexes have them. */
  get kinds(): KindNames {
    return this.#context.kinds;
  }

  /** The index of a capture; ask again after each wait, for it may be closed. */
  index(id: string): CaptureIndex {
    const running = this.#running.get(id);
    if (running !== undefined) return running.index ??= this.#early(id);
    if (!this.#captures.has(id)) {
      throw new ProblemError(404, "There is no such capture.");
    }
    let index = this.#open.get(id);
    if (index === undefined) {
      index = this.#openIndex(id, "finished");
      for (const [oldest, idle] of this.#open) {
        if (this.#open.size < MAX_OPEN) break;
        idle.close();
        this.#open.delete(oldest);
      }
    } else this.#open.delete(id);
    this.#open.set(id, index);
    return index;
  }

  #openIndex(id: string, state: IndexState): CaptureIndex {
    return new CaptureIndex(this.#folder(id), id, this.#context, state);
  }

  /** The index of a capture that comes in. Throws 503 before its worker has made it. */
  #early(id: string): CaptureIndex {
    try {
      return this.#openIndex(id, "growing");
    } catch {
      throw new ProblemError(503, "Nothing of it is dissected yet.", {}, {
        "retry-after": "1",
      });
    }
  }

  /** The path of the bytes as they came. */
  file(id: string): string {
    return this.#file(this.get(id).id);
  }

  #file(id: string): string {
    return `${this.#folder(id)}/capture`;
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
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = new AbortController();
    const running: Running = { capture, index: null, cancel, done: promise };
    this.#running.set(id, running);
    this.#failed.delete(id);
    const reserved = { bytes: 0 };
    try {
      Deno.mkdirSync(this.#folder(id), { mode: 0o700 });
      await this.#receive(upload, running, reserved);
      this.#finish(running, reserved.bytes);
      metrics.add("iggyscope_uploads_total", 1, 'result="ready"');
      const { packets, transactions, size } = capture;
      log("info", "capture ready", { id, size, packets, transactions });
      return capture;
    } catch (error) {
      this.#bytes -= reserved.bytes;
      running.index?.close();
      this.#context.blocks.drop(id);
      await this.#removeFolder(id);
      const problem = asProblem(error);
      this.#noteFailure(capture, problem?.message ?? "Internal error.");
      throw problem ?? error;
    } finally {
      this.#running.delete(id);
      this.#tell();
      resolve();
    }
  }

  /** Removes the files of a capture, as far as the system lets us. */
  async #removeFolder(id: string): Promise<void> {
    try {
      await Deno.remove(this.#folder(id), { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      // What is left is removed at the next start.
      this.#options.log("error", "files could not be removed", {
        id,
        detail: String(error),
      });
    }
  }

  /** Writes the body down while a worker dissects it. */
  async #receive(
    upload: Upload,
    running: Running,
    reserved: { bytes: number },
  ): Promise<void> {
    const { capture, cancel: { signal } } = running;
    const { limits, metrics } = this.#options;
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
    const failure = Promise.withResolvers<never>();
    const ingest = this.#pool.start(this.#folder(capture.id), capture, (told) => {
      try {
        grow(told.bytes);
        this.#progress(running, told);
      } catch (error) {
        failure.reject(error);
      }
    });
    const path = this.file(capture.id);
    const parts = upload.boundary === null
      ? null
      : new MultipartUpload(upload.body, upload.boundary, {
        keyLog: (bytes, ended) => {
          ingest.keys(bytes, ended);
          if (!upload.keepKeyLog) return;
          grow(bytes.length);
          const options = { append: true, mode: 0o600 };
          Deno.writeFileSync(this.#keyLog(capture.id), bytes, options);
        },
        maxKeyLog: limits.keyLogBytes,
      });
    const body = new UploadBody(
      parts?.capture ?? upload.body,
      path,
      upload.isLive ? { ...limits, bodyIdleMs: MAX_TIMER_MS } : limits,
      signal,
      (bytes) => {
        grow(bytes);
        capture.size += bytes;
        metrics.add("iggyscope_upload_bytes_total", bytes);
      },
      (size) => {
        // Nothing is dissected before its keys are there.
        if (parts?.hasKeyLog ?? true) ingest.grown(size, false);
      },
    );
    const received = body.receive().then(() => {
      capture.state = "dissecting";
      capture.name ??= parts?.fileName ?? null;
      ingest.grown(body.size, true);
    });
    signal.addEventListener("abort", () => failure.reject(signal.reason));
    try {
      const [told] = await Promise.race([
        Promise.all([ingest.done, received]),
        failure.promise,
      ]);
      grow(told.bytes);
      this.#progress(running, told);
    } catch (error) {
      body.cancel();
      ingest.cancel();
      // Neither may still write when the files are removed.
      await Promise.allSettled([received, ingest.done]);
      throw error;
    }
  }

  /** Takes over what a worker found so far. */
  #progress(
    { capture, index }: Pick<Running, "capture" | "index">,
    { capture: found, count }: Progress,
  ): void {
    const { id, name, state, created, size, expected_size } = capture;
    const own = { id, name, state, created, size, expected_size };
    Object.assign(capture, found, own);
    if (index !== null) index.count = count;
  }

  #finish({ capture, index }: Running, reserved: number): void {
    const { id } = capture;
    const folder = this.#folder(id);
    index?.close();
    this.#context.blocks.drop(id);
    using database = Deno.openSync(`${folder}/index.sqlite`, { write: true });
    database.syncDataSync();
    const bytes = ["capture", ...INDEX_FILES]
      .reduce((sum, name) => sum + Deno.statSync(`${folder}/${name}`).size, 0) +
      (this.#keptKeys(id)?.length ?? 0);
    if (this.#bytes + bytes - reserved > this.#options.limits.totalBytes) throw noSpace();
    capture.state = "ready";
    this.#catalog.prepare("INSERT OR REPLACE INTO captures VALUES (?, ?, ?)")
      .run(id, bytes, JSON.stringify(capture));
    this.#captures.set(id, { capture, bytes });
    this.#bytes += bytes - reserved;
    this.#options.metrics.add("iggyscope_transactions_total", capture.transactions);
  }

  /** Makes those indexes anew that are damaged or of another version, one after the other. */
  async #rebuildAll(): Promise<void> {
    const stale = [...this.#captures.values()]
      .filter(({ capture: { id } }) => !CaptureIndex.isReadable(this.#folder(id)))
      .map(({ capture, bytes }) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        const cancel = new AbortController();
        capture.state = "dissecting";
        const running: Running = { capture, index: null, cancel, done: promise };
        this.#captures.delete(capture.id);
        this.#running.set(capture.id, running);
        return { running, bytes, resolve };
      });
    for (const { running, bytes, resolve } of stale) {
      const { capture: { id } } = running;
      try {
        this.#options.log("warn", "index is made anew", { id });
        await this.#rebuild(running);
        this.#finish(running, bytes);
      } catch (error) {
        const reason = asProblem(error)?.message ?? "Internal error.";
        this.#noteFailure(running.capture, `Its index could not be made anew: ${reason}`);
      } finally {
        this.#running.delete(id);
        resolve();
      }
    }
  }

  async #rebuild(running: Running): Promise<void> {
    const { capture, cancel: { signal } } = running;
    signal.throwIfAborted();
    const { id, name, expected_size } = capture;
    const folder = this.#folder(id);
    for (const part of INDEX_FILES) {
      await Deno.remove(`${folder}/${part}`).catch(() => {
        // It was not there.
      });
    }
    const { size } = await Deno.stat(this.#file(id));
    const progress = (told: Progress) => this.#progress(running, told);
    const empty = newCapture(id, name, expected_size);
    const ingest = this.#pool.start(folder, empty, progress);
    signal.addEventListener("abort", () => ingest.cancel());
    const keys = this.#keptKeys(id);
    if (keys !== null) ingest.keys(keys, true);
    ingest.grown(size, true);
    progress(await ingest.done);
  }

  #keyLog(id: string): string {
    return `${this.#folder(id)}/keylog`;
  }

  /** The key log that was to be kept with a capture; null where none was. */
  #keptKeys(id: string): Uint8Array | null {
    try {
      return Deno.readFileSync(this.#keyLog(id));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }

  #noteFailure(capture: Capture, detail: string): void {
    const { log, metrics } = this.#options;
    capture.state = "failed";
    capture.failure = detail;
    this.#failed.set(capture.id, capture);
    for (const oldest of this.#failed.keys()) {
      if (this.#failed.size <= MAX_FAILURES) break;
      this.#failed.delete(oldest);
    }
    metrics.add("iggyscope_uploads_total", 1, 'result="failed"');
    log("warn", "upload failed", { id: capture.id, size: capture.size, detail });
  }

  /** Removes a capture, or cancels its upload. Throws 404. */
  async remove(id: string): Promise<void> {
    if (this.#failed.delete(id)) {
      await this.#removeFolder(id);
      this.#forget(id);
      return;
    }
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
    this.#open.get(id)?.close();
    this.#open.delete(id);
    this.#context.blocks.drop(id);
    // The files go first: on a full disk they are the room that the catalog needs.
    await this.#removeFolder(id);
    this.#forget(id);
    this.#bytes -= found.bytes;
    this.#options.log("info", "capture deleted", { id });
    this.#tell();
  }

  /** Takes a capture without files out of the catalog; the next start does where it fails. */
  #forget(id: string): void {
    try {
      this.#catalog.prepare("DELETE FROM captures WHERE id = ?").run(id);
    } catch (error) {
      this.#options.log("error", "the catalog could not be written", {
        detail: String(error),
      });
    }
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
    await this.#rebuilt;
    for (const index of this.#open.values()) index.close();
    this.#open.clear();
    this.#pool.close();
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
      const known: Capture = JSON.parse(String(json));
      const capture = { ...newCapture(known.id, null, null), ...known };
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
      try {
        Deno.removeSync(`${folder}/captures/${name}`, { recursive: true });
        log("warn", "unfinished upload removed", { id: name });
      } catch (error) {
        log("error", "files could not be removed", { id: name, detail: String(error) });
      }
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
  // SQLite calls a file that cannot be written a disk I/O error; the system says why.
  Deno.openSync(path, { write: true, create: true }).close();
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
    dissected: 0,
    format: null,
    packets: 0,
    transactions: 0,
    remarks: 0,
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
