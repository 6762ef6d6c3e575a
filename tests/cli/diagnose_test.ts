import { assertEquals, assertStringIncludes } from "@std/assert";
import { cli, fixture } from "./support.ts";

const IDLE = fixture("classic-080-idlepoll.pcap");

Deno.test("diagnose says what is wrong, why, and what to try, in 80 columns", async () => {
  const { code, stdout, stderr } = await cli(["diagnose", IDLE]);
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "warn  empty_poll_storm  127.0.0.1:37322 as q/t group");
  for (const part of ["seen: ", "means: ", "try: ", "look at: transactions "]) {
    assertStringIncludes(stdout, `    ${part}`);
  }
  assertEquals(stdout.split("\n").filter((line) => line.length > 80), []);
});

Deno.test("diagnose --fail-on fails from that severity on", async () => {
  const rows: [string, string, number][] = [
    [IDLE, "note", 1],
    [IDLE, "warn", 1],
    [IDLE, "error", 0],
    [fixture("mismatch-py080-on-090e5.pcap"), "error", 1],
    [fixture("classic-080-all.pcap"), "note", 0],
  ];
  for (const [file, severity, wanted] of rows) {
    const { code } = await cli(["diagnose", "--fail-on", severity, file]);
    assertEquals(code, wanted, `${file} ${severity}`);
  }
});

Deno.test("diagnose prints JSON, and a line where nothing is wrong", async () => {
  const { stdout } = await cli(["diagnose", "-T", "json", IDLE]);
  const [storm] = JSON.parse(stdout);
  assertEquals([storm.id, storm.severity], ["empty_poll_storm", "warn"]);
  const none = await cli(["diagnose", fixture("classic-080-all.pcap")]);
  assertEquals([none.code, none.stdout], [0, "nothing found\n"]);
});
