import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Ajv2020 as Ajv } from "ajv/2020";
import { run } from "../support/peer.ts";
import { junitSchema, sarifSchema } from "../support/schemas.ts";
import { cli, fixture, withFolder, writingCli } from "./support.ts";

Deno.test("check tells what an SDK writes amiss, and ends with 1", async () => {
  const { code, stdout, stderr } = await cli(["check", fixture("classic-080-go.pcap")]);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(code, 1);
  assertEquals(
    lines.filter((line) => line.includes("malformed")),
    ["packet 36, byte 25: update_user: 1 trailing bytes (malformed)"],
  );
  assertEquals(stderr, `iggyscope: ${lines.length} findings\n`);
});

Deno.test("check is content with what was refused if the filter leaves it out", async () => {
  const capture = fixture("classic-080-all.pcap");
  const quiet = await cli(["check", "-Y", "iggy.status == 0", capture]);
  assertEquals([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);
  const { code, stdout } = await cli(["check", capture]);
  assertEquals(code, 1);
  const refused = stdout.split("\n").find((line) => line.includes("invalid_credentials"));
  assertEquals(
    refused,
    "packet 10: login_user: answered invalid_credentials (42) (error_status)",
  );
});

Deno.test("check finds slow responses, as records too", async () => {
  const args = ["check", "-T", "ndjson", "--max-response-time", "30ms"];
  const { stdout } = await cli([
    ...args,
    "-Y",
    "iggy.status == 0",
    fixture("classic-080-all.pcap"),
  ]);
  const records = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert(records.length > 0);
  assert(records.every(({ message }) => /^took [\d.]+ ms$/.test(message)), stdout);
});

Deno.test("a severity and a limit for one command leave the rest out", async () => {
  const capture = fixture("classic-080-go.pcap");
  const { code, stdout } = await cli(["check", "--severity=error", capture]);
  assertEquals([code, stdout], [0, ""]);
  const limited = await cli([
    "check",
    "-Y",
    "iggy.status == 0",
    "--max-response-time=login_user=1ms",
    fixture("classic-080-all.pcap"),
  ]);
  const lines = limited.stdout.trimEnd().split("\n");
  assertEquals(lines.length, 1);
  assertMatch(
    lines[0]!,
    /^packet \d+: login_user: took [\d.]+ ms \(slow_response\)$/,
  );
  const unknown = await cli(["check", "--max-response-time=logn=1ms", capture]);
  assertEquals([unknown.code, unknown.stderr], [
    2,
    'iggyscope: --max-response-time: no command is named "logn"\n',
  ]);
});

Deno.test("a baseline leaves out what is known, and only so often", async () => {
  await withFolder(async (folder) => {
    const known = `${folder}/known.json`;
    const check = (...args: string[]) => writingCli(folder, ["check", ...args]);
    const capture = fixture("classic-080-all.pcap");
    assertEquals((await check(`--write-baseline=${known}`, capture)).code, 0);
    const again = await check(`--baseline=${known}`, capture);
    assertEquals([again.code, again.stdout.length, again.stderr], [0, 0, ""]);
    const other = await check(`--baseline=${known}`, fixture("classic-080-go.pcap"));
    assertEquals(other.code, 1);
    assertStringIncludes(other.stdout, "1 trailing bytes");
    await Deno.writeTextFile(known, "[]");
    const wrong = await check(`--baseline=${known}`, capture);
    assertEquals([wrong.code, wrong.stderr], [
      2,
      `iggyscope: --baseline ${known}: not a list of findings with id, command, message ` +
      "and count\n",
    ]);
  });
});

Deno.test("SARIF fits its published schema", async () => {
  const schema = await sarifSchema();
  if (schema === null) return;
  const ajv = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false });
  // The schema is of an older draft, which this validator reads but for its name.
  const validate = ajv.compile<unknown>({ ...schema, $schema: undefined, id: undefined });
  for (const name of ["classic-080-all.pcap", "vsr-090e5-pipelined.pcap"]) {
    const { code, stdout } = await cli(["check", "-T", "sarif", fixture(name)]);
    assertEquals(code, 1);
    const log = JSON.parse(stdout);
    const valid = validate(JSON.parse(stdout));
    assert(valid, JSON.stringify(validate.errors));
    const [{ tool, results }] = log.runs;
    assertEquals(results[0].ruleId, tool.driver.rules[results[0].ruleIndex].id);
  }
});

Deno.test("JUnit fits its published schema", async () => {
  const schema = junitSchema();
  if (schema === null) return;
  for (const name of ["classic-080-all.pcap", "classic-080-pipelined.pcap"]) {
    const { code, stdout } = await cli(["check", "-T", "junit", fixture(name)]);
    assertEquals(code, 1);
    const { code: invalid, stderr } = await run(
      "xmllint",
      ["--noout", "--schema", schema, "-"],
      { stdin: new TextEncoder().encode(stdout) },
    );
    assertEquals(invalid, 0, stderr);
  }
});
