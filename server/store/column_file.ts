/** Rows that stand together in the file, column by column. */
const SEGMENT = 1024;
const { BYTES_PER_ELEMENT: WIDTH } = Float64Array;

/** What became of a file that is too short for what its index says. */
export class ShortFileError extends Error {}

/**
 * Columns of numbers in a file: segments of rows, each column of a segment in one piece, so
 * that a question about one column reads that one alone. Rows are added at the end, and those
 * written can be read meanwhile. Null is NaN.
 */
export class ColumnFile<Name extends string> {
  readonly #file: Deno.FsFile;
  readonly #places: ReadonlyMap<Name, number>;

  /** Opens the file; `columns` are always the same. */
  constructor(path: string, columns: readonly Name[], isNew: boolean) {
    this.#file = Deno.openSync(path, {
      read: true,
      write: isNew,
      createNew: isNew,
      mode: 0o600,
    });
    this.#places = new Map(columns.map((name, place) => [name, place]));
  }

  /** Bytes that a file of so many rows has at least. */
  static sizeOf(columns: number, rows: number): number {
    if (rows === 0) return 0;
    const last = rows - 1;
    return (Math.floor(last / SEGMENT) * columns + columns - 1) * SEGMENT * WIDTH +
      (last % SEGMENT + 1) * WIDTH;
  }

  /** Writes rows from a number on; gives the bytes. */
  write(first: number, rows: readonly Readonly<Record<Name, number | null>>[]): number {
    for (let from = 0; from < rows.length;) {
      const n = first + from;
      const to = Math.min(rows.length, from + SEGMENT - n % SEGMENT);
      for (const name of this.#places.keys()) {
        const values = new Float64Array(to - from);
        for (let i = from; i < to; i++) values[i - from] = rows[i]![name] ?? NaN;
        this.#seek(name, n);
        const bytes = new Uint8Array(values.buffer);
        for (let at = 0; at < bytes.length;) {
          at += this.#file.writeSync(bytes.subarray(at));
        }
      }
      from = to;
    }
    return rows.length * this.#places.size * WIDTH;
  }

  /** A column of the rows with numbers from `from` up to `to`. */
  read(name: Name, from: number, to: number): Float64Array {
    const values = new Float64Array(to - from);
    const bytes = new Uint8Array(values.buffer);
    for (let n = from; n < to;) {
      const end = Math.min(to, n + SEGMENT - n % SEGMENT);
      this.#seek(name, n);
      for (let at = (n - from) * WIDTH; at < (end - from) * WIDTH;) {
        const read = this.#file.readSync(bytes.subarray(at, (end - from) * WIDTH));
        if (read === null) {
          throw new ShortFileError("the file of rows is shorter than its index");
        }
        at += read;
      }
      n = end;
    }
    return values;
  }

  /** Writes everything to the disk. */
  sync(): void {
    this.#file.syncDataSync();
  }

  close(): void {
    this.#file.close();
  }

  #seek(name: Name, n: number): void {
    const segment = Math.floor(n / SEGMENT);
    const column = segment * this.#places.size + this.#places.get(name)!;
    this.#file.seekSync((column * SEGMENT + n % SEGMENT) * WIDTH, Deno.SeekMode.Start);
  }
}
