import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Capture } from "../../server/api.ts";
import { createApp } from "../../server/app.ts";
import { newId } from "../../server/store/id.ts";
import { withDisk } from "../support/small_disk.ts";
import { filesIn, fixture, problemOf, until, withServer } from "./support.ts";

const CAPTURE = fixture("classic-080-all.pcap");

/** A body that comes in pieces, as far as it is asked for. */
function chunked(
  bytes: Uint8Array,
  size: number,
  between: () => Promise<void> = async () => {},
): ReadableStream<Uint8Array> {
  return ReadableStream.from((async function* () {
    for (let at = 0; at < bytes.length; at += size) {
      yield bytes.subarray(at, at + size);
      await between();
    }
  })());
}

/** Files of captures; the catalog's own are left out. */
function capturesIn(folder: string): string[] {
  return filesIn(`${folder}/captures`);
}

Deno.test("an upload is kept as it came, whatever its pieces and its compression", async () => {
  await withServer({ showSecrets: true }, async ({ ask }) => {
    const plain = await Deno.readFile(CAPTURE);
    const bodies = [plain, gzipSync(plain), zstdCompressSync(plain)];
    const found: Capture[] = [];
    for (const bytes of bodies.map((body) => new Uint8Array(body))) {
      const body = chunked(bytes, 777);
      const response = await ask("/api/captures?name=mine", { method: "POST", body });
      const capture: Capture = await response.json();
      assertEquals(response.status, 201);
      assertEquals(response.headers.get("location"), `/api/captures/${capture.id}`);
      const file = await ask(`/api/captures/${capture.id}/file`);
      assertEquals(new Uint8Array(await file.arrayBuffer()), bytes);
      found.push(capture);
    }
    for (const { packets, transactions, errors, state, name, cut } of found) {
      assertEquals(
        { packets, transactions, errors, state, name, cut },
        {
          packets: 217,
          transactions: 90,
          errors: 11,
          state: "ready",
          name: "mine",
          cut: false,
        },
      );
    }
  });
});

Deno.test("a cut capture is taken, and says so", async () => {
  await withServer({}, async ({ ask }) => {
    const whole = await Deno.readFile(CAPTURE);
    const damaged = whole.slice();
    damaged.fill(0xff, 100_000, 200_000);
    for (const body of [whole.subarray(0, 200_001), damaged]) {
      const response = await ask("/api/captures", { method: "POST", body });
      const capture: Capture = await response.json();
      assertEquals([response.status, capture.cut], [201, true]);
      assertEquals(capture.issues[0]?.group, "malformed");
      assertEquals(capture.size, body.length);
    }
  });
});

Deno.test("what is no capture is refused and leaves nothing", async () => {
  await withServer({}, async ({ ask, folder }) => {
    const bodies = [
      new TextEncoder().encode("<html>not a capture</html>"),
      new Uint8Array(0),
      new Uint8Array([1, 2]),
      new Uint8Array(gzipSync("text in gzip")),
      new Uint8Array([0x1f, 0x8b, 9, 9, 9, 9]),
      crypto.getRandomValues(new Uint8Array(50_000)),
    ];
    for (const body of bodies) {
      const response = await ask("/api/captures", { method: "POST", body });
      await problemOf(response, 415);
    }
    await problemOf(await ask("/api/captures", { method: "POST" }), 415);
    assertEquals(capturesIn(folder), []);
  });
});

Deno.test("an upload over the limit is refused: by its length, and on the way", async () => {
  await withServer({ limits: { uploadBytes: 100_000 } }, async ({ ask, folder }) => {
    const bytes = await Deno.readFile(CAPTURE);
    let taken = 0;
    const body = chunked(bytes, 10_000, () => {
      taken++;
      return Promise.resolve();
    });
    await problemOf(await ask("/api/captures", { method: "POST", body }), 413);
    assert(taken < 15, `${taken} pieces`);
    const headers = { "content-length": String(bytes.length) };
    await problemOf(
      await ask("/api/captures", { method: "POST", body: bytes, headers }),
      413,
    );
    assertEquals(capturesIn(folder), []);
  });
});

