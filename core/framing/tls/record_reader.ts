import { concat } from "../../bytes/copy.ts";
import { u16be } from "../../bytes/integers.ts";
import { moved, type Stamp } from "../../flow/mod.ts";

/** Types of records. Source: RFC 8446 section 5.1, RFC 5246 section 6.2.1. */
export const RECORD = Object.freeze({
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
});

/** Bytes of a record's header. */
export const HEADER_LENGTH = 5;
/** Fewest bytes of a sealed record: its header, a byte, and the tag. */
const MIN_RECORD = 22;
/** Longest body of a record. Source: RFC 5246 section 6.2.3; RFC 8446 allows less. */
const MAX_BODY = (1 << 14) + 2048;

/** One record as it lies on the wire, sealed or not. Its bytes may be kept. */
export interface TlsRecord {
  readonly type: number;
  /** Header and body. */
  readonly bytes: Uint8Array;
  /** Bytes of the flow between the record before and this one that were lost or damaged. */
  readonly missing: number;
  /** Most records that may have been in them. */
  readonly skipped: number;
  /** The packet that completed it, and the place where it begins. */
  readonly stamp: Stamp;
}

/** Bytes of one packet among those that are held. */
interface Piece {
  readonly at: number;
  readonly stamp: Stamp;
}

/** What a {@link RecordReader} is told. */
export interface RecordShape {
  /**
   * Takes a record. After a loss `missing` is not 0 and the record only a candidate: false
   * says that it is none, and the search goes on behind its first byte.
   */
  record(record: TlsRecord): boolean;
  /** The flow holds something that is no record; they are searched for again. */
  lost(stamp: Stamp): void;
}

/**
 * Whether a record's header may stand at `at`.
 *
 * Source: RFC 8446 section 5.1: the version is 3.1 to 3.3 whatever was negotiated.
 */
export function isRecordHeader(bytes: Uint8Array, at: number): boolean {
  const type = bytes[at]!;
  const length = u16be(bytes, at + 3);
  return type >= RECORD.changeCipherSpec && type <= RECORD.applicationData &&
    bytes[at + 1] === 3 && bytes[at + 2]! <= 4 && length > 0 && length <= MAX_BODY;
}

/** Whether bytes begin with a record's header. */
export function isTls(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER_LENGTH && isRecordHeader(bytes, 0);
}

/** Whether bytes begin with a record that begins with a handshake message of a type. */
export function isHello(bytes: Uint8Array, type: number): boolean {
  return bytes.length >= 6 && bytes[0] === RECORD.handshake &&
    isRecordHeader(bytes, 0) && bytes[5] === type;
}

/**
 * Cuts one flow into TLS records. After lost bytes each place that may be a header is offered
 * as a candidate, and the taker's keys tell.
 */
export class RecordReader {
  readonly #shape: RecordShape;
  #parts: Uint8Array[] = [];
  #length = 0;
  /** Bytes that must be there for the next step. */
  #needed = HEADER_LENGTH;
  /** Bytes passed over since the last record that was taken. */
  #missing = 0;
  /** Those of them of which it is unknown what records they were; and the known records. */
  #unknown = 0;
  #known = 0;
  #searching: boolean;
  /** The record under way lacks bytes. */
  #hole = false;
  /** The packets of what is held, by where their bytes begin. */
  #pieces: Piece[] = [];

  constructor(shape: RecordShape, inSync: boolean) {
    this.#shape = shape;
    this.#searching = !inSync;
    this.#missing = inSync ? 0 : 1;
  }

  /** Takes the next bytes of the flow. */
  push(bytes: Uint8Array, stamp: Stamp): void {
    this.#parts.push(bytes.slice());
    this.#pieces.push({ at: this.#length, stamp });
    this.#length += bytes.length;
    if (this.#length < this.#needed) return;
    let rest = concat(this.#parts);
    for (;;) {
      this.#needed = this.#needs(rest, stamp);
      if (rest.length < this.#needed || this.#needed === 0) break;
      const at = this.#length - rest.length;
      const taken = this.#hole ? this.#damaged() : this.#offer(rest, this.#stampOf(at));
      rest = rest.subarray(taken);
    }
    this.#keep(rest);
  }

  /** Keeps what is left of the bytes held. */
  #keep(rest: Uint8Array): void {
    const done = this.#length - rest.length;
    const first = this.#pieces.findLastIndex(({ at }) => at <= done);
    this.#pieces = rest.length === 0 ? [] : this.#pieces.slice(Math.max(0, first))
      .map(({ at, stamp }) =>
        at < done ? { at: 0, stamp: moved(stamp, done - at) } : { at: at - done, stamp }
      );
    this.#parts = [rest];
    this.#length = rest.length;
  }

  /** The stamp of a record from `at` to the bytes that came last. */
  #stampOf(at: number): Stamp {
    const first = this.#pieces.findLast((piece) => piece.at <= at)!;
    const last = this.#pieces.at(-1)!.stamp;
    const begun = moved(first.stamp, at - first.at);
    const { sequence } = begun;
    return begun.packet === last.packet ? begun : { ...last, sequence, begun };
  }

  /** `length` bytes of the flow are lost. */
  gap(length: number): void {
    const left = this.#needed - this.#length;
    if (!this.#searching && this.#needed > HEADER_LENGTH && length <= left) {
      // The end of the record is known, and so is where the next one begins.
      this.#hole = true;
      this.#parts.push(new Uint8Array(length));
      this.#length += length;
      return;
    }
    this.#missing += this.#length + length;
    this.#unknown += this.#length + length;
    this.#clear();
    this.#searching = true;
  }

  #clear(): void {
    this.#parts = [];
    this.#pieces = [];
    this.#length = 0;
    this.#needed = HEADER_LENGTH;
    this.#hole = false;
  }

  /** Bytes that the record at the start has, or that its header needs; looks for one first. */
  #needs(bytes: Uint8Array, stamp: Stamp): number {
    if (bytes.length < HEADER_LENGTH) return HEADER_LENGTH;
    if (isRecordHeader(bytes, 0)) return HEADER_LENGTH + u16be(bytes, 3);
    if (!this.#searching) {
      this.#searching = true;
      this.#shape.lost(stamp);
    }
    return HEADER_LENGTH;
  }

  /** Gives the record, or looks at the next place; tells how many bytes are done with. */
  #offer(bytes: Uint8Array, stamp: Stamp): number {
    if (this.#needed > HEADER_LENGTH) {
      const record = bytes.subarray(0, this.#needed);
      const skipped = this.#known + Math.ceil(this.#unknown / MIN_RECORD);
      const missing = this.#missing;
      const found = { type: record[0]!, bytes: record, missing, skipped, stamp };
      if (this.#shape.record(found)) {
        this.#missing = this.#unknown = this.#known = 0;
        this.#searching = false;
        return record.length;
      }
      if (!this.#searching) {
        this.#missing += record.length;
        this.#known++;
        return record.length;
      }
    }
    const next = nextCandidate(bytes);
    this.#missing += next;
    this.#unknown += next;
    return next;
  }

  #damaged(): number {
    this.#hole = false;
    this.#missing += this.#needed;
    this.#known++;
    return this.#needed;
  }
}

/** Bytes to pass over until a header may follow; those of an incomplete one are kept. */
function nextCandidate(bytes: Uint8Array): number {
  const end = bytes.length - HEADER_LENGTH;
  for (let at = 1; at <= end; at++) if (isRecordHeader(bytes, at)) return at;
  return end + 1;
}
