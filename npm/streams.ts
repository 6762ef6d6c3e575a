import fs from "node:fs";
import process from "node:process";
import { Readable } from "node:stream";
import { isatty } from "node:tty";
import { translated } from "./errors.ts";

/** Chunks of standard input, asked for from the first read on. */
let chunks: AsyncIterator<Uint8Array> | null = null;
let rest: Uint8Array = new Uint8Array();

/** Standard input, read as it comes, so that signals are still heard. */
export const stdin = {
  isTerminal: () => isatty(0),
  async read(buffer: Uint8Array): Promise<number | null> {
    chunks ??= process.stdin[Symbol.asyncIterator]();
    while (rest.length === 0) {
      const { value, done } = await chunks.next();
      if (done) return null;
      rest = value;
    }
    const count = Math.min(rest.length, buffer.length);
    buffer.set(rest.subarray(0, count));
    rest = rest.subarray(count);
    return count;
  },
  get readable(): ReadableStream<Uint8Array> {
    return Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
  },
};

function outputTo(fd: 1 | 2) {
  return {
    isTerminal: () => isatty(fd),
    writeSync: (bytes: Uint8Array) => translated(() => fs.writeSync(fd, bytes)),
  };
}

/** Standard output. */
export const stdout = outputTo(1);
/** Standard error. */
export const stderr = outputTo(2);
