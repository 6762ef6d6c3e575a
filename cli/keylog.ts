import { concat } from "../core/bytes/copy.ts";
import { CaptureError } from "../core/capture/error.ts";
import { escapeText } from "../core/export/printable.ts";
import { KeyLog } from "../core/framing/tls/key_log.ts";
import { say } from "./output.ts";

/** The option by which TLS key logs are named. */
export const keylogOption = {
  value: "FILE",
  repeatable: true,
  help: "Open TLS and QUIC with the secrets of a key log, which may still grow; also " +
    '"$SSLKEYLOGFILE".',
} as const;

/** Bytes read at a time. */
const CHUNK = 256 * 1024;
/** Bytes of a last line that are kept until it ends. */
const MAX_TAIL = 4096;
const LINE_END = 0x0a;

/**
 * The secrets of key logs, read in pieces: of a log of any size only what belongs to sessions
 * is kept. What is appended later is read when a secret is missed. Key logs inside captures
 * can be pushed into it too. Throws {@link CaptureError} where a file cannot be read.
 */
export function openKeyLogs(paths: readonly string[]): KeyLog {
  const logs: { file: Deno.FsFile; tail: Uint8Array }[] = [];
  const buffer = new Uint8Array(CHUNK);
  const readOn = () => {
    for (const log of logs) {
      for (let length; (length = log.file.readSync(buffer)) !== null;) {
        const bytes = concat([log.tail, buffer.subarray(0, length)]);
        const end = bytes.lastIndexOf(LINE_END) + 1;
        keys.push(bytes.subarray(0, end));
        // A line that is still being written may be whole or not: it is read again then.
        log.tail = bytes.subarray(end, end + MAX_TAIL).slice();
        keys.pushWhole(log.tail);
      }
    }
  };
  const keys = new KeyLog({ refresh: paths.length === 0 ? undefined : readOn });
  for (const path of paths) {
    logs.push({ file: open(path), tail: new Uint8Array(0) });
    readOn();
    if (keys.sessions === 0) say(`${escapeText(path)} holds no TLS secrets (yet)`);
  }
  if (keys.dropped > 0) {
    say(`the key logs name too many sessions: the first ${keys.dropped} are dropped`);
  }
  return keys;
}

function open(path: string): Deno.FsFile {
  try {
    const file = Deno.openSync(path);
    if (!file.statSync().isDirectory) return file;
    file.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new CaptureError("missing", `${path}: no such key log`);
  }
  throw new CaptureError("directory", `${path} is a directory, not a key log`);
}
