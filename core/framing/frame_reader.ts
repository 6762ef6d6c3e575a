import { moved, type Stamp } from "../flow/mod.ts";
import { copyOf } from "../bytes/copy.ts";
import type { BufferPool } from "../bytes/pool.ts";

/** How a framing measures its frames. */
export interface FrameShape {
  /** Bytes needed before `measure` can tell. */
  readonly header: number;
  /** Most bytes of a frame that are kept; the rest of a longer one counts as lost. */
  readonly most: number;
  /** Lends buffers for long frames; they become the receiver's. */
  readonly buffers?: BufferPool | null;
  /**
   * Length of the frame at `offset` in bytes, header included, or 0 where no frame starts
   * there.
   */
  measure(bytes: Uint8Array, offset: number): number;
  /** Told as soon as a frame's header is there, before its body. */
  begin?(bytes: Uint8Array, offset: number, length: number, stamp: Stamp): void;
  /**
   * A frame is complete, or cut by a gap or the end: then fewer than `length` bytes are there.
   * The bytes are the receiver's to keep.
   */
  frame(bytes: Uint8Array, length: number, stamp: Stamp): void;
  /**
   * Gives the offset of the first frame that starts from `offset` on, or -1 where none does;
   * every offset is asked for once. `starts` are where segments began, `turns` where a frame
   * has to begin if the sender waits for answers.
   */
  resync(
    bytes: Uint8Array,
    offset: number,
    end: number,
    starts: readonly number[],
    turns: readonly number[],
  ): number;
  /** Whether the bytes read as exactly one frame, to their end. */
  isWhole?(bytes: Uint8Array, offset: number, end: number): boolean;
  /** `length` bytes were passed over in search of a frame. */
  skipped(bytes: Uint8Array, length: number, stamp: Stamp): void;
  /**
   * Bytes, the last of them in the packet `last`, were passed over just before the frame found,
   * which the packet `next` begins.
   */
  passed?(last: Stamp, next: Stamp): void;
}

/** Most bytes searched for the next frame before the oldest of them are given up. */
const RESYNC_WINDOW = 1 << 18;

/** The last segments of which {@link FrameReader.settle} looks whether a frame began there. */
const RECENT = 16;

const NOWHERE: Stamp = { packet: 0, seconds: 0, nanos: 0 };

/** Bytes of one packet among those that are searched. */
interface Piece {
  at: number;
  stamp: Stamp;
}

/** What is known of bytes while a frame is searched among them. */
interface Search {
  /** Where segments began, among the bytes to be searched. */
  starts: number[];
  /** The last of all, those that were searched already included. */
  recent: number[];
  /** Those where the sender began to speak anew. */
  turns: number[];
  /** Packets of the bytes, by where they begin. */
  pieces: Piece[];
  /** Bytes of the buffer in which no frame starts. */
  searched: number;
}

const NONE = new Uint8Array(0);

/**
 * Cuts one flow into frames. A frame within one segment is copied once; one over many grows
 * with its bytes, never by its stated length alone.
 */
export class FrameReader {
  readonly #shape: FrameShape;
  #buffer: Uint8Array = NONE;
  #filled = 0;
  /** Length of the frame in the buffer; 0 while its header is incomplete. */
  #total = 0;
  /** Bytes of the frame from its first lost one on: a frame keeps what precedes a gap. */
  #missing = 0;
  /** Null where it is known where frames begin. */
  #search: Search | null = null;
  /** The packet being read, and where its bytes begin among those pushed. */
  #stamp: Stamp = NOWHERE;
  #origin = 0;
  /** Stamp of the first byte in the buffer. */
  #begun: Stamp = NOWHERE;

  constructor(shape: FrameShape, inSync: boolean) {
    this.#shape = shape;
    if (!inSync) this.#lose();
  }

  /** Whether the reader knows where frames begin. */
  get inSync(): boolean {
    return this.#search === null;
  }

  /** Bytes held back: an incomplete frame, or bytes under search; only to be looked at. */
  get pending(): Uint8Array {
    return this.#buffer.subarray(0, this.#filled);
  }

