/**
 * The schemas that `iggyscope schema` prints, held against what the program prints of every
 * shipped capture.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Ajv2020 } from "ajv/2020";
import { dissect } from "../../mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { SCHEMA_VERSION, transactionSchema } from "../../core/export/mod.ts";
import { captures } from "../golden/golden.ts";
import { cli, fixture, ROOT } from "./support.ts";

type Validate = (record: unknown) => string[];

/** A function that gives what is wrong with a record. */
function validator(schema: unknown): Validate {
  const ajv = new Ajv2020({ allowUnionTypes: true, strictTypes: false });
  const validate = ajv.compile(schema as object);
  return (record) => {
    if (validate(record)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      `${instancePath} ${message} ${JSON.stringify(params)}`
    );
  };
}

async function printedSchema(...args: string[]): Promise<Validate> {
  const { code, stdout, stderr } = await cli(["schema", ...args]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  return validator(JSON.parse(stdout));
}

const transactions = validator(transactionSchema(iggyRegistry()));

for (const capture of captures()) {
  Deno.test(`transactions of ${capture} are as the schema says`, async () => {
    for (const showSecrets of [false, true]) {
      const options = { maxBytes: 16, showSecrets };
      for await (const transaction of dissect(fixture(capture))) {
        const record = JSON.parse(JSON.stringify(transaction.toRecord(options)));
        assertEquals(transactions(record), [], JSON.stringify(record));
        if (transaction.number > 2000) break;
      }
    }
  });
}

Deno.test("the schema of a transaction refuses what is none", () => {
  const wrong = { ...RECORD, code: "1" };
  assertEquals(transactions(RECORD), []);
  assertStringIncludes(transactions(wrong).join(), "/code must be integer,null");
  assertStringIncludes(transactions({ ...RECORD, more: 1 }).join(), "more");
  const fields = { ...RECORD, command: "get_stream" };
  assertEquals(transactions({ ...fields, request: pdu({ stream_id: "s" }) }), []);
  assert(transactions({ ...fields, request: pdu({ stream_id: true }) }).length > 0);
  assert(transactions({ ...fields, request: pdu({ stream: "s" }) }).length > 0);
});

function pdu(fields: unknown) {
  return { packet: 1, time: "2026-01-02T03:04:05.000000000Z", length: 8, fields };
}

const RECORD = {
  transaction: 0,
  conversation: 0,
  client: "c",
  server: "s",
  framing: "classic",
  release: null,
  command: "ping",
  code: 1,
  request: pdu(null),
  response: null,
  response_time_us: null,
  issues: [],
};

Deno.test("what the program prints is as its schemas say", async () => {
  const files = ["classic-080-all.pcap", "vsr-090e5-all.pcap", "classic-080-lossy.pcap"]
    .map(fixture);
  const rows: readonly (readonly [schema: string[], args: string[]])[] = [
    [[], ["-T", "ndjson"]],
    [["transaction"], ["--show-secrets", "-T", "ndjson"]],
    [["info"], ["info", "-T", "ndjson"]],
    [["conversations"], ["conversations", "--all", "-T", "ndjson"]],
    [["conversations"], ["conversations", "--digest", "-T", "ndjson"]],
    [["stats"], ["stats", "-T", "json"]],
    [["stats"], ["stats", "--by", "topic", "--interval", "0.01", "-T", "json"]],
  ];
  for (const [schema, args] of rows) {
    const validate = await printedSchema(...schema);
    const { code, stdout } = await cli([...args, ...files]);
    assertEquals(code, 0);
    const records = args.includes("json") ? [stdout] : stdout.trimEnd().split("\n");
    for (const record of records) assertEquals(validate(JSON.parse(record)), [], record);
  }
});

Deno.test("a plugin's commands and framings are in the schema too", async () => {
  const folder = `${ROOT}examples/other_protocol/`;
  const plugin = ["--plugin", `${folder}mod.ts`];
  const validate = await printedSchema(...plugin);
  const { stdout } = await cli(["-T", "ndjson", ...plugin, `${folder}tally.pcap`]);
  const records = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(records.length, 4);
  for (const record of records) assertEquals(validate(record), []);
  assert(transactions(records[0]).length > 0, "without the plugin it is unknown");
});

Deno.test("the schema has the version in its id", () => {
  const { $id, $schema } = transactionSchema(iggyRegistry());
  assertEquals($id, `urn:iggyscope:schema:transaction:${SCHEMA_VERSION}`);
  assertEquals($schema, "https://json-schema.org/draft/2020-12/schema");
});
