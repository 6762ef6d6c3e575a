/**
 * @module
 * Classic framing, of servers 0.5 to 0.8: its shape, its pairing, what its servers make of bytes
 * they refuse, and the Lua twins of these.
 */
import type { Side, Stamp } from "../../../core/flow/mod.ts";
import { issue } from "../../../core/issue.ts";
import { detectClassic } from "./detection.ts";
import { classicLua } from "./lua.ts";
import { ClassicPairing } from "./pairing.ts";
import {
  endOfRequest,
  findRequest,
  findResponse,
  HEADER,
  isPduMessage,
  isWholeResponse,
  requestLength,
  responseLength,
  SINCE,
  UP_TO,
} from "./shape.ts";
import { Turns } from "../../../core/framing/turns.ts";
import { FrameReader, type FrameShape } from "../../../core/framing/frame_reader.ts";
import type { Framer, Framing, FramingHost } from "../../../core/framing/framing.ts";

/**
 * The framing of servers 0.5 to 0.8: requests `length u32, code u32, payload`, responses
 * `status u32, length u32, payload`, little-endian, answered in order.
 *
 * Source: apache/iggy core/server/src/tcp/connection_handler.rs and
 * core/binary_protocol/src/framing.rs at server-0.8.0.
 */
export const classic = Object.freeze<Framing>({
  name: "classic",
  since: SINCE,
  upTo: UP_TO,
  ports: [8090],
  lua: classicLua,
  message: {
    certain: (side, ...message) => side === "client" && isPduMessage(side, ...message),
    plausible: isPduMessage,
  },
  detect: (opening, { commands }) => detectClassic(opening, commands),
  open: (host: FramingHost) => new ClassicFramer(host),
});

/** What the frames of both sides are read with. */
interface Reading {
  readonly host: FramingHost;
  readonly pairing: ClassicPairing;
}

/** What the shapes of both sides share. */
class Shape {
  readonly reading: Reading;
  readonly side: Side;

  constructor(reading: Reading, side: Side) {
    this.reading = reading;
    this.side = side;
  }

  get header(): number {
    return HEADER;
  }

  get most(): number {
    return this.reading.host.maxPdu + HEADER;
  }

  get buffers(): FramingHost["buffers"] {
    return this.reading.host.buffers;
  }

  skipped(_: Uint8Array, length: number, stamp: Stamp): void {
    const { host, pairing } = this.reading;
    const message = `${length} bytes of the ${this.side}'s flow belong to no PDU`;
    host.report(issue("warn", "sequence", message, stamp.packet));
    pairing.missed(this.side);
  }
}

/** Where requests begin and end. */
class RequestShape extends Shape implements FrameShape {
  constructor(reading: Reading) {
    super(reading, "client");
  }

  measure(bytes: Uint8Array, offset: number): number {
    return requestLength(bytes, offset, this.reading.host.commands);
  }

  begin(bytes: Uint8Array, offset: number, length: number, stamp: Stamp): void {
    this.reading.pairing.begin(bytes, offset, length, stamp);
  }

  frame(bytes: Uint8Array, length: number, stamp: Stamp): void {
    this.reading.pairing.request(bytes, length, stamp);
  }

  resync(
    bytes: Uint8Array,
    offset: number,
    end: number,
    starts: readonly number[],
    turns: readonly number[],
  ): number {
    const { host: { commands, releases, maxPdu }, pairing } = this.reading;
    const search = { bytes, offset, end, starts, turns };
    return findRequest(search, pairing.isLockstep, commands, releases, maxPdu);
  }

  isWhole(bytes: Uint8Array, offset: number, end: number): boolean {
    const { commands, releases, maxPdu } = this.reading.host;
    return endOfRequest(bytes, offset, end, commands, releases, maxPdu) === end;
  }

  passed(last: Stamp, next: Stamp): void {
    this.reading.pairing.passed(last, next);
  }
}

/** The same for responses, whose statuses may end what is read as a request. */
class ResponseShape extends Shape implements FrameShape {
  readonly #requests: FrameReader;

  constructor(reading: Reading, requests: FrameReader) {
    super(reading, "server");
    this.#requests = requests;
  }

  measure(bytes: Uint8Array, offset: number): number {
    return responseLength(bytes, offset, this.most);
  }

  frame(bytes: Uint8Array, length: number, stamp: Stamp): void {
    const { pairing } = this.reading;
    if (!pairing.response(bytes, length, stamp)) return;
    const taken = pairing.followRefusal(this.#requests.pending);
    if (taken !== null) this.#requests.shorten(taken);
  }

  resync(
    bytes: Uint8Array,
    offset: number,
    end: number,
    starts: readonly number[],
    turns: readonly number[],
  ): number {
    const { host: { releases, maxPdu }, pairing } = this.reading;
    const { isLockstep, waiting, awaited } = pairing;
    const search = { bytes, offset, end, starts, turns };
    return findResponse(search, isLockstep, waiting, awaited, releases, maxPdu);
  }

  isWhole(bytes: Uint8Array, offset: number, end: number): boolean {
    return isWholeResponse(bytes, offset, end, this.reading.host.maxPdu);
  }
}

class ClassicFramer implements Framer, Reading {
  readonly host: FramingHost;
  readonly pairing: ClassicPairing;
  readonly #requests: FrameReader;
  readonly #responses: FrameReader;
  readonly #turns = new Turns();

  constructor(host: FramingHost) {
    this.host = host;
    this.pairing = new ClassicPairing(host);
    this.#requests = new FrameReader(new RequestShape(this), host.fromStart);
    const responses = new ResponseShape(this, this.#requests);
    this.#responses = new FrameReader(responses, host.fromStart);
  }

  data(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    this.pairing.before(side, bytes, start, end, stamp);
    const turn = this.#turns.begins(side, stamp, end - start);
    if (turn) this.#readerOf(side === "server" ? "client" : "server").settle();
    this.#readerOf(side).push(bytes, start, end, stamp, turn);
  }

  gap(side: Side, length: number): void {
    const isWithin = this.#readerOf(side).gap(length);
    this.pairing.gap(side, isWithin);
  }

  finish(side: Side): void {
    this.#readerOf(side).cut();
    if (side === "server") this.pairing.serverFinished();
  }

  close(): void {
    this.#requests.cut();
    this.#responses.cut();
    this.pairing.close();
  }

  #readerOf(side: Side): FrameReader {
    return side === "client" ? this.#requests : this.#responses;
  }
}