Deno.test("bombs are refused in little memory", async () => {
  await withServer({}, async ({ ask, folder }) => {
    const head = (await Deno.readFile(CAPTURE)).subarray(0, 24);
    const zeros = new Uint8Array(256 * 1024 * 1024 + head.length);
    zeros.set(head);
    const bombs = [gzipSync(zeros, { level: 9 }), zstdCompressSync(zeros)];
    for (const bomb of bombs) {
      const before = Deno.memoryUsage().rss;
      const body = new Uint8Array(bomb);
      const response = await ask("/api/captures", { method: "POST", body });
      // Zeros are no packets: the capture is damaged long before the bomb goes off.
      assert([201, 413].includes(response.status));
      await response.text();
      assert(Deno.memoryUsage().rss - before < 256 * 1024 * 1024);
    }
    const left = capturesIn(folder).map((path) => Deno.statSync(path).size);
    assert(left.reduce((sum, size) => sum + size, 0) < 4 * 1024 * 1024);
  });
});

Deno.test("a running upload tells how far it is, and can be read", async () => {
  await withServer({}, async ({ ask, json }) => {
    const id = newId();
    const bytes = await Deno.readFile(CAPTURE);
    const { promise, resolve } = Promise.withResolvers<void>();
    let sent = 0;
    const body = chunked(bytes, 50_000, async () => {
      if (++sent === 5) await promise;
    });
    const headers = { "content-length": String(bytes.length) };
    const url = `/api/captures?id=${id}`;
    const upload = ask(url, { method: "POST", body, headers });
    // What came is written down at once and dissected behind that.
    let capture = await json<Capture>(`/api/captures/${id}`);
    await until(async () => {
      capture = await json<Capture>(`/api/captures/${id}`);
      return capture.size === 250_000 && capture.packets > 50 &&
        capture.transactions > 10;
    });
    assertEquals(
      [capture.state, capture.size, capture.expected_size],
      ["uploading", 250_000, bytes.length],
    );
    assert(capture.packets > 50 && capture.transactions > 10);
    assertEquals((await json<{ items: Capture[] }>("/api/captures")).items.length, 1);
    for (
      const part of ["transactions", "stats", "timeline", "conversations", "topology"]
    ) {
      let response = await ask(`/api/captures/${id}/${part}`);
      // 503 while its worker is writing.
      await until(async () => {
        if (response.status !== 503) return true;
        await response.body?.cancel();
        response = await ask(`/api/captures/${id}/${part}`);
        return false;
      });
      assertEquals([part, response.status], [part, 200]);
      assertEquals(response.headers.get("etag"), null);
      await response.text();
    }
    await problemOf(await ask(url, { method: "POST", body: bytes }), 409);
    resolve();
    assertEquals((await upload).status, 201);
    assertEquals((await json<Capture>(`/api/captures/${id}`)).state, "ready");
  });
});

Deno.test("an upload that is slow leaves nothing", async () => {
  await withServer({ limits: { bodyIdleMs: 50 } }, async ({ ask, folder }) => {
    const bytes = await Deno.readFile(CAPTURE);
    const never = new Promise<void>(() => {});
    const slow = chunked(bytes, 100_000, () => never);
    await problemOf(await ask("/api/captures", { method: "POST", body: slow }), 408);
    assertEquals(capturesIn(folder), []);
  });
});

Deno.test("an upload that is cancelled or broken off leaves nothing", async () => {
  await withServer({}, async ({ ask, json, folder }) => {
    const bytes = await Deno.readFile(CAPTURE);
    const id = newId();
    let sent = 0;
    const endless = chunked(bytes, 10, async () => {
      sent++;
      await new Promise((resolve) => setTimeout(resolve, 1));
    });
    const upload = ask(`/api/captures?id=${id}`, { method: "POST", body: endless });
    await until(() => sent > 5);
    assertEquals((await ask(`/api/captures/${id}`, { method: "DELETE" })).status, 204);
    await problemOf(await upload, 409);
    await problemOf(await ask(`/api/captures/${id}`), 404);

    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.subarray(0, 1000));
      },
      pull(controller) {
        controller.error(new Error("connection reset"));
      },
    });
    const other = `/api/captures?id=${newId()}`;
    await problemOf(await ask(other, { method: "POST", body: broken }), 400);
    assertEquals((await json<{ items: Capture[] }>("/api/captures")).items, []);
    const failed = await json<Capture>(other.replace("?id=", "/"));
    assertEquals([failed.state, failed.failure], [
      "failed",
      "The upload was aborted.",
    ]);
    assertEquals(capturesIn(folder), []);
  });
});

