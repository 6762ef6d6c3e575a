import { concat } from "../../core/bytes/copy.ts";
import { Pdu } from "../../core/framing/pdu.ts";
import type { Stamp } from "../../core/flow/mod.ts";
import { type Command, encode, type Fields, ReleaseSet } from "../../core/schema/mod.ts";
import { NON_REPLICATED, REGISTER, REPLY, REQUEST } from "./vsr/names.ts";
import { framePdu, type Reading, replyPdu } from "./vsr/reply.ts";
import { commandTable } from "../../core/schema/mod.ts";
import { type FrameTable, frameTable } from "./vsr/frames.ts";
import { VSR_FRAMES } from "./vsr/mod.ts";
import { iggyCommands } from "../mod.ts";

/** The frames and operations of Iggy. */
export const FRAMES: FrameTable = frameTable(VSR_FRAMES, commandTable(iggyCommands));

/** How one connection says requests and responses: its framing, with what that remembers. */
export interface Speech {
  /** Name of the framing, as records show it. */
  readonly framing: string;
  request(command: Command, payload: Uint8Array): Uint8Array;
  /** The response to the request said last. */
  response(command: Command, payload: Uint8Array, status: number): Uint8Array;
  /** A frame of the framing's own; null where it has none of that name. */
  frame(name: string, header: Fields, body: Uint8Array): Uint8Array | null;
  requestPdu(stamp: Stamp, bytes: Uint8Array): Pdu;
  responsePdu(stamp: Stamp, bytes: Uint8Array, command: Command, status: number): Pdu;
}

const HEADER = 8;

/** Classic framing, of servers 0.5 to 0.8. */
export class ClassicSpeech implements Speech {
  readonly framing = "classic";

  request(command: Command, payload: Uint8Array): Uint8Array {
    return this.#frame(payload.length + 4, command.code ?? 0, payload);
  }

  response(_command: Command, payload: Uint8Array, status: number): Uint8Array {
    return this.#frame(status, payload.length, payload);
  }

  frame(): null {
    return null;
  }

  requestPdu(stamp: Stamp, bytes: Uint8Array): Pdu {
    return new Pdu(stamp, bytes, bytes.length, HEADER, null);
  }

  responsePdu(stamp: Stamp, bytes: Uint8Array, _command: Command, status: number): Pdu {
    return new Pdu(stamp, bytes, bytes.length, HEADER, status);
  }

  #frame(first: number, second: number, payload: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(HEADER + payload.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, first, true);
    view.setUint32(4, second, true);
    bytes.set(payload, HEADER);
    return bytes;
  }
}

const NO_RESULT = Uint8Array.of(0, 0, 0, 0);

/** VSR framing, of servers from 0.9 on: a client with its session. */
export class VsrSpeech implements Speech {
  readonly framing = "vsr";
  readonly #release: number;
  readonly #reading: Reading;
  readonly #client: bigint;
  #session: bigint;
  #number = 0n;
  /** What the answer to the last request echoes. */
  #asked: Fields = {};

  constructor(release: number, client: bigint, session = 0n) {
    this.#session = session;
    this.#release = release;
    this.#reading = { frames: FRAMES, releases: new ReleaseSet([release]) };
    this.#client = client;
  }

  request(command: Command, payload: Uint8Array): Uint8Array {
    const { operation } = command;
    const registers = operation === REGISTER;
    if (registers) this.#session = this.#number = 0n;
    else this.#number++;
    const name = FRAMES.operations[operation ?? NON_REPLICATED]!;
    this.#asked = { client: this.#client, request: this.#number, operation: name };
    return this.#encode(REQUEST, {
      ...this.#asked,
      session: this.#session,
      _code: operation === null ? command.code : 0,
    }, payload);
  }

  response(command: Command, payload: Uint8Array, status: number): Uint8Array {
    if (command.operation === REGISTER) this.#session = 7n;
    const replicated = iggyCommands.find(({ replicates }) => replicates === command.name);
    const operation = replicated?.operationName ?? this.#asked.operation;
    const header = { ...this.#asked, operation, op: this.#session };
    if (!command.resultSection) {
      const body = status === 0 ? payload : new Uint8Array(0);
      return this.#encode(REPLY, { ...header, status }, body);
    }
    if (status === 0) return this.#encode(REPLY, header, concat([NO_RESULT, payload]));
    const result = new Uint8Array(12);
    const view = new DataView(result.buffer);
    view.setUint32(0, 1, true);
    view.setUint32(8, status, true);
    return this.#encode(REPLY, header, result);
  }

  frame(name: string, header: Fields, body: Uint8Array): Uint8Array | null {
    const found = Object.entries(FRAMES.names).find(([, each]) => each === name);
    return found === undefined ? null : this.#encode(Number(found[0]), header, body);
  }

  requestPdu(stamp: Stamp, bytes: Uint8Array): Pdu {
    return framePdu(stamp, bytes, bytes.length, this.#reading);
  }

  responsePdu(stamp: Stamp, bytes: Uint8Array, command: Command): Pdu {
    return replyPdu(stamp, bytes, bytes.length, command, this.#reading);
  }

  #encode(command: number, fields: Fields, body: Uint8Array): Uint8Array {
    const kind = FRAMES.byNumber(command)!.header;
    const zeros = Object.fromEntries(
      kind.fields!.filter(([name]) => !name.startsWith("_"))
        .map(([name, field]) => [name, zeroOf(field.type, field.minSize)]),
    );
    const said = { size: body.length + 256, command: FRAMES.names[command], ...fields };
    return concat([encode(kind, { ...zeros, ...said }, this.#release), body]);
  }
}

function zeroOf(type: string, size: number): unknown {
  if (type === "bytes") return new Uint8Array(size);
  if (type === "boolean") return false;
  return /uint(64|128)/.test(type) ? 0n : 0;
}
