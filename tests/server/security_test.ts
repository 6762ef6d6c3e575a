import { assert, assertEquals } from "@std/assert";
import { serve } from "../../server/mod.ts";
import { PcapWriter } from "../../core/capture/mod.ts";
import { secretsOf } from "./secrets.ts";
import { fixture, problemOf, type TestServer, withServer } from "./support.ts";

Deno.test("a foreign name is refused: 421", async () => {
  await withServer({ hosts: ["scope.example"] }, async ({ ask }) => {
    for (const host of ["evil.example", "127.0.0.1.evil.example", "evil.example:8099"]) {
      await problemOf(await ask("/api/captures", { headers: { host } }), 421);
      await problemOf(await ask("/", { headers: { host } }), 421);
    }
    for (
      const host of [
        "localhost:8099",
        "127.0.0.1",
        "[::1]:8099",
        "LOCALHOST",
        "scope.example",
      ]
    ) {
      assertEquals((await ask("/api/captures", { headers: { host } })).status, 200, host);
    }
  });
});

Deno.test("a page of another site is refused: 403", async () => {
  await withServer({}, async ({ ask }) => {
    const host = "localhost:8099";
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: "http://localhost:9999" },
      { origin: "http://localhost:8099.evil.example" },
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
    ];
    for (const headers of foreign) {
      const init = { method: "POST", body: "x", headers: { host, ...headers } };
      await problemOf(await ask("/api/captures", init), 403);
      const response = await ask("/api/captures", { headers: { host, ...headers } });
      assertEquals(response.headers.get("access-control-allow-origin"), null);
      await problemOf(response, 403);
    }
    const own = {
      host,
      origin: "http://localhost:8099",
      "sec-fetch-site": "same-origin",
    };
    assertEquals((await ask("/api/captures", { headers: own })).status, 200);
    const visit = { host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    await problemOf(await ask("/", { headers: visit }), 404); // no page in this test
    await problemOf(await ask("/api/captures", { headers: visit }), 403);
  });
});

Deno.test("with a token, everything that tells something needs it", async () => {
  const token = "right-token";
  await withServer({ token, limits: { wrongTokens: 20 } }, async ({ ask, app }) => {
    const wrong: Record<string, string>[] = [
      {},
      { authorization: "Bearer wrong" },
      { authorization: "Bearer right-toke" },
      { authorization: "Basic cmlnaHQtdG9rZW4=" },
      { cookie: "iggyscope_token=wrong" },
      { cookie: "iggyscope_token=%E0%A4%A" },
    ];
    for (const headers of wrong) {
      for (const path of ["/api/captures", "/metrics", "/openapi.json", "/api/live"]) {
        const response = await ask(path, { headers });
        assertEquals(response.headers.get("www-authenticate")?.slice(0, 6), "Bearer");
        await problemOf(response, 401);
      }
    }
    for (const path of app.routes.map(({ path }) => path)) {
      if (!path.startsWith("/api/") || path === "/api/session") continue;
      const plain = path.replace(":id", "0".repeat(26)).replace(":n", "0");
      await problemOf(await ask(plain), 401);
    }
    assertEquals((await ask("/healthz")).status, 200);
    const headers = { authorization: `Bearer ${token}` };
    assertEquals((await ask("/api/captures", { headers })).status, 200);

    const login = async (token: string) =>
      await ask("/api/session", {
        method: "POST",
        body: JSON.stringify({ token }),
        headers: { "content-type": "application/json" },
      });
    const session = await login(token);
    assertEquals(session.status, 204);
    const set = session.headers.get("set-cookie") ?? "";
    assert(/HttpOnly; SameSite=Strict/.test(set));
    const cookie = set.split(";")[0]!;
    assertEquals((await ask("/api/captures", { headers: { cookie } })).status, 200);
    let last = 0;
    for (let i = 0; i < 30 && last !== 429; i++) {
      last = (await login(`guess ${i}`)).status;
    }
    assertEquals(last, 429);
  });
});

Deno.test("a public address without a token is refused", async () => {
  let message = "";
  try {
    await serve({ folder: "unused", hostname: "0.0.0.0", port: 0 });
  } catch (error) {
    message = String(error);
  }
  assertEquals(message, "Error: listening on 0.0.0.0 needs a token");
});

Deno.test("too many requests of one address are refused: 429", async () => {
  const limits = { requestsPerSecond: 1, requestsAtOnce: 5 };
  await withServer({ limits }, async ({ ask }) => {
    const statuses = [];
    for (let i = 0; i < 8; i++) statuses.push((await ask("/healthz")).status);
    assertEquals(statuses, [200, 200, 200, 200, 200, 429, 429, 429]);
  });
});