Deno.test("100 uploads at once stay within the space, and some are refused", async () => {
  const limits = { totalBytes: 3_000_000, uploads: 16 };
  await withServer({ limits }, async ({ ask, folder, json, logs }) => {
    const bytes = await Deno.readFile(CAPTURE);
    const answers = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const body = chunked(bytes, 30_000);
        const response = await ask("/api/captures", { method: "POST", body });
        await response.text();
        return response.status;
      }),
    );
    const ready = answers.filter((status) => status === 201).length;
    assert(ready >= 1 && ready <= 6, `${ready} ready`);
    assert(answers.every((status) => [201, 429, 507].includes(status)), `${answers}`);
    const kept = capturesIn(folder).map((path) => Deno.statSync(path).size);
    assert(kept.reduce((sum, size) => sum + size, 0) <= limits.totalBytes);
    const { items } = await json<{ items: Capture[] }>("/api/captures");
    assertEquals(items.length, ready);
    for (const { id } of items) {
      assertEquals((await ask(`/api/captures/${id}`, { method: "DELETE" })).status, 204);
    }
    assertEquals(capturesIn(folder), []);
    const last = await ask("/api/captures", { method: "POST", body: bytes });
    assertEquals(last.status, 201, logs.at(-2));
  });
});

Deno.test("a deleted capture is gone for who is reading it", async () => {
  await withServer({}, async ({ ask, upload }) => {
    const { id } = await upload("classic-080-concurrent.pcap");
    const stream = await ask(`/api/captures/${id}/transactions?format=ndjson`);
    const reader = stream.body!.getReader();
    assertStringIncludes(
      new TextDecoder().decode((await reader.read()).value),
      "transaction",
    );
    assertEquals((await ask(`/api/captures/${id}`, { method: "DELETE" })).status, 204);
    let error: unknown = null;
    try {
      while (!(await reader.read()).done);
    } catch (thrown) {
      error = thrown;
    }
    assert(error !== null);
    for (const part of ["", "/transactions", "/stats", "/pcap", "/transactions/0"]) {
      await problemOf(await ask(`/api/captures/${id}${part}`), 404);
    }
  });
});

/** Open files of this process under a folder, deleted ones too. */
async function openFiles(folder: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("ls", {
    args: ["-l", `/proc/${Deno.pid}/fd`],
  }).output();
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.includes(`${folder}/captures`));
}

Deno.test("an upload that fails or is cancelled keeps no file open", async () => {
  await withServer({ limits: { bodyIdleMs: 200 } }, async ({ ask, folder }) => {
    const bytes = await Deno.readFile(CAPTURE);
    for (const part of [1000, 100_000, 300_000]) {
      const stuck = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(bytes.subarray(0, part)),
      });
      await problemOf(await ask("/api/captures", { method: "POST", body: stuck }), 408);
    }
    await until(async () => (await openFiles(folder)).length === 0);
    assertEquals(capturesIn(folder), []);
  });
});

