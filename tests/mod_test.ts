import { assert, assertEquals } from "@std/assert";
import { diagnose, dissect, iggyRegistry, type TransactionRecord } from "../mod.ts";

const CAPTURE = new URL("../fixtures/captures/classic-080-lossy.pcap", import.meta.url);

async function recordsOf(
  source: Parameters<typeof dissect>[0],
): Promise<TransactionRecord[]> {
  const records: TransactionRecord[] = [];
  for await (const transaction of dissect(source)) {
    records.push(transaction.toRecord({ maxBytes: 8, showSecrets: false }));
  }
  return records;
}

Deno.test("dissect gives the same of a path, a URL, bytes and a stream", async () => {
  const bytes = await Deno.readFile(CAPTURE);
  const expected = await recordsOf(CAPTURE.pathname);
  assertEquals(expected.length, 205);
  assertEquals(await recordsOf(CAPTURE), expected);
  assertEquals(await recordsOf(bytes), expected);
  assertEquals(await recordsOf(new Blob([bytes]).stream()), expected);
});

Deno.test("dissect reads on only as transactions are taken", async () => {
  const bytes = await Deno.readFile(CAPTURE);
  const chunk = 16 * 1024;
  let pulled = 0;
  let cancelled = false;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(bytes.subarray(pulled, pulled += chunk));
    },
    cancel() {
      cancelled = true;
    },
  }, { highWaterMark: 0 });
  for await (const _ of dissect(source)) break;
  assert(pulled <= 2 * chunk, `${pulled} bytes were read for one transaction`);
  assert(cancelled);
});

Deno.test("dissect works in a worker", async () => {
  const code = `
    import { dissect } from "${new URL("../mod.ts", import.meta.url)}";
    let count = 0;
    for await (const _ of dissect(new URL("${CAPTURE}"))) count++;
    self.postMessage(count);
  `;
  const url = `data:application/typescript,${encodeURIComponent(code)}`;
  const worker = new Worker(url, { type: "module" });
  const count = await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.terminate();
  assertEquals(count, 205);
});

Deno.test("a worker that imports the library gets what is posted at once", async () => {
  const code = `
    import { dissect } from "${new URL("../mod.ts", import.meta.url)}";
    self.onmessage = async ({ data }) => {
      let count = 0;
      for await (const _ of dissect(data)) count++;
      self.postMessage(count);
    };
  `;
  const url = `data:application/typescript,${encodeURIComponent(code)}`;
  const worker = new Worker(url, { type: "module" });
  worker.postMessage(CAPTURE.pathname);
  const count = await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.terminate();
  assertEquals(count, 205);
});

Deno.test("diagnose says what is wrong in a capture", async () => {
  const idle = new URL("../fixtures/captures/classic-080-idlepoll.pcap", import.meta.url);
  assertEquals((await diagnose(idle)).map(({ id }) => id), ["empty_poll_storm"]);
  const silent = new URL(
    "../fixtures/captures/mismatch-py080-on-090e5.pcap",
    import.meta.url,
  );
  assertEquals((await diagnose(silent)).map(({ id }) => id), ["never_answered"]);
});

Deno.test("two registries stand side by side", () => {
  assert(iggyRegistry() !== iggyRegistry());
  assert(Object.isFrozen(iggyRegistry()));
});
