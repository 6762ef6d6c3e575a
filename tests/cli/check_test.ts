import { assert, assertEquals } from "@std/assert";
import { cli, fixture } from "./support.ts";

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
    "packet 10: login_user: answered invalid_credentials (42) (response_code)",
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
