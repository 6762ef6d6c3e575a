import { Cursor, Malformed } from "../../../core/bytes/cursor.ts";
import { u32le } from "../../../core/bytes/integers.ts";
import { type Command, type Fields, ReadContext } from "../../../core/schema/mod.ts";
import { HEADER, LENGTH, MAX_CONTROL_PAYLOAD } from "./shape.ts";

/** Bytes that a server takes for one frame, as offsets in the client's flow. */
export interface ServerFrame {
  readonly start: number;
  readonly end: number;
  /** What stands where a command's code does; null where no body is read. */
  readonly code: number | null;
}

/** Staged metadata longer than this is passed over unread; real ones stay below 800 bytes. */
export const MAX_METADATA = 4096;

/**
 * How many bytes a server takes from the flow before it refuses a staged request, counted from
 * the frame's start; null while too few bytes are there to tell. More than the frame's length
 * where it reads on into the next.
 *
 * Source: apache/iggy core/server/src/binary/handlers/messages/send_messages_handler.rs at
 * server-0.8.0.
 */
export function stagedLength(
  command: Command,
  bytes: Uint8Array,
  beforeLogin: boolean,
  release: number,
): number | null {
  if (beforeLogin) return HEADER;
  if (bytes.length < HEADER + LENGTH) return null;
  const payload = u32le(bytes, 0) - LENGTH;
  const metadata = u32le(bytes, HEADER);
  const start = HEADER + LENGTH;
  if (metadata > payload) return start;
  const afterMetadata = start + metadata;
  if (metadata > MAX_METADATA) return afterMetadata;
  if (bytes.length < afterMetadata) return null;
  const count = readCount(command, bytes.subarray(start, afterMetadata), release);
  if (count === null) return afterMetadata;
  const items = count * command.staged!.itemSize;
  if (items > payload) return afterMetadata;
  return Math.max(payload - LENGTH, metadata + items) + start;
}

/** The item count at the end of the metadata, or null where the metadata cannot be read. */
function readCount(
  command: Command,
  metadata: Uint8Array,
  release: number,
): number | null {
  const { length, count } = command.staged!;
  const fields = command.request.fields!;
  const cursor = new Cursor(metadata);
  const values: Fields = {};
  const context = new ReadContext(release);
  const first = fields.findIndex(([name]) => name === length) + 1;
  try {
    for (const [name, kind] of fields.slice(first)) {
      values[name] = kind.read(cursor, context, values, {});
      if (name === count) return context.problems === 0 ? values[name] as number : null;
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
  }
  return null;
}

/**
 * Follows what a 0.8 server reads after it refused a staged request early: it takes the rest
 * of the body, and what comes after, for frames and answers each.
 *
 * Source: apache/iggy core/server/src/tcp/connection_handler.rs at server-0.8.0.
 */
export class ServerView {
  readonly #staged: Command;
  readonly #beforeLogin: boolean;
  readonly #release: number;
  /** Offset, in the client's flow, where the frame being read begins. */
  #position: number;
  /** Its first bytes, while they do not tell its length. */
  #head = new Uint8Array(0);
  /** Its end, and the bytes still missing, once its length is known. */
  #end = 0;
  #left = 0;
  #code: number | null = null;
  /** Frames read whole and not yet answered. */
  readonly frames: ServerFrame[] = [];

  constructor(position: number, staged: Command, beforeLogin: boolean, release: number) {
    this.#position = position;
    this.#staged = staged;
    this.#beforeLogin = beforeLogin;
    this.#release = release;
  }

  /** Takes the next bytes of the client's flow. */
  feed(bytes: Uint8Array): void {
    let rest = new Uint8Array(this.#head.length + bytes.length);
    rest.set(this.#head);
    rest.set(bytes, this.#head.length);
    if (this.#left > 0) {
      const taken = Math.min(this.#left, rest.length);
      this.#left -= taken;
      if (this.#left > 0) return;
      rest = rest.subarray(taken);
      this.#finish(this.#end);
    }
    for (;;) {
      const length = this.#frameLength(rest);
      if (length === null) break;
      this.#end = this.#position + length;
      this.#left = Math.max(0, length - rest.length);
      rest = rest.subarray(Math.min(length, rest.length));
      if (this.#left > 0) break;
      this.#finish(this.#end);
    }
    this.#head = rest.slice();
  }

  #finish(end: number): void {
    this.frames.push({ start: this.#position, end, code: this.#code });
    this.#position = end;
  }

  #frameLength(bytes: Uint8Array): number | null {
    if (bytes.length < HEADER) return null;
    const length = u32le(bytes, 0);
    this.#code = length < LENGTH ? null : u32le(bytes, 4);
    if (length < LENGTH) return HEADER;
    if (this.#code === this.#staged.code) {
      return stagedLength(this.#staged, bytes, this.#beforeLogin, this.#release);
    }
    return length - LENGTH > MAX_CONTROL_PAYLOAD ? HEADER : LENGTH + length;
  }
}
