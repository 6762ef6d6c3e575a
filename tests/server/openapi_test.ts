import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { misfit, type Schema } from "../support/json_schema.ts";
import { type TestServer, withServer } from "./support.ts";

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { content: Record<string, { schema: Schema }> };
  readonly responses: Record<
    string,
    { description: string; content?: Record<string, { schema: Schema }> }
  >;
}

interface Description {
  readonly openapi: string;
  readonly info: { version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, Schema> };
}

Deno.test("the description names every route, and says what each gives", async () => {
  await withServer({}, async ({ json, app }) => {
    const description = await json<Description>("/openapi.json");
    assertEquals(description.openapi, "3.1.0");
    const described = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
    );
    const routes = app.routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    assertEquals(
      new Set(described),
      new Set(routes).difference(new Set(["GET /openapi.json"])),
    );
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const where = `${method} ${path}`;
        assert(operation.summary !== "", where);
        assert("default" in operation.responses, where);
        const named = (operation.parameters ?? []).filter((each) => each.in === "path");
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
        assertEquals(named.map(({ name }) => name).sort(), inPath.sort(), where);
      }
    }
  });
});

/** Values for one parameter: right ones, wrong ones, and hostile ones. */
function valuesOf(
  { name, schema }: Parameter,
  id: string,
  transactions: number,
): fc.Arbitrary<string> {
  const right: fc.Arbitrary<string>[] = [];
  if (name === "id") right.push(fc.constant(id), fc.constant(id));
  else if (name === "n") right.push(fc.nat(transactions + 1).map(String));
  else if (name === "filter" || name === "text") {
    right.push(fc.constantFrom(
      "iggy.status != 0",
      "iggy.command",
      "frame.number in {1..50}",
      "iggy.poll_messages.response.messages.offset > 1",
      "tcp.port == 8090 && !(iggy.response_time < 1ms)",
    ));
  } else if (schema.enum !== undefined) {
    right.push(fc.constantFrom(...schema.enum.map(String)));
  } else if (schema.type === "integer") {
    right.push(fc.nat(2000).map(String));
  } else if (schema.type === "number") {
    right.push(fc.double({ noNaN: true, min: 0, max: 2e9 }).map((x) => x.toFixed(3)));
  } else if (schema.type === "boolean") right.push(fc.boolean().map(String));
  const wrong = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: "binary", maxLength: 20 }).map((text) => text.toWellFormed()),
    fc.constantFrom("", "..", "-1", "1e99", "null", "NaN", "__proto__", "%00", "\0", "𝒳"),
    fc.bigInt().map(String),
  );
  return fc.oneof(...right.map((arbitrary) => ({ arbitrary, weight: 3 })), wrong);
}

/** A request for an operation. */
interface Try {
  readonly url: string;
  readonly init: RequestInit;
}

function triesOf(
  path: string,
  method: string,
  operation: Operation,
  id: string,
  transactions: number,
): fc.Arbitrary<Try> {
  const parameters = operation.parameters ?? [];
  const values = fc.tuple(...parameters.map((parameter) => {
    const arbitrary = valuesOf(parameter, id, transactions);
    const isNeeded = parameter.in === "path" || parameter.required === true;
    return isNeeded ? arbitrary : fc.option(arbitrary, { nil: undefined });
  }));
  const hex = fc.uint8Array({ maxLength: 64 }).map((bytes) => bytes.toHex());
  const type = Object.keys(operation.requestBody?.content ?? {})[0];
  const body: fc.Arbitrary<string | null> = type === undefined
    ? fc.constant(null)
    : fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ hex, direction: fc.constantFrom("request", "response") })
        .map((value) => JSON.stringify(value)),
    );
  return fc.tuple(values, body).map(([values, body]) => {
    let target = path;
    const query = new URLSearchParams();
    parameters.forEach((parameter, i) => {
      const value = values[i];
      if (value === undefined) return;
      if (parameter.in === "path") {
        // Dots alone would name another path.
        const part = /^\.{0,2}$/.test(value) ? "-" : encodeURIComponent(value);
        target = target.replace(`{${parameter.name}}`, () => part);
      } else if (parameter.in === "query") query.append(parameter.name, value);
    });
    return {
      url: `${target}?${query}`,
      init: {
        method: method.toUpperCase(),
        body,
        headers: new Headers(type === undefined ? [] : [["content-type", type]]),
      },
    };
  });
}

async function check(
  server: TestServer,
  { url, init }: Try,
  operation: Operation,
  components: Record<string, Schema>,
): Promise<void> {
  const response = await server.ask(url, init);
  const where = `${init.method} ${url} -> ${response.status}`;
  assert(response.status < 500, where);
  const described = operation.responses[response.status] ?? operation.responses.default!;
  const type = response.headers.get("content-type")?.split(";")[0] ?? null;
  if (type === "text/event-stream") return await response.body?.cancel();
  const text = await response.text();
  const isProblem = type === "application/problem+json";
  const content = isProblem ? operation.responses.default!.content : described.content;
  if (type === null) return assertEquals(text, "", where);
  const schema = content?.[type]?.schema;
  assert(schema !== undefined, `${where}: ${type} is not described`);
  // Lines of JSON are no JSON.
  if (!/[/+]json$/.test(type)) return;
  const value: unknown = JSON.parse(text);
  assertEquals(misfit(value, schema, components), null, where);
  if (isProblem) assert(!/\bat .*\.ts:|Error:/.test(text), `${where}: ${text}`);
}

Deno.test("whatever is asked, the answer is as described", async () => {
  const limits = { requestsPerSecond: 1e6, requestsAtOnce: 1e6, listeners: 1e6 };
  await withServer({ limits }, async (server) => {
    const { id, transactions } = await server.upload("classic-080-all.pcap");
    const { paths, components } = await server.json<Description>("/openapi.json");
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (method === "delete") continue; // It would take the capture away.
        const tries = triesOf(path, method, operation, id, transactions);
        await fc.assert(
          fc.asyncProperty(
            tries,
            (each) => check(server, each, operation, components.schemas),
          ),
          { numRuns: 60 },
        );
      }
    }
    assertEquals((await server.ask("/healthz")).status, 200);
    assert(!server.logs.some((line) => line.includes('"fault"')), server.logs.join("\n"));
  });
});
