/**
 * Writes `tally.pcap`, a session that a simulated network cuts, delays and loses:
 * `deno run --allow-write examples/other_protocol/make_capture.ts`.
 *
 * @module
 */
import { type Script, simulate } from "../../core/synth/mod.ts";
import { encode, firstOf, type Kind } from "../../core/schema/mod.ts";
import { PcapWriter } from "../../core/capture/mod.ts";
import { add, get, list } from "./commands.ts";
import { HEADER, MAGIC, REQUEST, RESPONSE } from "./framing.ts";

const RELEASE = firstOf("1.1");
/** 2026-05-04 12:00 UTC, in seconds since the epoch. */
const START = 1_777_896_000;

function frame(kind: number, tag: number, code: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER + payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set([MAGIC, kind]);
  view.setUint16(2, tag, true);
  view.setUint16(4, code, true);
  view.setUint32(6, payload.length, true);
  bytes.set(payload, HEADER);
  return bytes;
}

function asks<T>(
  tag: number,
  { code, request }: { code: number | null; request: Kind<T> },
  value: T,
): Uint8Array {
  return frame(REQUEST, tag, code!, encode(request, value, RELEASE));
}

function answers<T>(tag: number, { response }: { response: Kind<T> }, value: T) {
  return frame(RESPONSE, tag, 0, encode(response, value, RELEASE));
}

function refuses(tag: number, status: number): Uint8Array {
  return frame(RESPONSE, tag, status, new Uint8Array());
}

function together(...frames: Uint8Array[]): Uint8Array {
  return Uint8Array.from(frames.flatMap((each) => [...each]));
}

/** Who says what: four requests, of which the third is answered before the second. */
const SCRIPT: Script = [
  ["client", asks(1, add, { key: "visits", amount: 3, expires: 60_000_000n })],
  ["server", answers(1, add, { total: 3n })],
  [
    "client",
    together(asks(2, list, { prefix: "v", limit: 10 }), asks(3, get, { key: "nobody" })),
  ],
  [
    "server",
    together(
      refuses(3, 1),
      answers(2, list, { tallies: [{ key: "visits", total: 3n }] }),
    ),
  ],
  ["client", asks(4, get, { key: "visits" })],
  ["server", answers(4, get, { total: 3n, changed_at: BigInt(START) * 1_000_000n })],
];

/** The capture's bytes; the same every time. */
export function tallyCapture(): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => chunks.push(bytes.slice()));
  const path = { loss: 0.15, reorder: 0.2, duplicate: 0.1 };
  const options = { seed: 3, serverPort: 7000, startSeconds: START };
  const tcp = { mss: 12, timestamps: false };
  simulate(SCRIPT, { ...options, path, tcp }, ({ seconds, nanos, bytes }) => {
    writer.write(seconds, nanos, bytes);
  });
  return together(...chunks);
}

if (import.meta.main) {
  await Deno.writeFile(new URL("tally.pcap", import.meta.url), tallyCapture());
}
