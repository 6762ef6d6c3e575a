import { KeyLog } from "../../core/framing/tls/key_log.ts";

const CAPTURES = new URL("../../fixtures/captures/", import.meta.url);

/** The key log that lies beside a shipped capture; an empty one where there is none. */
export function keysOf(capture: string): KeyLog {
  const keys = new KeyLog();
  const name = capture.replace(/(\.plain)?\.pcap(ng)?(\.gz)?$/, ".keys");
  try {
    keys.pushWhole(Deno.readFileSync(new URL(name, CAPTURES)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return keys;
}

/** A key log of the given text. */
export function keyLog(text: string): KeyLog {
  const keys = new KeyLog();
  keys.pushWhole(new TextEncoder().encode(text));
  return keys;
}
