import type { Issue } from "../issue.ts";
import type { Side, Stamp } from "../flow/mod.ts";
import {
  type Command,
  decode,
  type Decoded,
  type Fields,
  type Kind,
  type ReleaseSet,
  soundCheck,
  type ValueReader,
} from "../schema/mod.ts";

/**
 * One framed request or response: the one form plugins see, whichever framing carried it. It
 * owns its bytes. Fields are decoded when first asked for.
 */
export class Pdu {
  readonly stamp: Stamp;
  /** The whole PDU, its framing included; fewer bytes than `length` where some were lost. */
  readonly bytes: Uint8Array;
  /** Length on the wire in bytes, framing included. */
  readonly length: number;
  /** The payload is `bytes[start..end)`. */
  readonly start: number;
  readonly end: number;
  /** Status of a response; null for requests and evictions. */
  readonly status: number | null;
  /** The layout of the framing's own header, where it has any worth showing. */
  headerKind: Kind<unknown> | null = null;
  /** That header is `bytes[0..headerEnd)`. */
  headerEnd = 0;
  /** Why the server ended the session, where that is what it answers. */
  evicted: string | null = null;
  /** Who sent it, where being a request or response does not tell. */
  sender: Side | null = null;
  /** What the PDU belongs to, in words, where its header says so: a consensus group. */
  subject: string | null = null;
  /** Packet of the PDU that this one acknowledges without being its response. */
  refersTo: number | null = null;

  #issues: Issue[] | null = null;
  /** What compiled readers said of it; null before they were asked. */
  #isJudgedSound: boolean | null = null;
  #isPayloadSound: boolean | null = null;

  #layout: Kind<unknown> | null = null;
  #release = 0;
  #decoded: Decoded | null = null;
  #header: Decoded | null = null;
  #headerRelease = 0;

  constructor(
    stamp: Stamp,
    bytes: Uint8Array,
    length: number,
    start: number,
    status: number | null,
    end = bytes.length,
  ) {
    this.stamp = stamp;
    this.bytes = bytes;
    this.length = length;
    this.start = start;
    this.end = end;
    this.status = status;
  }

  /** Whether all bytes of the PDU were captured. */
  get whole(): boolean {
    return this.bytes.length === this.length;
  }

  /** The layout of the payload, once it is known. */
  get layout(): Kind<unknown> | null {
    return this.#layout;
  }

  /** The release the payload is read by. */
  get release(): number {
    return this.#release;
  }

