/**
 * Files as Deno shows them, on what Node and Bun have. Only what the program uses is here; the
 * build fails where it comes to use more.
 *
 * @module
 */
import fs from "node:fs";
import { Readable } from "node:stream";
import { translated, translatedAsync } from "./errors.ts";

/** Where a seek counts from. */
export const SeekMode = { Start: 0, Current: 1, End: 2 } as const;

/** An open file that keeps its own place, as Node's descriptors cannot be asked for theirs. */
class OpenFile {
  readonly #fd: number;
  /** Null where the file has no places: a pipe, a terminal. */
  #at: number | null;

  constructor(path: string | URL, options: Deno.OpenOptions) {
    this.#fd = translated(() => fs.openSync(path, flagsOf(options), options.mode));
    this.#at = fs.fstatSync(this.#fd).isFile() ? 0 : null;
  }

  readSync(buffer: Uint8Array): number | null {
    const count = translated(() =>
      fs.readSync(this.#fd, buffer, 0, buffer.length, this.#at)
    );
    return this.#passed(count, buffer.length);
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const count = await translatedAsync(() =>
      new Promise<number>((resolve, reject) =>
        fs.read(
          this.#fd,
          buffer,
          0,
          buffer.length,
          this.#at,
          (error, read) => error === null ? resolve(read) : reject(error),
        )
      )
    );
    return this.#passed(count, buffer.length);
  }

  #passed(count: number, wanted: number): number | null {
    if (this.#at !== null) this.#at += count;
    return count === 0 && wanted > 0 ? null : count;
  }

  writeSync(bytes: Uint8Array): number {
    const count = translated(() =>
      fs.writeSync(this.#fd, bytes, 0, bytes.length, this.#at)
    );
    if (this.#at !== null) this.#at += count;
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    return Promise.resolve().then(() => this.writeSync(bytes));
  }

  seekSync(offset: number | bigint, whence: number): number {
    const from = whence === SeekMode.Start
      ? 0
      : whence === SeekMode.Current
      ? this.#at ?? 0
      : fs.fstatSync(this.#fd).size;
    this.#at = from + Number(offset);
    return this.#at;
  }

  seek(offset: number | bigint, whence: number): Promise<number> {
    return Promise.resolve().then(() => this.seekSync(offset, whence));
  }

  statSync(): Deno.FileInfo {
    return infoOf(translated(() => fs.fstatSync(this.#fd)));
  }

  stat(): Promise<Deno.FileInfo> {
    return Promise.resolve().then(() => this.statSync());
  }

  truncateSync(length = 0): void {
    translated(() => fs.ftruncateSync(this.#fd, length));
  }

  syncDataSync(): void {
    translated(() => fs.fdatasyncSync(this.#fd));
  }

  syncData(): Promise<void> {
    return translatedAsync(() =>
      new Promise((resolve, reject) =>
        fs.fdatasync(this.#fd, (error) => error === null ? resolve() : reject(error))
      )
    );
  }

  /** The rest of the file; it closes the file at its end. */
  get readable(): ReadableStream<Uint8Array> {
    const fd = this.#fd;
    const stream = fs.createReadStream("", { fd, start: this.#at ?? undefined });
    return Readable.toWeb(stream) as ReadableStream<Uint8Array>;
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function flagsOf(options: Deno.OpenOptions): number {
  const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = fs.constants;
  const { read = !options.write && !options.append } = options;
  const writes = options.write || options.append || options.createNew;
  return (writes ? (read ? O_RDWR : O_WRONLY) : O_RDONLY) |
    (options.create || options.createNew ? O_CREAT : 0) |
    (options.createNew ? O_EXCL : 0) |
    (options.truncate ? O_TRUNC : 0) |
    (options.append ? O_APPEND : 0);
}

function infoOf(stats: fs.Stats): Deno.FileInfo {
  return {
    isFile: stats.isFile(),
    isDirectory: stats.isDirectory(),
    isSymlink: stats.isSymbolicLink(),
    size: stats.size,
    mtime: stats.mtime,
    birthtime: stats.birthtime,
    mode: stats.mode,
    ino: stats.ino,
    dev: stats.dev,
  } as Deno.FileInfo;
}

function* entriesOf(path: string | URL): Generator<Deno.DirEntry> {
  for (const entry of translated(() => fs.readdirSync(path, { withFileTypes: true }))) {
    yield {
      name: entry.name,
      isFile: entry.isFile(),
      isDirectory: entry.isDirectory(),
      isSymlink: entry.isSymbolicLink(),
    };
  }
}

function writeWhole(
  path: string | URL,
  data: Uint8Array | string,
  { append, create = true, createNew, mode }: Deno.WriteFileOptions = {},
): void {
  const flag = flagsOf({ write: true, create, createNew, append, truncate: !append });
  translated(() => fs.writeFileSync(path, data, { flag: flag as never, mode }));
}

/** A synchronous function whose result comes as a promise. */
function later<Args extends unknown[], Result>(
  work: (...args: Args) => Result,
): (...args: Args) => Promise<Result> {
  return (...args) => Promise.resolve().then(() => work(...args));
}

function open(
  path: string | URL,
  options: Deno.OpenOptions = { read: true },
): OpenFile {
  return new OpenFile(path, options);
}

const stat = (path: string | URL) => infoOf(translated(() => fs.statSync(path)));
const lstat = (path: string | URL) => infoOf(translated(() => fs.lstatSync(path)));
const mkdir = (path: string | URL, options?: Deno.MkdirOptions) =>
  void translated(() => fs.mkdirSync(path, options));
const remove = (path: string | URL, { recursive = false }: Deno.RemoveOptions = {}) =>
  translated(() => {
    const isFolder = fs.lstatSync(path).isDirectory();
    if (isFolder && !recursive) fs.rmdirSync(path);
    else fs.rmSync(path, { recursive });
  });
const rename = (from: string | URL, to: string | URL) =>
  translated(() => fs.renameSync(from, to));
const readFile = (path: string | URL) =>
  new Uint8Array(translated(() => fs.readFileSync(path)));

/** The part of `Deno` that is about files. */
export const files = {
  SeekMode,
  openSync: open,
  open: later(open),
  statSync: stat,
  stat: later(stat),
  lstatSync: lstat,
  lstat: later(lstat),
  mkdirSync: mkdir,
  mkdir: later(mkdir),
  makeTempDir: ({ prefix = "" }: Deno.MakeTempOptions = {}) =>
    translatedAsync(async () => {
      const { tmpdir } = await import("node:os");
      return fs.mkdtempSync(`${tmpdir()}/${prefix}`);
    }),
  removeSync: remove,
  remove: later(remove),
  renameSync: rename,
  rename: later(rename),
  realPathSync: (path: string | URL) => translated(() => fs.realpathSync(path)),
  readDirSync: entriesOf,
  readDir: async function* (path: string | URL) {
    yield* entriesOf(path);
  },
  readFileSync: readFile,
  readFile: later(readFile),
  readTextFile: later((path: string | URL) =>
    translated(() => fs.readFileSync(path, "utf8"))
  ),
  writeFileSync: writeWhole,
  writeFile: later(writeWhole),
  writeTextFile: later(writeWhole),
  copyFile: later((from: string | URL, to: string | URL) =>
    translated(() => fs.copyFileSync(from, to))
  ),
};
