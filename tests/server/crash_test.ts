import { assert, assertEquals } from "@std/assert";
import type { Capture } from "../../server/api.ts";
import { newId } from "../../server/store/id.ts";
import { filesIn, fixture, until } from "./support.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** A server in a process of its own. */
interface ServerProcess {
  readonly url: string;
  readonly child: Deno.ChildProcess;
  /** Standard error so far. */
  errors(): string;
}

/** Starts `serve` with just the permissions that the README names. */
async function startServer(data: string, args: string[] = []): Promise<ServerProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      `--allow-read=${data},.`,
      `--allow-write=${data}`,
      "--allow-net=127.0.0.1",
      "cli/main.ts",
      "serve",
      "--port=0",
      `--data=${data}`,
      ...args,
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let text = "";
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  void (async () => {
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const match = /iggyscope: (http:\/\/[^ ]+)\/\n/.exec(text);
      if (match !== null) resolve(match[1]!);
    }
    reject(new Error(`the server ended: ${text}`));
  })();
  return { url: await promise, child, errors: () => text };
}

/** A capture's bytes, stopped in the middle until told. */
function halfway(bytes: Uint8Array): { body: ReadableStream<Uint8Array>; go(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const body = ReadableStream.from((async function* () {
    yield bytes.subarray(0, bytes.length / 2);
    await promise;
    yield bytes.subarray(bytes.length / 2);
  })());
  return { body, go: resolve };
}

Deno.test("kill -9 in the middle of uploads loses no finished capture", async () => {
  const data = await Deno.makeTempDir();
  const bytes = await Deno.readFile(fixture("classic-080-concurrent.pcap"));
  try {
    const first = await startServer(data);
    const done = await fetch(`${first.url}/api/captures`, {
      method: "POST",
      body: bytes,
    });
    const kept: Capture = await done.json();
    const before = await (await fetch(
      `${first.url}/api/captures/${kept.id}/transactions?format=ndjson`,
    )).text();
    const halves = Array.from({ length: 3 }, () => halfway(bytes));
    const uploads = halves.map(({ body }) => {
      const id = newId();
      const url = `${first.url}/api/captures?id=${id}`;
      return { id, sent: fetch(url, { method: "POST", body }).catch(() => null) };
    });
    for (const { id } of uploads) {
      await until(async () => {
        const response = await fetch(`${first.url}/api/captures/${id}`);
        const capture = await response.json();
        return capture.transactions > 0;
      });
    }
    // Another upload is being written down at the very moment.
    const last = fetch(`${first.url}/api/captures`, { method: "POST", body: bytes })
      .then((response) => response.status, () => null);
    await new Promise((resolve) => setTimeout(resolve, 30));
    first.child.kill("SIGKILL");
    await first.child.status;
    for (const { go } of halves) go();
    await Promise.all(uploads.map(({ sent }) => sent));
    const lastStatus = await last;

    const second = await startServer(data);
    const { items }: { items: Capture[] } =
      await (await fetch(`${second.url}/api/captures`)).json();
    assert(items.some(({ id }) => id === kept.id));
    assert(items.every(({ state }) => state === "ready"));
    assert(items.length <= 2 && (lastStatus !== 201 || items.length === 2));
    for (const { id } of items) {
      const url = `${second.url}/api/captures/${id}/transactions?format=ndjson`;
      assertEquals(await (await fetch(url)).text(), before);
    }
    const folders = new Set(
      filesIn(`${data}/captures`).map((path) => path.split("/").at(-2)),
    );
    assertEquals(folders, new Set(items.map(({ id }) => id)));
    second.child.kill("SIGTERM");
    assertEquals((await second.child.status).code, 0);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("a stopping server lets a running upload end", async () => {
  const data = await Deno.makeTempDir();
  const bytes = await Deno.readFile(fixture("classic-080-all.pcap"));
  try {
    const server = await startServer(data);
    const { body, go } = halfway(bytes);
    const id = newId();
    const upload = fetch(`${server.url}/api/captures?id=${id}`, { method: "POST", body });
    await until(async () =>
      (await (await fetch(`${server.url}/api/captures/${id}`)).json()).packets > 0
    );
    server.child.kill("SIGTERM");
    await until(() => server.errors().includes('"stopping"'));
    go();
    const response = await upload;
    assertEquals([response.status, (await response.json()).state], [201, "ready"]);
    assertEquals((await server.child.status).code, 0);
    const again = await startServer(data);
    const found = await (await fetch(`${again.url}/api/captures/${id}`)).json();
    assertEquals(found.transactions, 90);
    again.child.kill("SIGTERM");
    await again.child.status;
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("two servers do not work on the same folder", async () => {
  const data = await Deno.makeTempDir();
  try {
    const first = await startServer(data);
    let message = "";
    try {
      await startServer(data);
    } catch (error) {
      message = String(error);
    }
    assert(message.includes("another server works on the same --data"), message);
    first.child.kill("SIGTERM");
    await first.child.status;
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