  /** Takes the next bytes of the flow; `turn` where their sender begins to speak anew. */
  push(bytes: Uint8Array, start: number, end: number, stamp: Stamp, turn = false): void {
    this.#stamp = stamp;
    this.#origin = start;
    if (this.#search !== null) {
      this.#look(this.#search, bytes, start, end, turn);
      return;
    }
    if (this.#filled > 0 || this.#missing > 0) start = this.#continue(bytes, start, end);
    const { header } = this.#shape;
    while (this.#search === null && start < end) {
      if (end - start < header) {
        this.#append(bytes, start, end);
        return;
      }
      const total = this.#measure(bytes, start);
      if (total === 0) {
        this.#look(this.#lose(), bytes, start, end);
        return;
      }
      const here = this.#stampAt(start);
      this.#shape.begin?.(bytes, start, total, here);
      if (total > end - start) {
        this.#total = total;
        this.#append(bytes, start, end);
        return;
      }
      this.#shape.frame(copyOf(bytes, start, start + total), total, here);
      start += total;
    }
    // Between two frames nothing asks for it: most conversations are idle most of the time.
    if (this.#search === null && this.#filled + this.#missing === 0) {
      this.#stamp = NOWHERE;
    }
  }

  /**
   * `length` bytes of the flow are lost. Gives whether they are all of one frame, so that none
   * is missed.
   */
  gap(length: number): boolean {
    if (this.#search === null && this.#total > 0) {
      const left = this.#total - this.#filled - this.#missing;
      if (length <= left) {
        this.#missing += length;
        if (length === left) this.#emit();
        return true;
      }
    }
    this.cut();
    this.#lose();
    return false;
  }

  /** Gives out what is incomplete: the flow ends, or goes on elsewhere. */
  cut(): void {
    if (this.#filled === 0 && this.#missing === 0) return;
    if (this.#search !== null || this.#total === 0) this.#skip(this.#filled);
    else this.#emit();
  }

  /**
   * Ends the incomplete frame after `length` bytes: it was shorter than it said. What follows
   * is read as frames again.
   */
  shorten(length: number): void {
    const rest = this.#buffer.slice(length, this.#filled);
    const stamp = moved({ ...this.#stamp, sequence: this.#begun.sequence }, length);
    this.#filled = this.#total = length;
    this.#missing = 0;
    this.#emit();
    this.push(rest, 0, rest.length, stamp);
  }

  /** What the shape measures; a length that is none would end in a loop. */
  #measure(bytes: Uint8Array, offset: number): number {
    const total = this.#shape.measure(bytes, offset);
    if (Number.isSafeInteger(total) && total >= 0) return total;
    throw new RangeError(`a frame has length ${total}`);
  }

  /** Drops sync: the next frame is searched for. */
  #lose(): Search {
    return this.#search = { starts: [], recent: [], turns: [], pieces: [], searched: 0 };
  }

  /** The stamp of a byte among those being pushed. */
  #stampAt(at: number): Stamp {
    return at === this.#origin ? this.#stamp : moved(this.#stamp, at - this.#origin);
  }

  #emit(): void {
    const length = this.#total;
    const bytes = this.#buffer.subarray(0, this.#filled);
    this.#buffer = NONE;
    this.#filled = this.#total = this.#missing = 0;
    const first = this.#begun;
    this.#begun = NOWHERE;
    const { sequence, begun = first } = first;
    const isOne = first.packet === this.#stamp.packet;
    this.#shape.frame(bytes, length, isOne ? first : { ...this.#stamp, sequence, begun });
  }

  /** Fills the frame in the buffer; gives the offset behind what it took. */
  #continue(bytes: Uint8Array, start: number, end: number): number {
    const { header } = this.#shape;
    if (this.#total === 0) {
      const take = Math.min(header - this.#filled, end - start);
      this.#append(bytes, start, start + take);
      start += take;
      if (this.#filled < header) return start;
      this.#total = this.#measure(this.#buffer, 0);
      if (this.#total === 0) {
        this.#look(this.#lose(), bytes, start, end);
        return end;
      }
      this.#shape.begin?.(this.#buffer, 0, this.#total, this.#begun);
    }
    const take = Math.min(this.#total - this.#filled - this.#missing, end - start);
    const room = this.#missing > 0 ? 0 : Math.min(take, this.#shape.most - this.#filled);
    this.#append(bytes, start, start + room);
    this.#missing += take - room;
    if (this.#filled + this.#missing === this.#total) this.#emit();
    return start + take;
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    if (this.#filled === 0) this.#begun = this.#stampAt(start);
    const filled = this.#filled + end - start;
    if (filled > this.#buffer.length) {
      const wanted = Math.max(filled, Math.min(this.#total, 2 * filled), 64);
      const { buffers } = this.#shape;
      const larger = buffers ? buffers.take(wanted) : new Uint8Array(wanted);
      larger.set(this.#buffer.subarray(0, this.#filled));
      buffers?.give(this.#buffer);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes.subarray(start, end), this.#filled);
    this.#filled = filled;
  }

  /**
   * The other side answers all that came: where that ends with a whole frame, which begins with
   * a segment, it is one.
   */
  settle(): void {
    const search = this.#search;
    if (search === null || this.#filled === 0) return;
    const at = search.recent.find((start) =>
      this.#shape.isWhole?.(this.#buffer, start, this.#filled)
    );
    if (at !== undefined) this.#found(search, at);
  }

  #look(
    search: Search,
    bytes: Uint8Array,
    start: number,
    end: number,
    turn = false,
  ): void {
    const { starts, recent, turns, pieces } = search;
    starts.push(this.#filled);
    recent.push(this.#filled);
    if (recent.length > RECENT) recent.shift();
    if (turn) turns.push(this.#filled);
    pieces.push({ at: this.#filled, stamp: this.#stampAt(start) });
    this.#append(bytes, start, end);
    const { header } = this.#shape;
    const found = this.#shape.resync(
      this.#buffer,
      search.searched,
      this.#filled,
      starts,
      turns,
    );
    if (found >= 0) return this.#found(search, found);
    search.searched = Math.max(0, this.#filled - header + 1);
    search.starts = starts.filter((at) => at >= search.searched);
    search.turns = turns.filter((at) => at >= search.searched);
    if (this.#filled > RESYNC_WINDOW) this.#skip(search.searched);
  }

  /** A frame begins there: reads on from it. */
  #found(search: Search, at: number): void {
    const isThere = at <= this.#filled - this.#shape.header && Number.isInteger(at);
    if (!isThere || this.#measure(this.#buffer, at) === 0) {
      throw new RangeError(`a frame was found at ${at} where there is none`);
    }
    const last = search.pieces.findLast((piece) => piece.at < at);
    const next = search.pieces.findLast((piece) => piece.at <= at);
    this.#skip(at);
    if (last && next) this.#shape.passed?.(last.stamp, next.stamp);
    const rest = this.#buffer.subarray(0, this.#filled);
    const { pieces } = search;
    this.#search = null;
    this.#buffer = NONE;
    this.#filled = this.#total = 0;
    pieces.forEach(({ at, stamp }, i) => {
      this.push(rest, at, pieces[i + 1]?.at ?? rest.length, stamp);
    });
  }

  /** Gives up the first `length` bytes of the buffer. */
  #skip(length: number): void {
    if (length > 0) {
      this.#shape.skipped(this.#buffer.subarray(0, length), length, this.#stamp);
    }
    this.#buffer = length === this.#filled
      ? NONE
      : this.#buffer.slice(length, this.#filled);
    this.#filled -= length;
    if (this.#search !== null) moveOn(this.#search, length);
  }
}

/** The first `length` bytes of those searched are gone. */
function moveOn(search: Search, length: number): void {
  const kept = (at: number) => at >= length;
  search.searched = Math.max(0, search.searched - length);
  search.starts = search.starts.filter(kept).map((at) => at - length);
  search.recent = search.recent.filter(kept).map((at) => at - length);
  search.turns = search.turns.filter(kept).map((at) => at - length);
  const first = search.pieces.findLastIndex(({ at }) => at <= length);
  search.pieces = search.pieces.slice(Math.max(0, first)).map(({ at, stamp }) => (
    at < length ? { at: 0, stamp: moved(stamp, length - at) } : { at: at - length, stamp }
  ));
}
