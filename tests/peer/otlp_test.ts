/**
 * Spans for OpenTelemetry: their form by the published definitions, and what becomes of them
 * where a collector is slow, refuses some, or is down.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { isFailure } from "../../core/dissect/outcome.ts";
import { transactionsOf } from "../../core/dissect/dissect.ts";
import { type Span, spanOf, type TraceRequest } from "../../core/export/otlp/mod.ts";
import { encode } from "../../core/schema/mod.ts";
import { iggyRegistry } from "../../plugins/registry.ts";
import {
  cli,
  conversation,
  fixture,
  MAIN,
  request,
  response,
  type Sent,
  withFolder,
} from "../cli/support.ts";
import { run } from "../support/peer.ts";
import { requirePython } from "../support/python.ts";

const CAPTURE = fixture("classic-080-all.pcap");
const READER = new URL("otlp_spans.py", import.meta.url).pathname;

function spansIn(lines: string): Span[] {
  return lines.trim().split("\n").flatMap((line) => {
    const { resourceSpans }: TraceRequest = JSON.parse(line);
    return resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans)
    );
  });
}

Deno.test("spans are what the definitions of OpenTelemetry say, one a transaction", async () => {
  if (!await requirePython("opentelemetry.proto")) return;
  await withFolder(async (folder) => {
    for (
      const name of [
        "classic-080-all.pcap",
        "vsr-090e5-all.pcap",
        "classic-080-midstream.pcap",
        "proto-0110-replica.pcap",
      ]
    ) {
      const { code, stdout, stderr } = await cli(["export", "otlp", fixture(name)]);
      assertEquals(code, 0, stderr);
      await Deno.writeTextFile(`${folder}/spans.jsonl`, stdout);
      const read = await run("python3", [READER, `${folder}/spans.jsonl`]);
      let spans = 0, errors = 0;
      for await (const { outcome } of transactionsOf(fixture(name), iggyRegistry())) {
        spans++;
        if (isFailure(outcome)) errors++;
      }
      const told = new TextDecoder().decode(read.stdout);
      assertEquals(told, `${spans} ${spans} ${errors}\n`, `${name}: ${read.stderr}`);
    }
  });
});

Deno.test("a span tells the operation, where it went and what came of it", async () => {
  const { stdout } = await cli(["export", "otlp", "--service", "shop", CAPTURE]);
  const again = await cli(["export", "otlp", "--service", "shop", CAPTURE]);
  assertEquals(again.stdout, stdout, "the same capture gives the same spans");
  const spans = spansIn(stdout);
  const poll = spans.find(({ name }) => name === "poll_messages orders/eu")!;
  const values = Object.fromEntries(
    poll.attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
  );
  assertEquals(values["messaging.system"], "iggy");
  assertEquals(values["messaging.operation.type"], "receive");
  assertEquals(values["messaging.destination.name"], "orders/eu");
  assertEquals(values["server.port"], "8090");
  const failed = spans.find(({ status }) => status.code === 2)!;
  assertEquals(failed.status.message, "invalid_credentials");
  assert(!stdout.includes("secret"), "no secret leaves");
});

Deno.test("a span links to the span that a message's header traceparent names", async () => {
  const registry = iggyRegistry();
  const traceId = "0af7651916cd43dd8448eb211c80319c", spanId = "b7ad6b7169203331";
  const header = {
    key_kind: "string",
    key: "traceparent",
    value_kind: "string",
    value: `00-${traceId}-${spanId}-01`,
  };
  const said: Sent[] = [];
  for await (
    const { name, request: asked, response: came } of transactionsOf(CAPTURE, registry)
  ) {
    // The login tells the release, and so how headers are written.
    if (name === "login_user" && came?.status === 0) {
      said.push(["client", asked!.bytes], ["server", came.bytes]);
    }
    if (name !== "send_messages") continue;
    const fields = structuredClone(asked!.decoded!.fields) as {
      messages: { user_headers: unknown; user_headers_length?: number }[];
    };
    fields.messages[0]!.user_headers = [header];
    delete fields.messages[0]!.user_headers_length;
    const payload = encode(asked!.layout!, fields as never, asked!.release);
    said.push(["client", request(101, payload)], ["server", response(0)]);
    break;
  }
  const bytes = conversation(said);
  const spans: (Span | null)[] = [];
  for await (const transaction of transactionsOf(bytes, registry)) {
    spans.push(spanOf(transaction));
  }
  assertEquals(spans.map((span) => span?.links), [[], [{ traceId, spanId }]]);
});

/** Sends to a collector that answers so, one answer after another, the last for ever. */
async function sent(answers: readonly Response[]) {
  let asked = 0, spans = 0;
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      assertEquals(pathname, "/v1/traces");
      const body = await request.text();
      const answer = answers[Math.min(asked++, answers.length - 1)]!.clone();
      if (answer.ok) spans += spansIn(body).length;
      return answer;
    },
  );
  try {
    const url = `http://127.0.0.1:${server.addr.port}`;
    const { code, stderr } = await run(Deno.execPath(), [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-net=127.0.0.1",
      MAIN,
      "export",
      "otlp",
      "--endpoint",
      url,
      CAPTURE,
    ]);
    return { code, stderr, asked, spans };
  } finally {
    await server.shutdown();
  }
}

Deno.test("a collector that is busy is asked again, and gets each span once", async () => {
  const busy = new Response("", { status: 503 });
  const { code, stderr, asked, spans } = await sent([busy, busy, new Response("{}")]);
  assertEquals([code, stderr, asked, spans], [0, "", 3, 90]);
});

Deno.test("spans that a collector refuses are counted", async () => {
  const some = new Response(JSON.stringify({ partialSuccess: { rejectedSpans: "7" } }));
  const partly = await sent([some]);
  assertEquals([partly.code, partly.asked], [3, 1]);
  assertMatch(partly.stderr, /7 of 90 spans were not accepted/);
  const no = await sent([new Response("", { status: 400 })]);
  assertEquals([no.code, no.asked], [3, 1]);
  assertMatch(
    no.stderr,
    /accepted no spans: HTTP status 400\n.*90 of 90 spans were not accepted/,
  );
});

Deno.test("what a collector says beyond reason is not counted", async () => {
  const rejecting = (rejectedSpans: unknown) =>
    JSON.stringify({ partialSuccess: { rejectedSpans } });
  for (const answer of ["<html>", "null", rejecting(-5), rejecting("many")]) {
    const { code, stderr, asked } = await sent([new Response(answer)]);
    assertEquals([code, stderr, asked], [0, "", 1], answer);
  }
  const { code, stderr } = await sent([new Response(rejecting(1e9))]);
  assertEquals(code, 3);
  assertMatch(stderr, /90 of 90 spans were not accepted/);
});

Deno.test("of a collector's answer without an end only the beginning is read", async () => {
  const endless = new ReadableStream({
    pull: (stream) => stream.enqueue(new Uint8Array(65536)),
  });
  const { code, stderr, asked } = await sent([new Response(endless)]);
  assertEquals([code, stderr, asked], [0, "", 1]);
});

Deno.test("a collector that is down is named, and so is a missing permission", async () => {
  const args = ["export", "otlp", "--endpoint", "http://127.0.0.1:9", CAPTURE];
  const refused = await cli(args);
  assertEquals(refused.code, 2);
  assertMatch(refused.stderr, /--allow-net=127\.0\.0\.1:9/);
  const down = await run(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-net=127.0.0.1",
    MAIN,
    ...args,
  ]);
  assertEquals(down.code, 3);
  assertMatch(down.stderr, /127\.0\.0\.1:9 accepted no spans: .*\n.*90 of 90/);
});
