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
import { FrameReader } from "../../../core/framing/frame_reader.ts";
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

class ClassicFramer implements Framer {
  readonly #requests: FrameReader;
  readonly #responses: FrameReader;
  readonly #pairing: ClassicPairing;
  readonly #turns = new Turns();

  constructor(host: FramingHost) {
    const { commands, releases, maxPdu, fromStart, buffers } = host;
    const most = maxPdu + HEADER;
    const skipped =
      (side: Side) => (_: Uint8Array, length: number, { packet }: Stamp) => {
        const message = `${length} bytes of the ${side}'s flow belong to no PDU`;
        host.report(issue("warn", "sequence", message, packet));
        this.#pairing.missed(side);
      };
    this.#requests = new FrameReader({
      header: HEADER,
      most,
      buffers,
      measure: (bytes, offset) => requestLength(bytes, offset, commands),
      begin: (bytes, offset, length, stamp) =>
        this.#pairing.begin(bytes, offset, length, stamp),
      frame: (bytes, length, stamp) => this.#pairing.request(bytes, length, stamp),
      resync: (bytes, offset, end, starts, turns) =>
        findRequest(
          { bytes, offset, end, starts, turns },
          this.#pairing.isLockstep,
          commands,
          releases,
          maxPdu,
        ),
      isWhole: (bytes, offset, end) =>
        endOfRequest(bytes, offset, end, commands, releases, maxPdu) === end,
      skipped: skipped("client"),
      passed: (last) => this.#pairing.passed(last),
    }, fromStart);
    this.#responses = new FrameReader({
      header: HEADER,
      most,
      buffers,
      measure: (bytes, offset) => responseLength(bytes, offset, most),
      frame: (bytes, length, stamp) => {
        if (!this.#pairing.response(bytes, length, stamp)) return;
        const taken = this.#pairing.followRefusal(this.#requests.pending);
        if (taken !== null) this.#requests.shorten(taken);
      },
      resync: (bytes, offset, end, starts, turns) =>
        findResponse(
          { bytes, offset, end, starts, turns },
          this.#pairing.isLockstep,
          this.#pairing.waiting,
          this.#pairing.awaited,
          releases,
          maxPdu,
        ),
      isWhole: (bytes, offset, end) => isWholeResponse(bytes, offset, end, maxPdu),
      skipped: skipped("server"),
    }, fromStart);
    this.#pairing = new ClassicPairing(host);
  }

  data(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    this.#pairing.before(side, bytes, start, end, stamp);
    const turn = this.#turns.begins(side, stamp, end - start);
    if (turn) this.#readerOf(side === "server" ? "client" : "server").settle();
    this.#readerOf(side).push(bytes, start, end, stamp, turn);
    this.#pairing.after(side, stamp);
  }

  gap(side: Side, length: number, stamp: Stamp | null): void {
    const isWithin = this.#readerOf(side).gap(length);
    this.#pairing.gap(side, stamp, isWithin);
  }

  finish(side: Side): void {
    this.#readerOf(side).cut();
    if (side === "server") this.#pairing.serverFinished();
  }

  close(): void {
    this.#requests.cut();
    this.#responses.cut();
    this.#pairing.close();
  }

  #readerOf(side: Side): FrameReader {
    return side === "client" ? this.#requests : this.#responses;
  }
}
