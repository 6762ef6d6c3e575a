import { assert, assertEquals } from "@std/assert";
import { PcapWriter } from "../../core/capture/mod.ts";
import type { Capture, ConversationPage } from "../../server/api.ts";
import { serve } from "../../server/mod.ts";
import { ethernetFrame, ipv4, tcp } from "../support/packets.ts";
import { fixture, withServer } from "./support.ts";

const SYN = 2;

/** A capture of nothing but beginnings of connections, each from another port. */
function flood(packets: number): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => parts.push(bytes));
  for (let i = 0; i < packets; i++) {
    const packet = ipv4(tcp({
      sourcePort: 1 + i % 65_535,
      destinationPort: 8090,
      sequence: i,
      acknowledgment: 0,
      flags: SYN,
      payload: new Uint8Array(),
    }));
    packet.set([10, 1, i >> 16, 1], 12);
    writer.write(1_767_323_045 + i, 0, ethernetFrame(0x0800, packet));
  }
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

Deno.test("a flood of SYNs makes an index of about its own size", async () => {
  await withServer({}, async ({ ask, json, folder }) => {
    const body = flood(43_000);
    const created = await ask("/api/captures", { method: "POST", body });
    assertEquals(created.status, 201);
    const { id, conversations, issues } = await created.json() as Capture;
    assertEquals(conversations, 43_000);
    assert(issues.some(({ message }) => /counted but not listed/.test(message)));
    const { size } = await Deno.stat(`${folder}/captures/${id}/index.sqlite`);
    assert(size < 4 * body.length, `${size} bytes of index for ${body.length}`);
    const all = `/api/captures/${id}/conversations?iggy=false&limit=1000`;
    assertEquals((await json<ConversationPage>(all)).items.length, 1000);
  });
});

Deno.test("a parameter that a route does not know is refused on every route", async () => {
  await withServer({}, async ({ ask, json, upload }) => {
    const { id } = await upload("classic-080-all.pcap");
    type Description = {
      paths: Record<string, Record<string, { operationId?: string }>>;
    };
    const { paths } = await json<Description>("/openapi.json");
    let tried = 0;
    for (const [pattern, methods] of Object.entries(paths)) {
      const path = pattern.replace("{id}", id).replace("{n}", "0").replace(
        "{name}",
        "ping",
      );
      for (const [method, { operationId }] of Object.entries(methods)) {
        assert(/^[a-z][A-Za-z]+$/.test(operationId ?? ""), `${method} ${pattern}`);
        if (method === "delete") continue;
        const post = { method: "POST", body: "{}", headers: JSON_BODY };
        const init = method === "post" ? post : {};
        const answer = await ask(`${path}?nonsense=1`, init);
        await answer.body?.cancel();
        assertEquals(answer.status, 400, `${method} ${path}`);
        tried++;
      }
    }
    assert(tried > 20, `${tried} routes`);
  });
});

const JSON_BODY = { "content-type": "application/json" };

Deno.test("eight uploads that drip, slow readers and unfinished requests hold nobody up", async () => {
  const folder = await Deno.makeTempDir();
  const limits = { uploads: 12 };
  const server = await serve({
    folder,
    hostname: "127.0.0.1",
    port: 0,
    limits,
    log: () => {},
  });
  const base = `http://127.0.0.1:${server.port}`;
  const encoder = new TextEncoder();
  const connections: Deno.Conn[] = [];
  const open = async (text: string) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    await connection.write(encoder.encode(text));
    connections.push(connection);
    return connection;
  };
  const host = `Host: 127.0.0.1:${server.port}\r\n`;
  const capture = await Deno.readFile(fixture("classic-080-all.pcap"));
  try {
    const first = await fetch(`${base}/api/captures`, { method: "POST", body: capture });
    const { id } = await first.json() as Capture;
    const dripping = await Promise.all(Array.from({ length: 8 }, async () => {
      const connection = await open(
        `POST /api/captures HTTP/1.1\r\n${host}Content-Length: ${capture.length}\r\n\r\n`,
      );
      await connection.write(capture.subarray(0, 30));
      return connection;
    }));
    for (let i = 0; i < 20; i++) {
      await open(`GET /healthz HTTP/1.1\r\nHo`); // a request without its end
      // One that asks for much and reads nothing.
      await open(
        `GET /api/captures/${id}/transactions?format=ndjson HTTP/1.1\r\n${host}\r\n`,
      );
    }
    for (let i = 0; i < 10; i++) {
      for (const connection of dripping) {
        await connection.write(capture.subarray(30 + i, 31 + i));
      }
      const page = await fetch(`${base}/api/captures/${id}/transactions?limit=5`);
      assertEquals((await page.json()).total, 90);
    }
    const another = await fetch(`${base}/api/captures`, {
      method: "POST",
      body: capture,
    });
    assertEquals((await another.json() as Capture).transactions, 90);
  } finally {
    for (const connection of connections) connection.close();
    await server.stop(0);
    await Deno.remove(folder, { recursive: true });
  }
});
