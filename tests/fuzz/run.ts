import process from "node:process";
import { CaptureError, CaptureReader } from "../../core/capture/mod.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";

const registry = iggyRegistry();

/** Longest CPU time a capture of some hundred packets may take, and memory of all. */
export const MAX_MILLIS = 1000, MAX_BYTES = 512 << 20;

/** Bytes of the smallest PDU: no capture may make more rows than it has of these. */
const SMALLEST_PDU = 8;
/** Bytes of NDJSON for each byte of the capture, at most: what a PDU of zeros makes, doubled. */
export const MAX_OUTPUT = 120;

/** What the last capture made. */
export const made = { rows: 0, bytes: 0 };

/** Dissects a capture whole, records included; gives what went wrong, or null. */
export function faultOf(file: Uint8Array<ArrayBuffer>): string | null {
  const { user } = process.cpuUsage();
  let conversations = 0;
  made.rows = made.bytes = 0;
  try {
    const pipeline = new Pipeline(registry, (transaction) => {
      const record = transaction.toRecord({ maxBytes: 64, showSecrets: false });
      made.rows++;
      made.bytes += JSON.stringify(record).length;
    }, { conversation: () => conversations++ });
    const reader = new CaptureReader((packet) => pipeline.push(packet), () => {});
    reader.push(file);
    reader.end();
    pipeline.end();
  } catch (error) {
    // A file that is no capture any more is refused, which is right.
    if (!(error instanceof CaptureError)) {
      return `threw ${error instanceof Error ? error.stack : error}`;
    }
  }
  const millis = (process.cpuUsage().user - user) / 1000;
  if (millis > MAX_MILLIS) return `took ${Math.round(millis)} ms`;
  // A conversation may have findings that go with no PDU: a row of their own.
  if (made.rows > file.length / SMALLEST_PDU + conversations) return `${made.rows} rows`;
  if (made.bytes > file.length * MAX_OUTPUT) return `${made.bytes} bytes of output`;
  return null;
}
