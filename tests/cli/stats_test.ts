import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
} from "@std/assert";
import { GROUPINGS } from "../../core/stats/mod.ts";
import { cli, fixture } from "./support.ts";

const CAPTURE = fixture("classic-080-all.pcap");

Deno.test("stats fits 80 columns, whatever it groups by", async () => {
  for (const name of ["classic-080-concurrent.pcap", "vsr-090e5-all.pcap"]) {
    for (const by of GROUPINGS) {
      const args = ["stats", "--width", "80", "--by", by, "--interval", "0.5"];
      const { code, stdout, stderr } = await cli([...args, fixture(name)]);
      assertEquals([code, stderr], [0, ""]);
      const long = stdout.split("\n").filter((line) => [...line].length > 80);
      assertEquals(long, [], by);
      assertStringIncludes(stdout, `\n${by.padEnd(8)}`);
    }
  }
});

Deno.test("stats counts what dissect prints", async () => {
  const stats = JSON.parse((await cli(["stats", "-T", "json", CAPTURE])).stdout);
  const records = (await cli(["-T", "ndjson", CAPTURE])).stdout.trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  assertEquals(stats.total.count, records.length);
  for (const { key, count, errors } of stats.groups) {
    const own = records.filter(({ command }) => command === key);
    assertEquals(own.length, count, key);
    assertEquals(own.filter(({ response }) => response?.status > 0).length, errors, key);
  }
  const { buckets } = stats.timeline;
  const sum = buckets.reduce(
    (sum: number, { count }: { count: number }) => sum + count,
    0,
  );
  assertEquals(sum, records.length);
});

Deno.test("stats -T csv has a line for each group", async () => {
  const { stdout } = await cli(["stats", "-T", "csv", "--by", "status", CAPTURE]);
  const [head, ...lines] = stdout.trimEnd().split("\r\n");
  assert(head!.startsWith("status,count,errors,unanswered,p50_us"));
  assert(lines.some((line) => line.startsWith("ok,79,0,0,")), stdout);
});

Deno.test("stats takes a filter, and says when nothing passed", async () => {
  const some = await cli(["stats", "-T", "csv", "-Y", "iggy.status != 0", CAPTURE]);
  assertEquals(
    some.stdout.trimEnd().split("\r\n").slice(1)
      .reduce((sum, line) => sum + Number(line.split(",")[1]), 0),
    11,
  );
  const none = await cli(["stats", "-Y", "ipv6", CAPTURE]);
  assertEquals([none.code, none.stdout], [0, "no transactions\n"]);
});

Deno.test("stats says what is wrong in a line", async () => {
  const rows: [string[], string][] = [
    [["--by", "colour"], "--by is one of command, status,"],
    [["--interval", "0"], '--interval is a number above 0, not "0"'],
    [["--interval", "1m"], "--interval is a number above 0"],
    [["--width", "10"], "--width is a number from 72 on"],
    [["-T", "xml"], "--format is one of text, json, csv"],
  ];
  for (const [args, message] of rows) {
    const { code, stdout, stderr } = await cli(["stats", ...args, CAPTURE]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, message);
    assertEquals(stderr.split("\n").length, 2);
  }
});

Deno.test("stats groups by several keys, sorts and cuts", async () => {
  const args = ["stats", "-T", "csv", "--by", "command,outcome", "--sort", "errors"];
  const { stdout } = await cli([...args, "--top", "3", CAPTURE]);
  const [head, ...lines] = stdout.trimEnd().split("\r\n");
  assert(head!.startsWith('"command,outcome",count,errors'));
  assertEquals(lines.length, 3);
  assert(lines.every((line) => / \| error,\d+,[1-9]/.test(line)), stdout);
});

Deno.test("stats --times says where the time went", async () => {
  const lossy = fixture("classic-080-lossy.pcap");
  const { stdout } = await cli(["stats", "--times", "--width", "120", lossy]);
  assertStringIncludes(stdout, "server p50 server p99");
  const wide = stdout.split("\n").filter((line) => [...line].length > 120);
  assertEquals(wide, []);
});

Deno.test("stats --times counts what was lost and what a window held back", async () => {
  const lossy = fixture("classic-080-lossy.pcap");
  const names = ["iggy.command", "iggy.lost_time", "iggy.zero_window_time"];
  const fields = await cli([
    "-T",
    "fields",
    ...names.flatMap((name) => ["-e", name]),
    "-E",
    "occurrence=f",
    lossy,
  ]);
  const [text, csv, json] = await Promise.all(
    ["text", "csv", "json"].map((format) =>
      cli(["stats", "--times", "--width", "80", "-T", format, lossy])
    ),
  );
  const recount = new Map<string, number[]>();
  for (const line of fields.stdout.trimEnd().split("\n")) {
    const [command, lost] = line.split("\t");
    if (lost === "") continue;
    recount.set(command!, [...recount.get(command!) ?? [], Number(lost) * 1e6]);
  }
  const { groups } = JSON.parse(json!.stdout);
  for (const { key, lost_time_us, zero_window_time_us } of groups) {
    const lost = recount.get(key) ?? [];
    assertEquals(lost_time_us === null, lost.length === 0, key);
    if (lost_time_us === null) continue;
    const mean = lost.reduce((sum, us) => sum + us, 0) / lost.length;
    assertAlmostEquals(lost_time_us.mean, mean, 0.01, key);
    assertAlmostEquals(lost_time_us.max, Math.max(...lost), 0.01, key);
    assertEquals(zero_window_time_us.max, 0);
  }
  assertStringIncludes(text!.stdout, "lost p50  lost p99  lost sum 0-win p50");
  assertEquals(text!.stdout.split("\n").filter((line) => [...line].length > 80), []);
  assertStringIncludes(csv!.stdout.split("\r\n")[0]!, ",lost_p50_us,lost_p99_us,");
});
