import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { cli, fixture, withFolder, writingCli } from "./support.ts";

const fixtures = (...names: string[]) => names.map((name) => fixture(`${name}.pcap`));

Deno.test("a capture differs in nothing from itself, pipelined or lossy", async () => {
  for (const name of ["classic-080-all", "vsr-090e5-all", "classic-080-pipelined"]) {
    const { code, stdout } = await cli(["diff", ...fixtures(name, name)]);
    assertEquals(code, 0, name);
    assertStringIncludes(stdout, " alike, 0 different\n", name);
  }
});

Deno.test("two releases: what the SDK and the server say of themselves", async () => {
  const { code, stdout } = await cli([
    "diff",
    "--width=80",
    ...fixtures("classic-070-all", "classic-080-all"),
  ]);
  assertEquals(code, 1);
  const [, , verdict, , ...lines] = stdout.split("\n");
  assertEquals(verdict, "90 of 90 pairs, 84 alike, 6 different");
  assertEquals(lines.slice(0, lines.indexOf("")), [
    "login_user",
    '  request.version  "0.9.0" → "0.10.0" (2 pairs)',
    "get_stats",
    '  response.iggy_server_version  "0.7.0" → "0.8.0" (2 pairs)',
    "  response.iggy_server_semver  7000 → 8000 (2 pairs)",
    "get_me",
    "  response.user_id  0 → 4294967295",
    "get_clients",
    "  response.clients.user_id  0 → 4294967295",
  ]);
  assert(stdout.split("\n").every((line) => line.length <= 80));
  assertStringIncludes(stdout, "get_stats                             2  8  ");
  assertStringIncludes(stdout, "209 → 229");
});

Deno.test("TCP and WebSocket carry the same 90 calls", async () => {
  const files = fixtures("classic-080-all", "classic-080-websocket");
  const { code, stdout } = await cli(["diff", "-T", "json", ...files]);
  const found = JSON.parse(stdout);
  assertEquals(code, 1);
  assertEquals([found.pairs, found.only_a, found.only_b], [90, [], []]);
  const paths: string[] = found.fields.map(({ path }: { path: string }) => path);
  assertEquals([...new Set(paths)].sort(), [
    "response.clients.transport",
    "response.clients.user_id",
    "response.transport",
    "response.user_id",
  ]);
});

Deno.test("--ignore leaves a path out, --also takes a volatile one in", async () => {
  const files = fixtures("classic-080-all", "classic-080-websocket");
  const ignored = ["response.transport", "response.clients", "response.user_id"];
  const without = await cli([
    "diff",
    ...ignored.map((path) => `--ignore=${path}`),
    ...files,
  ]);
  assertEquals(without.code, 0, without.stdout);
  const also = await cli(["diff", "--also=response.clients.address", ...files]);
  assertStringIncludes(also.stdout, "response.clients.address");
});

Deno.test("two scripts are told apart from two encodings of one script", async () => {
  const files = [
    fixture("classic-080-all.pcap"),
    fixture("classic-080-load-small.pcap.gz"),
  ];
  const { code, stdout } = await cli(["diff", "-c", "4000", ...files]);
  assertEquals(code, 1);
  assertStringIncludes(stdout, "\ndifferent work: only ");
});

Deno.test("bytes are shown on demand, and never those of a secret", async () => {
  const { stdout } = await cli([
    "diff",
    "-x",
    ...fixtures("classic-070-all", "classic-080-all"),
  ]);
  assertStringIncludes(stdout, "    A  0000  ");
  assertStringIncludes(stdout, " ** ** ** ** ");
  assert(!stdout.includes("04 69 67 67 79 04 69 67 67 79"), "the password of iggy");
});

Deno.test("what cannot be compared is said in a line", async () => {
  const [capture] = fixtures("classic-080-all");
  const rows = [
    [["diff"], "iggyscope: diff needs A\n"],
    [["diff", capture!], "iggyscope: diff needs B\n"],
    [
      ["diff", "-", capture!],
      "iggyscope: diff reads captures more than once, which standard input does not allow\n",
    ],
  ] as const;
  for (const [args, line] of rows) {
    const { code, stderr } = await cli(args);
    assertEquals({ code, stderr }, { code: 2, stderr: line });
  }
  assertEquals((await cli(["diff", capture!, "/no/such/file"])).code, 3);
});

Deno.test("a cut capture is said once, and differs where it was cut", async () => {
  await withFolder(async (folder) => {
    const bytes = await Deno.readFile(fixture("classic-080-all.pcap"));
    const cut = `${folder}/cut.pcap`;
    await Deno.writeFile(cut, bytes.subarray(0, bytes.length - 100_000));
    const files = [fixture("classic-080-all.pcap"), cut];
    const { code, stdout, stderr } = await cli(["diff", "-T", "json", ...files]);
    const found = JSON.parse(stdout);
    assertEquals(code, 4);
    assertEquals(stderr.match(/cut\.pcap/g)?.length, 1, stderr);
    // The request whose answer was cut off.
    assertEquals([found.different, found.only_b], [1, []]);
    assertEquals(found.pairs + found.only_a.length, 90);
    assertEquals(found.not_listed, { only_a: 0, only_b: 0, different_pairs: 0 });
  });
});

Deno.test("more pairs differ than are listed, and all are counted", async () => {
  await withFolder(async (folder) => {
    const talk = (depth: number) =>
      JSON.stringify({
        clients: [{
          steps: [
            { command: "login_user" },
            {
              command: "create_stream",
              request: { name: `orders-${depth}` },
              repeat: 10_500,
            },
          ],
        }],
      });
    const files: string[] = [];
    for (const depth of [1, 2]) {
      const [scenario, out] = [`${folder}/${depth}.json`, `${folder}/${depth}.pcap`];
      await Deno.writeTextFile(scenario, talk(depth));
      const made = await writingCli(folder, ["synth", scenario, "-w", out]);
      assertEquals(made.code, 0, made.stderr);
      files.push(out);
    }
    const { code, stdout } = await cli(["diff", "-T", "json", ...files]);
    const found = JSON.parse(stdout);
    assertEquals([code, found.pairs], [1, 10_501]);
    const named = found.fields.find(({ path }: { path: string }) =>
      path === "request.name"
    );
    assertEquals([named.count, named.a, named.b], [10_500, "orders-1", "orders-2"]);
    assertEquals(found.different_pairs.length, 10_000);
    assertEquals(found.not_listed.different_pairs, found.different - 10_000);
  });
});
