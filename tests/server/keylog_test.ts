import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type {
  Capture,
  ConversationPage,
  Ladder,
  TransactionPage,
} from "../../server/api.ts";
import { createApp } from "../../server/app.ts";
import {
  filesIn,
  fixture,
  problemOf,
  type TestServer,
  until,
  withServer,
} from "./support.ts";

const SEALED = ["classic-080-tls", "classic-080-tls12-node", "vsr-090e5-quic"];

/** A form with a capture and its key log, in an order. */
async function form(name: string, order: readonly ("capture" | "keylog")[]) {
  const files = {
    capture: new Blob([await Deno.readFile(fixture(`${name}.pcap`))]),
    keylog: new Blob([await Deno.readFile(fixture(`${name}.keys`))]),
  };
  const body = new FormData();
  for (const part of order) body.append(part, files[part], `${name}.${part}`);
  return body;
}

async function send({ ask }: TestServer, body: FormData): Promise<Capture> {
  const response = await ask("/api/captures", { method: "POST", body });
  assertEquals(response.status, 201, await response.clone().text());
  return await response.json();
}

/** Every secret of a key log, as its hex. */
async function secretsOf(name: string): Promise<string[]> {
  const text = await Deno.readTextFile(fixture(`${name}.keys`));
  return text.split("\n").flatMap((line) =>
    line.split(" ")[2]?.trim().toLowerCase() ?? []
  );
}

Deno.test("a key log that comes with an upload opens it, in either order", async () => {
  await withServer({}, async (server) => {
    for (const name of SEALED) {
      const sealed = await server.upload(`${name}.pcap`);
      const found = [
        await send(server, await form(name, ["keylog", "capture"])),
        await send(server, await form(name, ["capture", "keylog"])),
      ];
      // What is sealed is said by transactions without PDUs.
      assert(found[0]!.transactions > 10 + sealed.transactions, name);
      assertEquals(found[0]!.transactions, found[1]!.transactions);
      assertEquals(found[0]!.name, `${name}.capture`);
      assertEquals(found[0]!.size, sealed.size);
    }
  });
});

Deno.test("nothing of a key gets into the data folder, logs or answers", async () => {
  await withServer({ showSecrets: true }, async (server) => {
    for (const name of SEALED) {
      const { id } = await send(server, await form(name, ["capture", "keylog"]));
      const answers: string[] = [];
      for (
        const path of [
          "",
          "/conversations?iggy=false",
          "/transactions",
          "/pcap",
          "/stats",
        ]
      ) {
        const answer = await server.ask(`/api/captures/${id}${path}`);
        assertEquals(answer.status, 200, path);
        answers.push(new TextDecoder("latin1").decode(await answer.arrayBuffer()));
      }
      answers.push(await (await server.ask("/metrics")).text(), ...server.logs);
      for (const file of filesIn(server.folder)) {
        answers.push(new TextDecoder("latin1").decode(await Deno.readFile(file)));
      }
      const secrets = await secretsOf(name);
      assert(secrets.length >= 1);
      for (const secret of secrets) {
        const raw = new TextDecoder("latin1").decode(Uint8Array.fromHex(secret));
        for (const text of answers) {
          assert(!text.toLowerCase().includes(secret), `${name}: the hex of a secret`);
          assert(!text.includes(raw), `${name}: the bytes of a secret`);
        }
      }
    }
  });
});

Deno.test("a QUIC connection is listed and told by its negative number", async () => {
  await withServer({}, async (server) => {
    const { id } = await send(
      server,
      await form("vsr-090e5-quic", ["keylog", "capture"]),
    );
    const page = await server.json<ConversationPage>(`/api/captures/${id}/conversations`);
    assert(page.items.length > 0);
    for (const { conversation, transport, security } of page.items) {
      assertEquals([transport, security?.opened], ["udp", true]);
      assert(conversation < 0);
      const one = await server.json<{ conversation: unknown; pdus: unknown[] }>(
        `/api/captures/${id}/conversations/${conversation}`,
      );
      assert(one.pdus.length > 0);
    }
    const first = await server.json<ConversationPage>(
      `/api/captures/${id}/conversations?limit=1&iggy=false`,
    );
    assertEquals(first.items.length, 1);
    if (first.next !== null) {
      await server.json(`/api/captures/${id}/conversations?cursor=${first.next}`);
    }
  });
});

Deno.test("filters and the ladder know the connection and the streams of QUIC", async () => {
  await withServer({}, async (server) => {
    const { id } = await send(
      server,
      await form("vsr-090e5-quic", ["keylog", "capture"]),
    );
    const path = `/api/captures/${id}`;
    const { items } = await server.json<TransactionPage>(
      `${path}/transactions?limit=500`,
    );
    const opened = items.filter(({ request }) => request !== null);
    assertEquals(opened.length, 60);
    assertEquals(new Set(opened.map(({ quic }) => quic?.stream)).size, 60);
    for (
      const [filter, count] of [
        ["quic", 60],
        ["tls", 60],
        ["quic.connection == 0 && udp.stream == 0", 60],
        ["quic.connection.number == 1", 0],
        ["quic.stream.stream_id == 8", 1],
        ["tcp", 0],
      ] as const
    ) {
      const query = `filter=${encodeURIComponent(filter)}`;
      const { total } = await server.json<TransactionPage>(
        `${path}/transactions?${query}`,
      );
      assertEquals(total, count, filter);
    }
    const ladder = await server.json<Ladder>(`${path}/conversations/-1?segments=true`);
    assertEquals(ladder.conversation.quic_connections, [0]);
    const expected = opened.flatMap(({ transaction, quic, request, response }) =>
      [request, response].map((pdu) => [pdu!.packet, pdu!.time, transaction, quic])
    ).sort(([a], [b]) => Number(a) - Number(b));
    const rungs = ladder.pdus.map((
      { packet, time, transaction, quic },
    ) => [packet, time, transaction, quic]);
    assertEquals(rungs, expected);
    assertEquals([ladder.segments, ladder.issues], [[], []]);
    await problemOf(await server.ask(`${path}/conversations/-1/sequence`), 404);
  });
});

