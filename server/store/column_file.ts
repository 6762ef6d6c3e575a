import { writeAll } from "../../core/bytes/write_all.ts";

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
  readonly #names: readonly Name[];
  readonly #places: ReadonlyMap<Name, number>;
  /** The segment that rows are added to. */
  readonly #segment: Float64Array;
  #rows = 0;
  #written = 0;

  /** Opens the file; `columns` are always the same. */
  constructor(path: string, columns: readonly Name[], isNew: boolean) {
    this.#file = Deno.openSync(path, {
      read: true,
      write: isNew,
      createNew: isNew,
      mode: 0o600,
    });
    this.#names = columns;
    this.#places = new Map(columns.map((name, place) => [name, place]));
    this.#segment = new Float64Array(isNew ? columns.length * SEGMENT : 0);
  }

  /** Bytes that a file of so many rows has at least. */
  static sizeOf(columns: number, rows: number): number {
    if (rows === 0) return 0;
    const last = rows - 1;
    return (Math.floor(last / SEGMENT) * columns + columns - 1) * SEGMENT * WIDTH +
      (last % SEGMENT + 1) * WIDTH;
  }

  /** Takes the next row, a number for each column; gives the bytes that were written. */
  add(row: Float64Array): number {
    const segment = this.#segment;
    let at = this.#rows % SEGMENT;
    for (let i = 0; i < row.length; i++) {
      segment[at] = row[i]!;
      at += SEGMENT;
    }
    this.#rows++;
    return this.#rows % SEGMENT === 0 ? this.flush() : 0;
  }

  /** Writes the rows that wait; gives the bytes. */
  flush(): number {
    const rows = this.#rows - this.#written;
    if (rows === 0) return 0;
    const columns = this.#names.length;
    const first = Math.floor(this.#written / SEGMENT) * SEGMENT;
    const size = ColumnFile.sizeOf(columns, this.#rows - first);
    const bytes = new Uint8Array(this.#segment.buffer, 0, size);
    this.#file.seekSync(first * columns * WIDTH, Deno.SeekMode.Start);
    writeAll(this.#file, bytes);
    this.#written = this.#rows;
    return rows * columns * WIDTH;
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

  /** Writes a column of all rows anew, once they are written. */
  replace(name: Name, values: Float64Array): void {
    for (let n = 0; n < values.length; n += SEGMENT) {
      const { buffer, byteOffset, byteLength } = values.subarray(n, n + SEGMENT);
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      this.#seek(name, n);
      writeAll(this.#file, bytes);
    }
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
