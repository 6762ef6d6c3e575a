import {
  type Framer,
  FrameReader,
  type Framing,
  type FramingHost,
  type Opening,
  Pdu,
  type Side,
  type Stamp,
  type Verdict,
} from "../../core/framing/mod.ts";
import runtime from "./tally.lua" with { type: "text" };

/** Bytes before the payload. */
export const HEADER = 10;
/** The first byte of every frame. */
export const MAGIC = 0x54;
/** The second: what the frame is. */
export const REQUEST = 0, RESPONSE = 1;

/** Largest payload, in bytes. */
const MOST = 1 << 20;

/**
 * Frames of Tally, the same both ways, little-endian: `magic u8` ("T"), `kind u8` (0 request,
 * 1 response), `tag u16`, `code u16` (of the command, or a status), `length u32`, payload. A
 * response carries its request's tag and may overtake others.
 */
export const tally: Framing = Object.freeze<Framing>({
  name: "tally",
  since: "1.0",
  ports: [7000],
  statusName: (status: number) => ["ok", "no_such_tally", "too_large"][status] ?? null,
  detect,
  open: (host: FramingHost) => new TallyFramer(host),
  /** In Wireshark: the numbers of this file, and its algorithms in Lua. */
  lua: {
    facts: {
      header: HEADER,
      magic: MAGIC,
      request: REQUEST,
      response: RESPONSE,
      max_payload: MOST,
    },
    runtime,
  },
});

interface Header {
  readonly tag: number;
  readonly code: number;
  readonly length: number;
}

/** The header at `offset`, or null where those bytes are none. */
function headerAt(bytes: Uint8Array, offset: number, kind: number): Header | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  const length = view.getUint32(6, true);
  if (bytes[offset] !== MAGIC || bytes[offset + 1] !== kind || length > MOST) return null;
  return { tag: view.getUint16(2, true), code: view.getUint16(4, true), length };
}

/** Where a header of this kind begins in the bytes, or -1. */
function findHeader(
  bytes: Uint8Array,
  offset: number,
  end: number,
  kind: number,
): number {
  for (let at = offset; at + HEADER <= end; at++) {
    if (headerAt(bytes, at, kind) !== null) return at;
  }
  return -1;
}

function detect({ client, server, fromStart, ended }: Opening): Verdict {
  const where = (bytes: Uint8Array) => findHeader(bytes, 0, bytes.length, REQUEST);
  const found = where(client);
  if (found === 0 || found > 0 && !fromStart) return "yes";
  if (!fromStart && where(server) >= 0) return "swapped";
  const isOther = client.length > 0 && client[0] !== MAGIC;
  return isOther && fromStart || ended ? "no" : "more";
}

class TallyFramer implements Framer {
  readonly #host: FramingHost;
  readonly #readers: Readonly<Record<Side, FrameReader>>;
  /** Requests that wait, by their tag. */
  readonly #waiting = new Map<number, { code: number; pdu: Pdu }>();

  constructor(host: FramingHost) {
    this.#host = host;
    this.#readers = {
      client: this.#reader("client", REQUEST, (...frame) => this.#request(...frame)),
      server: this.#reader("server", RESPONSE, (...frame) => this.#response(...frame)),
    };
  }

  data(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    this.#readers[side].push(bytes, start, end, stamp);
  }

  gap(side: Side, length: number): void {
    this.#readers[side].gap(length);
  }

  finish(side: Side): void {
    this.#readers[side].cut();
  }

  close(): void {
    for (const side of ["client", "server"] as const) this.#readers[side].cut();
    for (const { code, pdu } of this.#waiting.values()) {
      this.#exchange(code, pdu, null, "no response was captured");
    }
  }

  #reader(
    side: Side,
    kind: number,
    take: (header: Header, bytes: Uint8Array, length: number, stamp: Stamp) => void,
  ): FrameReader {
    return new FrameReader({
      header: HEADER,
      most: HEADER + MOST,
      measure(bytes, offset) {
        const header = headerAt(bytes, offset, kind);
        return header === null ? 0 : HEADER + header.length;
      },
      frame: (bytes, length, stamp) =>
        take(headerAt(bytes, 0, kind)!, bytes, length, stamp),
      resync: (bytes, offset, end) => findHeader(bytes, offset, end, kind),
      skipped: (_bytes, length, { packet }) =>
        this.#host.report({
          severity: "warn",
          group: "sequence",
          message: `${length} bytes of the ${side}'s flow belong to no frame`,
          packet,
          offset: null,
        }),
    }, this.#host.fromStart);
  }

  #request({ tag, code }: Header, bytes: Uint8Array, length: number, stamp: Stamp): void {
    const pdu = new Pdu(stamp, bytes, length, HEADER, null);
    const command = this.#host.commands.byCode(code);
    if (command !== undefined) pdu.interpret(command.request, this.#host.releases);
    this.#waiting.set(tag, { code, pdu });
  }

  #response(
    { tag, code }: Header,
    bytes: Uint8Array,
    length: number,
    stamp: Stamp,
  ): void {
    const pdu = new Pdu(stamp, bytes, length, HEADER, code);
    const waiting = this.#waiting.get(tag);
    this.#waiting.delete(tag);
    if (waiting === undefined) {
      this.#exchange(null, null, pdu, `no request with tag ${tag} was captured`);
      return;
    }
    const command = this.#host.commands.byCode(waiting.code);
    const isAnswer = command !== undefined && code === 0;
    if (isAnswer) pdu.interpret(command.response, this.#host.releases);
    this.#exchange(waiting.code, waiting.pdu, pdu);
  }

  #exchange(
    code: number | null,
    request: Pdu | null,
    response: Pdu | null,
    finding?: string,
  ): void {
    const command = code === null ? null : this.#host.commands.byCode(code) ?? null;
    const packet = (request ?? response)!.stamp.packet;
    this.#host.exchange({
      command,
      name: null,
      code,
      request,
      response,
      issues: finding === undefined ? [] : [{
        severity: "note",
        group: "sequence",
        message: finding,
        packet,
        offset: null,
      }],
    });
  }
}
