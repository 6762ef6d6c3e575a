import { assert, assertEquals } from "@std/assert";
import { Output } from "../../cli/output.ts";
import { run } from "../support/peer.ts";
import {
  cli,
  conversation,
  fixture,
  MAIN,
  request,
  response,
  withFolder,
} from "./support.ts";

const CAPTURE = fixture("classic-080-all.pcap");

Deno.test("a closed pipe ends quietly", async () => {
  const script = `"$1" run --no-prompt --allow-read "$2" -V "$3" | head -1`;
  const args = [
    "-c",
    script,
    "sh",
    Deno.execPath(),
    MAIN,
    fixture("classic-080-lossy.pcap"),
  ];
  const { code, stdout, stderr } = await run("sh", args);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assertEquals(new TextDecoder().decode(stdout).split("\n").length, 2);
});

Deno.test("standard input gives what the file gives, whatever the environment", async () => {
  const expected = await cli(["-T", "ndjson", CAPTURE]);
  const stdin = await Deno.readFile(CAPTURE);
  assertEquals(await cli(["-T", "ndjson", "-"], { stdin }), expected);
  assertEquals(await cli(["-T", "ndjson"], { stdin }), expected);
  const text = await cli([CAPTURE]);
  const env = { TZ: "Asia/Tokyo", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" };
  assertEquals(await cli([CAPTURE], { env }), text);
});

Deno.test("a live capture shows its lines at once; Ctrl-C leaves whole lines", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", MAIN, "-T", "ndjson", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  await writer.write(conversation([
    ["client", request(1)],
    ["server", response(0)],
    ["client", request(22)],
  ]));
  const { value } = await reader.read();
  assertEquals(JSON.parse(value!).command, "ping");
  child.kill("SIGINT");
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    rest += value;
  }
  assertEquals(JSON.parse(rest).command, "get_clients");
  assert(rest.endsWith("}\n"));
  assertEquals(await new Response(child.stderr).text(), "");
  const { code } = await child.status;
  assertEquals(code, 130);
  await writer.close().catch(() => {});
});

Deno.test("--follow waits for a file that grows", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/growing.pcap`;
    const bytes = conversation([["client", request(1)], ["server", response(0)]]);
    await Deno.writeFile(file, bytes.subarray(0, 100));
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-read", MAIN, "--follow", file],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await Deno.writeFile(file, bytes.subarray(100), { append: true });
    const { value } = await reader.read();
    assert(value?.includes(" ping "), value);
    child.kill("SIGINT");
    await reader.cancel();
    assertEquals(await new Response(child.stderr).text(), "");
    assertEquals((await child.status).code, 130);
  });
});

Deno.test("the first line is written at once, the others together", () => {
  const writes: string[] = [];
  const { writeSync } = Deno.stdout;
  Deno.stdout.writeSync = (bytes) => {
    writes.push(new TextDecoder().decode(bytes));
    return bytes.length;
  };
  try {
    const output = new Output();
    output.live = false;
    for (const text of ["", "first\n", "second\n", "third\n"]) output.write(text);
    assertEquals(writes, ["first\n"]);
    output.flush();
    assertEquals(writes, ["first\n", "second\nthird\n"]);
  } finally {
    Deno.stdout.writeSync = writeSync;
  }
});
