import { readVarint } from "./header.ts";

/** What the frames of a packet say that matters to those who read streams. */
export interface FrameSink {
  /** Bytes of the handshake at an offset. */
  crypto(offset: number, bytes: Uint8Array): void;
  /** Bytes of a stream at an offset; `fin` where they are its last. */
  stream(id: number, offset: number, bytes: Uint8Array, fin: boolean): void;
  /** The sender gives up a stream, of which it sent `size` bytes. */
  reset(id: number, size: number): void;
  /** The sender may be reached by a further connection id. */
  newId(id: Uint8Array): void;
  /** The connection ends, with the error's number and what the sender says. */
  close(code: number, isApplication: boolean, reason: Uint8Array): void;
  /** Stream bytes wait for the receiver: flow control holds them back. */
  blocked(): void;
}

/**
 * How many variable-length integers follow the type of frames that are passed over.
 *
 * Source: RFC 9000 section 19.
 */
const PASSED: Readonly<Record<number, number>> = {
  0x00: 0, // PADDING
  0x01: 0, // PING
  0x05: 2, // STOP_SENDING
  0x10: 1, // MAX_DATA
  0x11: 2, // MAX_STREAM_DATA
  0x12: 1, // MAX_STREAMS
  0x13: 1,
  0x16: 1, // STREAMS_BLOCKED
  0x17: 1,
  0x19: 1, // RETIRE_CONNECTION_ID
  0x1e: 0, // HANDSHAKE_DONE
};

/** Reads the fields of frames in order; `failed` once something is not all there. */
class FrameReader {
  failed = false;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.failed ? 0 : this.#bytes.length - this.#at;
  }

  varint(): number {
    const found = readVarint(this.#bytes, this.#at, this.#bytes.length);
    if (found === null) {
      this.failed = true;
      return 0;
    }
    this.#at = found[1];
    return found[0];
  }

  take(length: number): Uint8Array {
    if (length > this.remaining) {
      this.failed = true;
      return this.#bytes.subarray(0, 0);
    }
    return this.#bytes.subarray(this.#at, this.#at += length);
  }

  skip(varints: number): void {
    for (let i = 0; i < varints && !this.failed; i++) this.varint();
  }
}

/**
 * Tells the frames of a packet's payload; false where it holds a frame that is unknown or cut,
 * behind which nothing is read.
 *
 * Source: RFC 9000 sections 12.4 and 19, RFC 9221 section 4.
 */
export function readFrames(payload: Uint8Array, sink: FrameSink): boolean {
  const reader = new FrameReader(payload);
  while (reader.remaining > 0) {
    const type = reader.varint();
    const passed = PASSED[type];
    if (passed !== undefined) reader.skip(passed);
    else if (type >= 0x08 && type <= 0x0f) stream(type, reader, sink);
    else if (!other(type, reader, sink)) return false;
  }
  return !reader.failed;
}

function stream(type: number, reader: FrameReader, sink: FrameSink): void {
  const id = reader.varint();
  const offset = (type & 4) === 0 ? 0 : reader.varint();
  const bytes = reader.take((type & 2) === 0 ? reader.remaining : reader.varint());
  if (!reader.failed) sink.stream(id, offset, bytes, (type & 1) !== 0);
}

function other(type: number, reader: FrameReader, sink: FrameSink): boolean {
  switch (type) {
    case 0x02: // ACK
    case 0x03: {
      reader.skip(2);
      const ranges = reader.varint();
      reader.skip(1);
      // Each range takes bytes, so a number that lies ends with them.
      reader.skip(2 * ranges);
      if (type === 0x03) reader.skip(3);
      return true;
    }
    case 0x04: { // RESET_STREAM
      const id = reader.varint();
      reader.varint();
      const size = reader.varint();
      if (!reader.failed) sink.reset(id, size);
      return true;
    }
    case 0x06: { // CRYPTO
      const offset = reader.varint();
      const bytes = reader.take(reader.varint());
      if (!reader.failed) sink.crypto(offset, bytes);
      return true;
    }
    case 0x07: // NEW_TOKEN
    case 0x31: // DATAGRAM with its length
      reader.take(reader.varint());
      return true;
    case 0x14: // DATA_BLOCKED
    case 0x15: // STREAM_DATA_BLOCKED
      reader.skip(type - 0x13);
      sink.blocked();
      return true;
    case 0x18: { // NEW_CONNECTION_ID
      reader.skip(2);
      const id = reader.take(reader.take(1)[0] ?? 0);
      reader.take(16);
      if (!reader.failed) sink.newId(id);
      return true;
    }
    case 0x1a: // PATH_CHALLENGE
    case 0x1b: // PATH_RESPONSE
      reader.take(8);
      return true;
    case 0x1c: // CONNECTION_CLOSE
    case 0x1d: {
      const code = reader.varint();
      if (type === 0x1c) reader.varint();
      const reason = reader.take(reader.varint());
      if (!reader.failed) sink.close(code, type === 0x1d, reason);
      return true;
    }
    case 0x30: // DATAGRAM to the packet's end
      reader.take(reader.remaining);
      return true;
  }
  return false;
}
