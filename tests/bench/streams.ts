/**
 * `deno run --allow-read --allow-env tests/bench/streams.ts CAPTURE FORM [WORKERS]`: the same
 * capture to NDJSON with one map of conversations, or with conversations divided among
 * workers. It answers whether `--jobs` pays; ARCHITECTURE.md has the figures.
 *
 * - `map`: one thread, one map.
 * - `split`: each worker reads the file itself and takes its own conversations.
 * - `hand`: one thread reads, and hands packets to the workers; with as many workers as
 *   conversations it is a worker a stream.
 *
 * Workers only count their lines. Bringing them back into the order of one map would come on
 * top, so that a form which does not win here cannot win. Packets are Ethernet and IPv4.
 *
 * @module
 */
import { Pipeline } from "../../core/dissect/pipeline.ts";
import type { Packet } from "../../core/capture/packet.ts";
import { readCapture } from "../../core/capture/mod.ts";
import { ndjsonExporter } from "../../core/export/mod.ts";
import { iggyRegistry } from "../../plugins/registry.ts";

/** Bytes of packets handed over at once. */
const BATCH_BYTES = 256 * 1024;
/** Number, seconds, nanoseconds, length on the wire, captured length. */
const HEAD_BYTES = 24;

/** What a worker is told first; with a path it reads by itself. */
interface Task {
  readonly path: string | null;
  readonly index: number;
  readonly workers: number;
}

/** One map: packets in, lines counted. */
class Lines {
  count = 0;
  bytes = 0;
  readonly #exporter = ndjsonExporter({ maxBytes: 64, showSecrets: false });
  readonly #pipeline = new Pipeline(iggyRegistry(), (transaction) => {
    const { length } = this.#exporter.bytes?.(transaction) ??
      this.#exporter.transaction(transaction);
    this.count++;
    this.bytes += length;
  });

  push(packet: Packet): void {
    this.#pipeline.push(packet);
  }

  end(): string {
    this.#pipeline.end();
    return `${this.count} ${this.bytes}`;
  }
}

/** The worker a packet is for: the same for both directions of a conversation. */
function shardOf({ bytes, start }: Packet, workers: number): number {
  const at = start + 14;
  const tcp = at + ((bytes[at] ?? 0) & 15) * 4;
  const u16 = (i: number) => (bytes[i] ?? 0) << 8 | (bytes[i + 1] ?? 0);
  const ends = u16(tcp) + u16(tcp + 2) + u16(at + 14) + u16(at + 18);
  return ends % workers;
}

async function readInto(path: string, sink: (packet: Packet) => void): Promise<void> {
  await readCapture(path, sink, () => {});
}

/** Batches of packets for one worker. */
class Hand {
  readonly #worker: Worker;
  #batch = new Uint8Array(BATCH_BYTES);
  #used = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  push({ number, seconds, nanos, originalLength, bytes, start, end }: Packet): void {
    const length = end - start;
    if (this.#used + HEAD_BYTES + length > BATCH_BYTES) this.send();
    const view = new DataView(this.#batch.buffer, this.#used);
    [number, seconds, nanos, originalLength, length].forEach((value, i) =>
      view.setUint32(i * 4, value)
    );
    this.#batch.set(bytes.subarray(start, end), this.#used + HEAD_BYTES);
    this.#used += HEAD_BYTES + length;
  }

  send(): void {
    const batch = this.#batch.subarray(0, this.#used);
    this.#worker.postMessage(batch, [batch.buffer]);
    this.#batch = new Uint8Array(BATCH_BYTES);
    this.#used = 0;
  }
}

function unpack(batch: Uint8Array, sink: (packet: Packet) => void): void {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length);
  for (let at = 0; at < batch.length;) {
    const [number, seconds, nanos, originalLength, length] = [0, 4, 8, 12, 16].map((i) =>
      view.getUint32(at + i)
    ) as [number, number, number, number, number];
    const start = at + HEAD_BYTES;
    const end = start + length;
    const place = { linktype: 1, bytes: batch, start, end, originalLength };
    sink({ number, seconds, nanos, ...place });
    at = end;
  }
}

function work(scope: { postMessage(message: string): void }): void {
  const lines = new Lines();
  addEventListener("message", async (event) => {
    const { data } = event as MessageEvent<Task | Uint8Array | null>;
    if (data instanceof Uint8Array) return unpack(data, (packet) => lines.push(packet));
    if (data !== null) {
      const { path, index, workers } = data;
      if (path === null) return;
      await readInto(path, (packet) => {
        if (shardOf(packet, workers) === index) lines.push(packet);
      });
    }
    scope.postMessage(lines.end());
  });
}

async function divided(path: string, form: string, workers: number): Promise<string[]> {
  const all = Array.from(
    { length: workers },
    () => new Worker(import.meta.url, { type: "module" }),
  );
  const done = all.map((worker) =>
    new Promise<string>((resolve) =>
      worker.addEventListener("message", (event) => resolve(String(event.data)))
    )
  );
  const own = form === "split" ? path : null;
  all.forEach((worker, index) => worker.postMessage({ path: own, index, workers }));
  if (own === null) {
    const hands = all.map((worker) => new Hand(worker));
    await readInto(path, (packet) => hands[shardOf(packet, workers)]?.push(packet));
    hands.forEach((hand) => hand.send());
    all.forEach((worker) => worker.postMessage(null));
  }
  const counts = await Promise.all(done);
  all.forEach((worker) => worker.terminate());
  return counts;
}

async function main(path = "", form = "map", workers = "2"): Promise<void> {
  let counts: readonly string[];
  if (form === "map") {
    const lines = new Lines();
    await readInto(path, (packet) => lines.push(packet));
    counts = [lines.end()];
  } else counts = await divided(path, form, Number(workers));
  const sum = (column: number) =>
    counts.reduce((total, text) => total + Number(text.split(" ")[column]), 0);
  console.log(`${sum(0)} lines, ${sum(1)} bytes`);
}

// A worker is a main module too.
if (!("DedicatedWorkerGlobalScope" in globalThis)) await main(...Deno.args);
else {
  const scope: unknown = globalThis;
  work(scope as { postMessage(message: string): void });
}