/** What must not be taken for an id or a number. */
const WALKS = [
  "..",
  "../..",
  "%2e%2e",
  "%2e%2e%2f%2e%2e%2fcatalog.sqlite",
  "..%2f..%2fetc%2fpasswd",
  "/etc/passwd",
  "%2fetc%2fpasswd",
  "%00",
  "0%00",
  "%",
  "%zz",
  "..\\..",
  "catalog.sqlite",
  "0".repeat(26).toUpperCase() + "I",
  "é".repeat(26),
  "-1",
  "1e9",
  "99999999999999999999",
  "NaN",
];

Deno.test("no parameter walks: over the socket, as bytes, on every route", async () => {
  const folder = await Deno.makeTempDir();
  const server = await serve({ folder, hostname: "127.0.0.1", port: 0, log: () => {} });
  const paths = new Set(server.app.routes.map(({ path }) => path));
  const body = await Deno.readFile(fixture("classic-080-all.pcap"));
  const created = await server.app.request("/api/captures", { method: "POST", body });
  const { id } = await created.json();
  try {
    for (const path of paths) {
      if (!path.includes(":")) continue;
      for (const walk of WALKS) {
        const tries = path.includes(":n")
          ? [path.replace(":n", walk).replace(":id", id)]
          : [];
        if (path.includes(":id")) {
          tries.push(path.replace(":id", walk).replace(":n", "0"));
        }
        for (const target of tries) {
          const status = await rawStatus(server.port, `GET ${target} HTTP/1.1`);
          assert([400, 404].includes(status), `${target}: ${status}`);
        }
      }
    }
  } finally {
    await server.stop(0);
    await Deno.remove(folder, { recursive: true });
  }
});

/** Sends a request as it stands; gives the status of the answer. */
async function rawStatus(port: number, ...lines: string[]): Promise<number> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const text = [...lines, "Host: localhost", "Connection: close", "", ""].join("\r\n");
  await connection.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(4096);
  const timer = setTimeout(() => connection.close(), 30_000);
  const count = await connection.read(buffer).catch(() => null) ?? 0;
  clearTimeout(timer);
  try {
    connection.close();
  } catch {
    // The timer did.
  }
  const answer = new TextDecoder().decode(buffer.subarray(0, count));
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}

