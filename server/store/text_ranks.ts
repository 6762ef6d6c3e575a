import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { FAST } from "./pdu_file.ts";

/** Texts that are sorted in one go, and their characters. */
const RUN = 65_536, RUN_CHARACTERS = 8 * 1024 * 1024;
/** Sorted texts that are compressed, and later held, in one piece. */
const CHUNK = 1024;

/** Texts that came one after the other. */
interface Run {
  /** The distinct ones in order, compressed. */
  readonly chunks: readonly Uint8Array[];
  readonly distinct: number;
  /** The place of each text among the distinct ones. */
  readonly places: Uint16Array;
}

/** The next text of a run. */
interface Head {
  text: string;
  /** Its place in its run. */
  place: number;
  /** The ranks of the run's texts as far as they are known. */
  readonly ranks: Uint32Array;
  readonly rest: Iterator<string, void>;
}

/**
 * The rank of each of any number of texts among all of them, equal ones having the same. Sorted
 * runs are kept compressed and merged in the end: a million distinct texts of 60 characters
 * take some 10 MB.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const ranks = new TextRanks();
 * for (const text of ["pear", "apple", "pear"]) ranks.add(text);
 * assertEquals([...ranks.finish()], [1, 0, 1]);
 * ```
 */
export class TextRanks {
  readonly #runs: Run[] = [];
  /** Texts of the run by when they came first. */
  readonly #ids = new Map<string, number>();
  #places = new Uint16Array(RUN);
  #length = 0;
  #characters = 0;
  #total = 0;

  /** Takes the next text. */
  add(text: string): void {
    let id = this.#ids.get(text);
    if (id === undefined) {
      this.#ids.set(text, id = this.#ids.size);
      this.#characters += text.length;
    }
    this.#places[this.#length++] = id;
    this.#total++;
    if (this.#length === RUN || this.#characters >= RUN_CHARACTERS) this.#endRun();
  }

  #endRun(): void {
    const ids = this.#ids;
    const sorted = [...ids.keys()].sort();
    const placeOf = new Uint16Array(sorted.length);
    sorted.forEach((text, place) => placeOf[ids.get(text)!] = place);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < sorted.length; at += CHUNK) {
      const text = JSON.stringify(sorted.slice(at, at + CHUNK));
      chunks.push(zstdCompressSync(text, FAST));
    }
    const places = this.#places.subarray(0, this.#length).map((id) => placeOf[id]!);
    this.#runs.push({ chunks, distinct: sorted.length, places });
    ids.clear();
    this.#length = this.#characters = 0;
  }

  /** The ranks in the order in which the texts came, from 0. */
  finish(): Float64Array {
    if (this.#length > 0) this.#endRun();
    const ranks = ranksOf(this.#runs);
    const all = new Float64Array(this.#total);
    let at = 0;
    this.#runs.forEach(({ places }, run) => {
      for (const place of places) all[at++] = ranks[run]![place]!;
    });
    return all;
  }
}

/** The rank of each distinct text of each run. */
function ranksOf(runs: readonly Run[]): Uint32Array[] {
  const all = runs.map(({ distinct }) => new Uint32Array(distinct));
  const heads = runs.map((run, i): Head => {
    const rest = textsOf(run);
    return { text: rest.next().value!, place: 0, ranks: all[i]!, rest };
  });
  // In order they are a heap: the least stands first.
  heads.sort((a, b) => a.text < b.text ? -1 : 1);
  let rank = -1, last: string | null = null;
  for (let head = heads[0]; head !== undefined; head = heads[0]) {
    if (head.text !== last) rank++;
    last = head.text;
    head.ranks[head.place++] = rank;
    const { done, value } = head.rest.next();
    if (!done) head.text = value;
    else if (heads.length === 1) break;
    else heads[0] = heads.pop()!;
    sink(heads);
  }
  return all;
}

function* textsOf({ chunks }: Run): Generator<string, void> {
  for (const chunk of chunks) {
    yield* JSON.parse(new TextDecoder().decode(zstdDecompressSync(chunk))) as string[];
  }
}

/** Moves the first of a heap down to where it belongs. */
function sink(heap: Head[]): void {
  const moved = heap[0]!;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1]!.text < heap[child]!.text) child++;
    if (heap[child]!.text >= moved.text) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = moved;
}
