/**
 * `deno run --allow-read tests/bench/sealed.ts`: what TLS and QUIC add to dissection, beside
 * AES-GCM alone on as many bytes in records as large. It tells and never judges.
 *
 * @module
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import { iggyRegistry } from "../../mod.ts";
import { keysOf } from "../support/keys.ts";
import { packetsOf } from "../support/packets.ts";

const ROUNDS = 30;
/** The largest plaintext of a TLS record, and about that of a QUIC packet. */
const RECORD = { "classic-080-tls.pcap": 16_384, "vsr-090e5-quic.pcap": 1200 };

/** Milliseconds of the quickest of some runs. */
function quickest(work: () => void): number {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** Opens `bytes` in records of one size. */
function openAlone(bytes: number, record: number): () => void {
  const key = new Uint8Array(16);
  const nonce = new Uint8Array(12);
  const cipher = createCipheriv("aes-128-gcm", key, nonce);
  const sealed = cipher.update(new Uint8Array(Math.min(record, bytes)));
  cipher.final();
  const tag = cipher.getAuthTag();
  return () => {
    for (let opened = 0; opened < bytes; opened += sealed.length) {
      const decipher = createDecipheriv("aes-128-gcm", key, nonce);
      decipher.setAuthTag(tag);
      decipher.update(sealed);
      decipher.final();
    }
  };
}

for (const [name, record] of Object.entries(RECORD)) {
  const packets = await packetsOf(name);
  const dissect = (keys: ReturnType<typeof keysOf> | undefined) => () => {
    const pipeline = new Pipeline(iggyRegistry(), () => {}, { keys });
    for (const packet of packets) pipeline.push(packet);
    pipeline.end();
  };
  const bytes = packets.reduce((sum, { start, end }) => sum + end - start, 0);
  const opened = quickest(dissect(keysOf(name)));
  const closed = quickest(dissect(undefined));
  const alone = quickest(openAlone(bytes, record));
  const ratio = ((opened - closed) / alone).toFixed(1);
  console.log(
    `${name}: ${opened.toFixed(1)} ms with keys, ${closed.toFixed(1)} ms without, ` +
      `AES-GCM alone ${alone.toFixed(1)} ms: reading what is sealed is ${ratio} of it`,
  );
}