  /**
   * Says how the payload is laid out. It is read at once where that tells the conversation's
   * release, else when its fields are asked for.
   */
  interpret(layout: Kind<unknown>, releases: ReleaseSet): void {
    this.#layout = layout;
    this.#release = releases.readingBy(releases.newest);
    if (!this.whole || this.isEmpty || releases.agreesOn(layout)) return;
    const { release, decoded } = releases.read(layout, this.bytes, this.start, this.end);
    this.#release = releases.readingBy(release);
    if (decoded.problems === 0 || this.#release === release) this.#decoded = decoded;
  }

  /**
   * Says how the framing's own header is laid out, which ends at `end`. What it tells of the
   * conversation's release is taken at once.
   */
  interpretHeader(kind: Kind<unknown>, end: number, releases: ReleaseSet): void {
    this.headerKind = kind;
    this.headerEnd = Math.min(end, this.bytes.length);
    if (this.bytes.length >= end && !releases.agreesOn(kind)) {
      releases.choose(kind, this.bytes, 0, end);
    }
    this.readHeaderBy(releases.newest);
  }

  /** Says by which release the header is read, once the payload told more. */
  readHeaderBy(release: number): void {
    if (release === this.#headerRelease) return;
    this.#headerRelease = release;
    this.#header = null;
  }

  /** The release the header is read by. */
  get headerRelease(): number {
    return this.#headerRelease;
  }

  /** Adds a finding about the frame itself. */
  report(found: Issue): void {
    (this.#issues ??= []).push(found);
  }

  /** Whether something was found about the frame, or in what was read of it so far. */
  get hasFindings(): boolean {
    return this.#issues !== null || (this.#decoded?.issues.length ?? 0) > 0 ||
      (this.#header?.issues.length ?? 0) > 0;
  }

  /**
   * Whether nothing can be reported of it; compiled readers tell, without making its fields.
   * False also where they cannot tell.
   */
  get isSound(): boolean {
    if (!this.whole || this.hasFindings) return false;
    return this.#isJudgedSound ??= this.#judge();
  }

  /**
   * Values of the payload by a reader that judges it too; null where something may have to be
   * reported of it. Asked before {@link isSound}, it saves a second reading.
   */
  soundValues(judging: ValueReader): readonly unknown[] | null {
    if (!this.whole || this.hasFindings || this.#isPayloadSound === false) return null;
    const values = judging(this.bytes, this.start, this.end);
    this.#isPayloadSound = values !== null;
    return values;
  }

  #judge(): boolean {
    const { bytes, start, end, headerKind, headerEnd } = this;
    const layout = this.isEmpty && this.status !== null ? null : this.#layout;
    return (headerKind === null || this.#header !== null ||
      (soundCheck(headerKind, this.#headerRelease)?.(bytes, 0, headerEnd) ?? false)) &&
      (layout === null || this.#decoded !== null ||
        (this.#isPayloadSound ??=
          soundCheck(layout, this.#release)?.(bytes, start, end) ?? false));
  }

  /** Findings about the frame itself, its header included. */
  get issues(): readonly Issue[] {
    const inHeader = this.headerDecoded?.issues ?? [];
    const { packet } = this.stamp;
    return [...this.#issues ?? [], ...inHeader.map((found) => ({ ...found, packet }))];
  }

  /** The reading of the framing's header, or null where it has none worth showing. */
  get headerDecoded(): Decoded | null {
    if (this.#header === null && this.headerKind !== null) {
      this.#header = this.#readHeader(this.headerKind, false);
    }
    return this.#header;
  }

  /** As {@link headerDecoded}, with the field tree. */
  get headerTree(): Decoded | null {
    return this.headerKind === null ? null : this.#readHeader(this.headerKind, true);
  }

  /** Fields of the framing's header, by name. */
  get header(): Fields | null {
    return this.headerDecoded?.fields as Fields | undefined ?? null;
  }

  #readHeader(kind: Kind<unknown>, tree: boolean): Decoded {
    const { bytes, headerEnd: end } = this;
    return decode(kind, bytes, this.#headerRelease, { end, tree });
  }

  /** Whether the payload has no bytes. */
  get isEmpty(): boolean {
    return this.start >= this.end;
  }

  /** The reading of the payload, or null where nothing says how to read it. */
  get decoded(): Decoded | null {
    if (this.#decoded === null && this.#layout !== null) {
      this.#decoded = this.#read(false);
    }
    return this.#decoded;
  }

  /** As {@link decoded}, with the field tree. */
  get decodedTree(): Decoded | null {
    return this.#layout === null ? null : this.#read(true);
  }

  #read(tree: boolean): Decoded {
    const { start, end } = this;
    return decode(this.#layout!, this.bytes, this.#release, { start, end, tree });
  }
}

/** A request with its response, either of which may be missing; what a framing gives. */
export interface Exchange {
  readonly command: Command | null;
  /** Name where it is no command's: `vsr.commit`. */
  readonly name: string | null;
  readonly code: number | null;
  readonly request: Pdu | null;
  readonly response: Pdu | null;
  /** Number of the carrier's connection, where a conversation may have several: QUIC's. */
  readonly connection?: number;
  /** Number of the carrier's stream, where it has several. */
  readonly stream?: number;
  readonly issues: readonly Issue[];
}

/** Nothing was exchanged: it carries findings that would else wait for the next exchange. */
export const NO_EXCHANGE: Exchange = Object.freeze({
  command: null,
  name: null,
  code: null,
  request: null,
  response: null,
  issues: [],
});
