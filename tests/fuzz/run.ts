import { CaptureError, CaptureReader } from "../../core/capture/mod.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";

const registry = iggyRegistry();

/** Longest time a capture of some hundred packets may take, and memory of all. */
export const MAX_MILLIS = 1000, MAX_BYTES = 512 << 20;

/** Dissects a capture whole, records included; gives what went wrong, or null. */
export function faultOf(file: Uint8Array<ArrayBuffer>): string | null {
  const begin = performance.now();
  try {
    const pipeline = new Pipeline(registry, (transaction) => {
      JSON.stringify(transaction.toRecord({ maxBytes: 64, showSecrets: false }));
    }, { conversation() {} });
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
  const millis = performance.now() - begin;
  if (millis > MAX_MILLIS) return `took ${Math.round(millis)} ms`;
  return null;
}