Deno.test("an index that is damaged or of another version is made anew", async () => {
  const folder = await Deno.makeTempDir();
  const start = () => createApp({ folder, log: () => {} });
  try {
    const first = start();
    const body = await Deno.readFile(CAPTURE);
    const made = await first.app.request("/api/captures?name=x", {
      method: "POST",
      body,
    });
    const capture: Capture = await made.json();
    await first.close();
    const path = `${folder}/captures/${capture.id}`;
    const damages = [
      () => new DatabaseSync(`${path}/index.sqlite`).exec("PRAGMA user_version = 1"),
      () => Deno.truncateSync(`${path}/index.sqlite`, 5000),
      () => Deno.writeTextFileSync(`${path}/index.sqlite`, "nothing of the kind"),
      () => Deno.removeSync(`${path}/pdus`),
      () => Deno.truncateSync(`${path}/pdus`, 1000),
      () => Deno.removeSync(`${path}/rows`),
      () => Deno.truncateSync(`${path}/rows`, 1000),
    ];
    for (const damage of damages) {
      damage();
      const again = start();
      let now: Capture = capture;
      await until(async () => {
        now = await (await again.app.request(`/api/captures/${capture.id}`)).json();
        return now.state === "ready";
      });
      assertEquals({ ...now, created: "" }, { ...capture, created: "" });
      const one = await again.app.request(`/api/captures/${capture.id}/transactions/89`);
      assertEquals(one.status, 200);
      await one.body?.cancel();
      await again.close();
    }
    Deno.writeTextFileSync(`${path}/index.sqlite`, "nothing of the kind");
    Deno.writeTextFileSync(`${path}/capture`, "nothing of the kind either");
    const last = start();
    await until(async () => {
      const response = await last.app.request(`/api/captures/${capture.id}`);
      return (await response.json()).state === "failed";
    });
    await last.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an index that rots while the server runs is told, and made anew at the next start", async () => {
  const folder = await Deno.makeTempDir();
  const start = () => createApp({ folder, log: () => {} });
  try {
    let server = start();
    const body = await Deno.readFile(CAPTURE);
    const made = await server.app.request("/api/captures", { method: "POST", body });
    const { id }: Capture = await made.json();
    const rot = (name: string, from: number) => {
      using file = Deno.openSync(`${folder}/captures/${id}/${name}`, { write: true });
      file.seekSync(from, Deno.SeekMode.Start);
      file.writeSync(new Uint8Array(4096).fill(0xff));
    };
    for (const name of ["index.sqlite", "pdus"]) {
      rot(name, name === "pdus" ? 100 : 4096);
      const ask = (path: string) => server.app.request(`/api/captures/${id}/${path}`);
      const problem = await problemOf(await ask("transactions/0"), 500);
      assertMatch(
        problem.detail!,
        /^The index of the capture is damaged \(.+\); the server makes it anew/,
      );
      await server.close();
      server = start();
      await until(async () => {
        const response = await ask("transactions/0");
        await response.body?.cancel();
        return response.status === 200;
      });
      // What is rotten next was not read yet.
      await server.close();
      server = start();
    }
    await server.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an upload can be cancelled while it is dissected, and tells how far it is", async () => {
  const name = "classic-080-load-small.pcap.gz";
  await withServer({}, async ({ ask, folder }) => {
    const id = newId();
    const body = await Deno.readFile(fixture(name));
    const upload = ask(`/api/captures?id=${id}`, { method: "POST", body });
    let capture: Capture | null = null;
    await until(async () => {
      const response = await ask(`/api/captures/${id}`);
      if (response.status !== 200) return false;
      capture = await response.json() as Capture;
      return capture.state === "dissecting" && capture.dissected > 0 &&
        capture.transactions > 0;
    });
    const { dissected, size } = capture!;
    assert(dissected <= size && size === body.length, `${dissected} of ${size}`);
    assertEquals((await ask(`/api/captures/${id}`, { method: "DELETE" })).status, 204);
    await problemOf(await upload, 409);
    assertEquals(capturesIn(folder), []);
  });
});

Deno.test("a full disk is told as 507, and deleting makes room again", async () => {
  await withDisk("3m", async ({ folder }) => {
    const server = createApp({ folder, log: () => {} });
    const ask = async (path: string, init?: RequestInit) =>
      await server.app.request(path, init);
    try {
      const body = await Deno.readFile(CAPTURE);
      const made: Capture[] = [];
      let refused = 0;
      for (let i = 0; i < 12; i++) {
        const response = await ask("/api/captures", { method: "POST", body });
        if (response.status === 201) made.push(await response.json());
        else {
          refused++;
          await problemOf(response, 507);
        }
      }
      assert(made.length > 0 && refused > 0, `${made.length} made, ${refused} refused`);
      for (const { id } of made) {
        assertEquals(
          (await ask(`/api/captures/${id}`, { method: "DELETE" })).status,
          204,
        );
      }
      assertEquals(filesIn(`${folder}/captures`), []);
      assertEquals((await ask("/api/captures", { method: "POST", body })).status, 201);
    } finally {
      await server.close();
    }
  });
});