Deno.test("a key log of another session opens nothing", async () => {
  await withServer({}, async (server) => {
    const body = new FormData();
    const [capture, keys] = await Promise.all([
      Deno.readFile(fixture("classic-080-tls.pcap")),
      Deno.readFile(fixture("classic-080-tls12-node.keys")),
    ]);
    body.append("keylog", new Blob([keys]));
    body.append("capture", new Blob([capture]));
    const { id } = await send(server, body);
    const { items } = await server.json<ConversationPage>(
      `/api/captures/${id}/conversations?iggy=false`,
    );
    assert(items.length > 0);
    assertEquals(items.filter(({ security }) => security?.opened), []);
  });
});

Deno.test("an upload in parts that is not valid is refused, in any cut of its bytes", async () => {
  const capture = await Deno.readFile(fixture("classic-080-all.pcap"));
  const text = Array.from(capture, (byte) => String.fromCharCode(byte)).join("");
  const part = (name: string, content: string) =>
    `--b-b\r\nContent-Disposition: form-data; name="${name}"; filename="x"\r\n\r\n${content}\r\n`;
  const good = `${part("keylog", "")}${part("capture", text)}--b-b--\r\n`;
  await withServer({ limits: { keyLogBytes: 1000 } }, async ({ ask }) => {
    const post = (
      body: string,
      size: number,
      type = "multipart/form-data; boundary=b-b",
    ) => {
      const bytes = Uint8Array.from(body, (letter) => letter.charCodeAt(0));
      return ask("/api/captures", {
        method: "POST",
        headers: { "content-type": type },
        body: ReadableStream.from((function* () {
          for (let at = 0; at < bytes.length; at += size) {
            yield bytes.slice(at, at + size);
          }
        })()),
      });
    };
    for (const size of [13, 64, 1000, 1 << 20]) {
      const response = await post(good, size);
      assertEquals((await response.json()).transactions, 90, `pieces of ${size}`);
    }
    const refused: [string, number, string][] = [
      [part("capture", text), 400, "too early"],
      [good.replace('"keylog"', '"other"'), 400, "capture and keylog"],
      [good.replace('"keylog"', '"capture"'), 400, "two parts"],
      [`${part("keylog", "# none")}--b-b--`, 400, "no part is called capture"],
      [`--b-b\r\n${"x".repeat(20_000)}`, 400, "too long"],
      [`${part("keylog", "z".repeat(2000))}--b-b--`, 413, "1000 bytes"],
      ["", 400, ""],
    ];
    for (const [body, status, words] of refused) {
      for (const size of [50, 1 << 20]) {
        const { detail } = await problemOf(await post(body, size), status);
        assertStringIncludes(detail!, words);
      }
    }
    await problemOf(await post(good, 1000, "multipart/form-data"), 400);
  });
});

Deno.test("a key log is kept only where it is asked for, and opens an index made anew", async () => {
  const folder = await Deno.makeTempDir();
  const start = () => createApp({ folder, log: () => {} });
  try {
    const counts: Record<string, number[]> = {};
    for (const query of ["", "?keep_keylog=true"]) {
      const first = start();
      const body = await form("classic-080-tls12-node", ["capture", "keylog"]);
      const made = await first.app.request(`/api/captures${query}`, {
        method: "POST",
        body,
      });
      assertEquals(made.status, 201);
      const { id, transactions }: Capture = await made.json();
      await first.close();
      const path = `${folder}/captures/${id}`;
      const kept = [...Deno.readDirSync(path)].some(({ name }) => name === "keylog");
      assertEquals(kept, query !== "");
      if (kept) assertEquals(Deno.statSync(`${path}/keylog`).mode! & 0o777, 0o600);
      Deno.removeSync(`${path}/pdus`);
      const again = start();
      let now: Capture | null = null;
      await until(async () => {
        now = await (await again.app.request(`/api/captures/${id}`)).json();
        return now!.state === "ready";
      });
      counts[query] = [transactions, now!.transactions];
      await again.app.request(`/api/captures/${id}`, { method: "DELETE" });
      await again.close();
      assertEquals([...Deno.readDirSync(`${folder}/captures`)].length, 0);
    }
    // What stays sealed is one bare finding, or nothing where its port is nobody's.
    assertEquals(counts["?keep_keylog=true"], [23, 23]);
    assertEquals([counts[""]![0], counts[""]![1]! < 2], [23, true]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
