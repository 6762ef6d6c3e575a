import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { widthOf } from "../../core/export/mod.ts";
import { cli, fixture } from "./support.ts";

const CAPTURE = fixture("classic-080-all.pcap");

Deno.test("text has one line a transaction within the width, columns aligned", async (t) => {
  for (const width of [80, 100, 160]) {
    await t.step(`${width} columns`, async () => {
      const { code, stdout, stderr } = await cli(["--width", String(width), CAPTURE]);
      assertEquals({ code, stderr }, { code: 0, stderr: "" });
      const lines = stdout.trimEnd().split("\n");
      assertEquals(lines.length, 90);
      for (const line of lines) assert(widthOf(line) <= width, line);
      const streams = lines.filter((line) =>
        line.includes("create_stream") && line.includes("→ ok")
      );
      assertEquals(streams.length, 2);
      const arrows = streams.map((line) => widthOf(line.split("→ ok")[0]!));
      assertEquals(arrows[0], arrows[1], "a wide name shifts nothing");
      assertStringIncludes(streams[1]!, "스트림-日本");
    });
  }
});

Deno.test("text says what was asked, what came back and how long it took", async () => {
  const { stdout } = await cli(["--width", "80", "-c", "10", CAPTURE]);
  assertEquals(
    stdout,
    "08:48:19.321  0 ping                              → ok                    321 µs\n" +
      "08:48:19.322  0 login_user username=iggy      → invalid_credentials (42) 57.5 ms\n",
  );
});

Deno.test("tree shows every field, its human form and its place", async () => {
  const { stdout } = await cli(["-V", "--width", "100", CAPTURE]);
  assertStringIncludes(stdout, "Transaction 4: get_stats → ok after 617 µs");
  assertStringIncludes(stdout, "    memory_usage: 118603776 (113.1 MiB)  ");
  assertStringIncludes(
    stdout,
    "    start_time: 1795250873000000 (2026-11-21T08:47:53.000000Z)  ",
  );
  assertStringIncludes(stdout, "        role: leader (0)  ");
  assertStringIncludes(stdout, "[61..62)\n");
});

Deno.test("-x adds the bytes of each PDU", async () => {
  const { stdout } = await cli(["-x", "-c", "6", CAPTURE]);
  assertStringIncludes(
    stdout,
    "     request, 8 bytes\n     0000  04 00 00 00 01 00 00 00 ",
  );
});

Deno.test("ndjson has the keys of a record in order, json the same records", async () => {
  const ndjson = await cli(["-T", "ndjson", CAPTURE]);
  const records: Record<string, unknown>[] = ndjson.stdout.trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  assertEquals(records.length, 90);
  for (const record of records) {
    assertEquals(Object.keys(record), [
      "transaction",
      "conversation",
      "client",
      "server",
      "framing",
      "release",
      "command",
      "code",
      "request",
      "response",
      "response_time_us",
      "issues",
    ]);
  }
  const json = await cli(["-T", "json", CAPTURE]);
  assertEquals(JSON.parse(json.stdout), records);
  const empty = await cli(["-T", "json", "-c", "1", CAPTURE]);
  assertEquals(JSON.parse(empty.stdout), []);
});

Deno.test("csv has the same number of cells in each row", async () => {
  const { stdout } = await cli(["-T", "csv", CAPTURE]);
  const rows = stdout.trimEnd().split("\r\n");
  assertEquals(rows.length, 91);
  const cells = rows.map((row) => row.replaceAll(/"([^"]|"")*"/g, "").split(",").length);
  assertEquals(new Set(cells), new Set([20]));
});

Deno.test("--max-bytes limits the bytes shown", async () => {
  const hexOf = async (maxBytes: string) => {
    const filter = "iggy.send_messages.request.messages_count == 200";
    const { stdout } = await cli(
      ["-T", "ndjson", "--max-bytes", maxBytes, "-Y", filter, CAPTURE],
    );
    const { request } = JSON.parse(stdout);
    return request.fields.messages[0].payload.hex.length / 2;
  };
  assertEquals([await hexOf("4"), await hexOf("all")], [4, 1000]);
});

Deno.test("-Y keeps what matches; several captures are merged by time", async () => {
  const failed = await cli(["-T", "ndjson", "-Y", "iggy.status != 0", CAPTURE]);
  assertEquals(failed.stdout.trimEnd().split("\n").length, 11);
  const both = await cli(["-T", "ndjson", fixture("classic-080-go.pcap"), CAPTURE]);
  const times = both.stdout.trimEnd().split("\n").map((line) =>
    JSON.parse(line).response.time
  );
  assertEquals(times.length, 165);
  assertEquals(times, [...times].sort());
});

Deno.test("colours come only when asked for where there is no terminal", async () => {
  const plain = await cli([CAPTURE], { env: { NO_COLOR: "" } });
  assert(!plain.stdout.includes("\x1b"));
  const colored = await cli(["--color=always", CAPTURE], { env: { NO_COLOR: "" } });
  assertStringIncludes(colored.stdout, "\x1b[31minvalid_credentials (42)\x1b[39m");
});
