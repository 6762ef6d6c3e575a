import { assert, assertEquals } from "@std/assert";
import {
  commands,
  decode,
  diagnose,
  dissect,
  encode,
  iggyRegistry,
  type RequestOf,
  stats,
  type Transaction,
  type TransactionRecord,
} from "../mod.ts";
import { command, name8, u32 } from "../core/schema/mod.ts";
import config from "../deno.json" with { type: "json" };
import { dialogue } from "./support/dialogue.ts";
import { run } from "./support/peer.ts";

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

/** A value of this type at compile time: anything else is a type error. */
function typed<T>(value: T): T {
  return value;
}

Deno.test("comparing the command tells the fields of both sides", async () => {
  const offsets: bigint[] = [];
  const names: string[] = [];
  for await (const t of dissect(CAPTURE)) {
    if (t.command === "poll_messages") {
      typed<number | undefined>(t.request?.count);
      typed<"offset" | "timestamp" | "first" | "last" | "next" | number | undefined>(
        t.request?.strategy.kind,
      );
      for (const { offset } of t.response?.messages ?? []) offsets.push(offset);
    } else if (t.command === "create_stream") {
      names.push(typed<string>(t.request!.name));
    } else if (t.command === null) {
      throw new Error("every code of the capture is known");
    }
  }
  assertEquals([names, offsets.length > 1000], [[
    "orders",
    "스트림-日本",
    "orders",
    "load",
  ], true]);
});

Deno.test("commands of one's own are typed as Iggy's are", async () => {
  const hello = command({
    name: "hello",
    doc: "Greets.",
    code: 9000,
    request: { who: name8("Who.") },
    response: { count: u32("How often.") },
  });
  const seen: string[] = [];
  for await (const t of dissect(CAPTURE, { commands: [hello] })) {
    if (t.command === "hello") seen.push(typed<string>(t.request!.who));
    else if (t.command === "ping") typed<Record<never, never> | null>(t.request);
  }
  assertEquals(seen, []);
  typed<RequestOf<typeof hello>>({ who: "ann" });
});

Deno.test("every command is encoded with its frame, and decoded again", () => {
  for (const release of ["0.8", "0.9.1-edge.8"]) {
    const asked = encode(commands.login_user, {
      request: { username: "ann", password: "secret" },
      release: "0.8",
    });
    const [login] = decode(asked, { direction: "request" }) as Transaction[];
    assertEquals(login!.command === "login_user" && login!.request!.username, "ann");
    const made = encode(commands.create_stream, { request: { name: "a" }, release });
    const answer = encode(commands.create_stream, {
      response: null,
      status: 1012,
      release,
    });
    const { transactions } = dialogue([["client", made], ["server", answer]]);
    assertEquals(transactions.map(({ name, failure }) => [name, failure]), [
      ["create_stream", "stream_name_already_exists"],
    ]);
  }
});

Deno.test("stats counts as the program does", async () => {
  const { total, groups } = await stats(CAPTURE, { by: "outcome" });
  assertEquals([total.count, groups[0]!.key], [205, "ok"]);
});

Deno.test("every entry of the package is documented, and the main one is small", async () => {
  for (const [entry, path] of Object.entries(config.exports)) {
    const url = new URL(path, new URL("../", import.meta.url));
    const { code, stdout } = await run(Deno.execPath(), ["doc", "--json", url.pathname]);
    assertEquals(code, 0, entry);
    const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
    const [{ module_doc, symbols }] = Object.values(nodes) as [
      { module_doc?: { doc?: string }; symbols: unknown[] },
    ];
    assert(module_doc?.doc, `${entry} says what it is`);
    if (entry === ".") assert(symbols.length <= 45, `${symbols.length} names`);
  }
});