Deno.test("bad bodies and bad lengths are refused, and the server goes on", async () => {
  const folder = await Deno.makeTempDir();
  const limits = { uploadBytes: 100_000, bodyIdleMs: 200 };
  const server = await serve({
    folder,
    limits,
    hostname: "127.0.0.1",
    port: 0,
    log: () => {},
  });
  const post = "POST /api/captures HTTP/1.1";
  const head = (await Deno.readFile(fixture("classic-080-all.pcap"))).subarray(0, 24);
  try {
    const cases: [number[], string[]][] = [
      [[400], [post, "Content-Length: abc"]],
      [[400], [post, "Content-Length: -1"]],
      [[400], [post, "Content-Length: 4", "Content-Length: 5"]],
      [[400, 413], [post, "Content-Length: 99999999999999999999"]],
      [[413], [post, "Content-Length: 100001"]],
      [[400, 413, 415], [post, "Content-Length: 9", "Transfer-Encoding: chunked"]],
      [[408], [post, "Content-Length: 5000"]],
      [[408], [post, "Transfer-Encoding: chunked"]],
      [[400, 0], ["GET / HTTP/9.9"]],
      [[400, 414, 431, 0], [`GET /${"a".repeat(300_000)} HTTP/1.1`]],
    ];
    for (const [expected, lines] of cases) {
      const status = await rawStatus(server.port, ...lines);
      assert(expected.includes(status), `${lines.join(" ").slice(0, 90)}: ${status}`);
    }
    const url = `http://127.0.0.1:${server.port}`;
    let isOver = false;
    const endless = ReadableStream.from((function* () {
      yield head;
      while (!isOver) yield new Uint8Array(65_536);
    })());
    const response = await fetch(`${url}/api/captures`, { method: "POST", body: endless })
      .catch(() => null); // The connection may end before the answer is read.
    if (response !== null) assertEquals((await problemOf(response, 413)).status, 413);
    isOver = true;
    assertEquals((await (await fetch(`${url}/healthz`)).json()).status, "ok");
    assertEquals([...Deno.readDirSync(`${folder}/captures`)].length, 0);
  } finally {
    await server.stop(0);
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("answers bear a policy without inline script, and are not sniffed", async () => {
  await withServer({}, async ({ ask }) => {
    for (const path of ["/healthz", "/nope", "/api/captures/x", "/openapi.json"]) {
      const { headers } = await ask(path);
      const policy = headers.get("content-security-policy") ?? "";
      assert(policy.startsWith("default-src 'none'"));
      assert(!policy.includes("unsafe"));
      assertEquals(headers.get("x-content-type-options"), "nosniff");
    }
  });
});

/** Everything that the server answers and logs about a capture. */
async function everything(
  server: TestServer,
  id: string,
  count: number,
): Promise<string> {
  const base = `/api/captures/${id}`;
  const paths = [
    "/api/captures",
    base,
    `${base}/transactions?limit=1000`,
    `${base}/transactions?limit=1000&view=row`,
    `${base}/transactions?format=ndjson&max_bytes=1000000`,
    `${base}/transactions?format=csv`,
    `${base}/stats`,
    `${base}/topology`,
    `${base}/conversations?iggy=false`,
    `${base}/conversations/0?segments=true`,
    `${base}/pcap`,
    `${base}/file`,
    "/metrics",
    ...Array.from({ length: count }, (_, n) => `${base}/transactions/${n}`),
  ];
  const texts: string[] = [];
  for (const path of paths) {
    const response = await server.ask(path);
    const bytes = new Uint8Array(await response.arrayBuffer());
    texts.push(new TextDecoder("latin1").decode(bytes));
    texts.push(JSON.stringify([...response.headers]));
  }
  return [...texts, ...server.logs].join("\n");
}

/** Texts under which the secrets of the shipped captures could come out. */
function secretForms(secret: string): string[] {
  const hex = new TextEncoder().encode(secret).toHex();
  return [secret, hex, btoa(secret)];
}

for (
  const name of ["classic-080-all.pcap", "classic-080-lossy.pcap", "vsr-090e5-all.pcap"]
) {
  Deno.test(`no byte of a secret of ${name} comes out`, async () => {
    const secrets = (await secretsOf(name)).filter((secret) => secret.length > 4);
    assert(secrets.length > 2, "the capture has secrets");
    const usual = new Set(["iggy"]);
    await withServer({}, async (server) => {
      const { id, transactions } = await server.upload(name);
      const all = await everything(server, id, transactions);
      for (const secret of secrets.filter((secret) => !usual.has(secret))) {
        for (const form of secretForms(secret)) {
          assert(!all.includes(form), `${form} comes out`);
        }
      }
    });
    await withServer({ showSecrets: true }, async (server) => {
      const { id, transactions } = await server.upload(name);
      const all = await everything(server, id, transactions);
      for (const secret of secrets) assert(all.includes(secret), `${secret} is shown`);
    });
  });
}

Deno.test("a filter cannot guess a secret", async () => {
  await withServer({}, async ({ ask, upload }) => {
    const { id } = await upload("classic-080-all.pcap");
    const filter = encodeURIComponent('iggy.login_user.request.password == "iggy"');
    await problemOf(await ask(`/api/captures/${id}/transactions?filter=${filter}`), 422);
  });
});

Deno.test("hostile names are escaped in JSON, NDJSON and CSV", async () => {
  const hostile = '=1+1<script>alert("x")</script>\x1b]52;c;eA==\x07\u202e\r\n,"';
  await withServer({}, async ({ ask, json }) => {
    const body = captureOf(createStream(hostile));
    const created = await ask("/api/captures", { method: "POST", body });
    const { id } = await created.json();
    const base = `/api/captures/${id}/transactions`;
    const texts = await Promise.all(
      ["", "?view=row", "?format=ndjson", "?format=csv", "/0"].map(async (path) =>
        await (await ask(base + path)).text()
      ),
    );
    for (const text of texts) {
      assert(!/[^\P{Cc}\r\n]|\u202e/u.test(text));
    }
    assertEquals(texts[3]!.trim().split("\r\n").length, 2);
    const page = await json<{ items: { request: { fields: { name: string } } }[] }>(base);
    assertEquals(page.items[0]?.request.fields.name, hostile);
    const type = (await ask(base)).headers.get("content-type");
    assertEquals(type, "application/json");
  });
});

/** The classic PDU that makes a stream. */
function createStream(name: string): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  const pdu = new Uint8Array(8 + 1 + bytes.length);
  const view = new DataView(pdu.buffer);
  view.setUint32(0, pdu.length - 4, true);
  view.setUint32(4, 202, true);
  pdu[8] = bytes.length;
  pdu.set(bytes, 9);
  return pdu;
}

/** A capture of one client that sends these bytes to port 8090, over raw IPv4. */
function captureOf(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => parts.push(bytes), { linktype: 101 });
  const segment = (flags: number, sequence: number, data: Uint8Array) => {
    const packet = new Uint8Array(40 + data.length);
    const view = new DataView(packet.buffer);
    packet.set([0x45, 0, packet.length >> 8, packet.length & 255]);
    packet.set([64, 6], 8);
    packet.set([127, 0, 0, 1, 127, 0, 0, 1], 12);
    view.setUint16(20, 40_000);
    view.setUint16(22, 8090);
    view.setUint32(24, sequence);
    packet.set([0x50, flags, 255, 255], 32);
    packet.set(data, 40);
    writer.write(1, sequence, packet);
  };
  segment(2, 0, new Uint8Array(0));
  segment(24, 1, payload);
  segment(17, 1 + payload.length, new Uint8Array(0));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
