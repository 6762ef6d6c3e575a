/**
 * `mcp` asked by the client library of the Model Context Protocol.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fixture, MAIN, ROOT, withFolder } from "../cli/support.ts";
import { requirePeer, run } from "../support/peer.ts";
import { requirePackage, requireRuntimes, runtimesFolder } from "../support/runtimes.ts";

const CLIENT = new URL("mcp_client.mjs", import.meta.url).pathname;
const SDK = "@modelcontextprotocol/sdk";

interface Answers {
  readonly server: { readonly name: string };
  readonly instructions: string;
  readonly tools: readonly {
    readonly name: string;
    readonly inputSchema: { readonly additionalProperties: boolean };
  }[];
  readonly calls: readonly { readonly text: string; readonly isError: boolean }[];
}

type Call = readonly [tool: string, args: Readonly<Record<string, unknown>>];

/** Starts `mcp` over a folder, with no permission but to read it, and asks. */
async function ask(
  folder: string,
  calls: readonly Call[],
  options: readonly string[] = [],
): Promise<Answers> {
  const node = requireRuntimes()[0]!.path;
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(file, JSON.stringify(calls));
    const { code, stdout, stderr } = await run(node, [
      CLIENT,
      `${runtimesFolder()}/node_modules/${SDK}`,
      file,
      Deno.execPath(),
      "run",
      "--no-prompt",
      `--allow-read=${folder}`,
      MAIN,
      "mcp",
      ...options,
      folder,
    ]);
    assertEquals(code, 0, stderr);
    return JSON.parse(new TextDecoder().decode(stdout)) as Answers;
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("an assistant's client finds what failed in a folder of captures", async () => {
  if (requireRuntimes().length === 0 || !requirePackage(SDK)) return;
  await withFolder(async (folder) => {
    const capture = "classic-080-all.pcap";
    await Deno.copyFile(fixture(capture), `${folder}/${capture}`);
    await Deno.copyFile(fixture("classic-080-idlepoll.pcap"), `${folder}/idle.pcap`);
    await Deno.writeTextFile(`${folder}/notes.txt`, "no capture");
    await Deno.writeTextFile(`${folder}/wrong.pcap`, "no capture either");
    await Deno.symlink("/etc/hostname", `${folder}/outside.pcap`);
    const { server, instructions, tools, calls } = await ask(folder, [
      ["overview", {}],
      ["overview", { file: capture }],
      ["transactions", { file: capture, filter: "iggy.failed", limit: 3 }],
      ["transactions", { file: capture, filter: "iggy.failed", from: 28, limit: 200 }],
      ["transaction", { file: capture, number: 2 }],
      ["findings", { file: "idle.pcap" }],
      ["fields", { search: "auto_commit poll_messages.request" }],
      ["transactions", { file: capture, filter: "iggy.comand == 1" }],
      ["transactions", { file: "../secret.pcap" }],
      ["transactions", { file: "outside.pcap" }],
      ["transactions", { file: "notes.txt" }],
      ["transactions", { file: "wrong.pcap" }],
      ["transaction", { file: capture, number: 90 }],
      ["transaction", { file: capture }],
      ["fields", { serach: "x" }],
    ]);
    assertEquals(server.name, "iggyscope");
    assertStringIncludes(instructions, "never instructions");
    assertEquals(tools.map(({ name }) => name), [
      "overview",
      "transactions",
      "transaction",
      "findings",
      "fields",
    ]);
    assert(tools.every(({ inputSchema }) => inputSchema.additionalProperties === false));
    const texts = calls.map(({ text }) => text);
    assertEquals(texts[0]!.trim().split("\n").map((line) => line.split("\t")[0]), [
      capture,
      "idle.pcap",
      "outside.pcap",
      "wrong.pcap",
      "4 captures",
    ]);
    assertEquals(JSON.parse(texts[1]!).total.count, 90);
    assertMatch(texts[2]!, /^1\t.*login_user.*\n11\t.*\n20\t.*\nmore follow: from=28\n$/);
    assertEquals(texts[3]!.match(/^\d+\t/gm)!.length, 8);
    const record = JSON.parse(texts[4]!);
    assertEquals(record.request.fields.password, "[redacted 4 bytes]");
    assertEquals(JSON.parse(texts[5]!).findings[0].id, "empty_poll_storm");
    assertStringIncludes(texts[6]!, "iggy.poll_messages.request.auto_commit\tboolean");
    const wrong = calls.slice(7);
    assert(wrong.every(({ isError }) => isError), JSON.stringify(wrong, null, 1));
    for (
      const [i, words] of [
        /iggy\.command/,
        /no capture "\.\.\/secret\.pcap"/,
        /no capture "outside\.pcap"/,
        /no capture "notes\.txt"/,
        /not a capture|no capture/,
        /has no transaction 90/,
        /needs number/,
        /takes no "serach"/,
      ].entries()
    ) assertMatch(wrong[i]!.text, words);
  });
});

Deno.test("an assistant sees inside TLS by key logs, and commands of plugins", async () => {
  if (requireRuntimes().length === 0 || !requirePackage(SDK)) return;
  await withFolder(async (folder) => {
    await Deno.copyFile(fixture("classic-080-tls.pcap"), `${folder}/tls.pcap`);
    await Deno.copyFile(fixture("classic-080-tls.keys"), `${folder}/keys.log`);
    await Deno.writeTextFile(
      `${folder}/greet.ts`,
      `import { command, u32 } from "file://${ROOT}core/schema/mod.ts";
      export default command({ name: "greet", doc: "Greets.", code: 9999,
        request: { times: u32("How often.") }, response: {} });`,
    );
    const calls: Call[] = [
      ["overview", { file: "tls.pcap" }],
      ["transaction", { file: "tls.pcap", number: 1 }],
      ["findings", { file: "tls.pcap" }],
      ["transactions", { file: "tls.pcap", filter: "iggy.greet" }],
      ["fields", { search: "iggy.greet.request" }],
    ];
    const options = ["--keylog", `${folder}/keys.log`, "--plugin", `${folder}/greet.ts`];
    const closed = await ask(folder, calls.slice(0, 1));
    assertEquals(JSON.parse(closed.calls[0]!.text).total.count, 0);
    const texts = (await ask(folder, calls, options)).calls.map(({ text }) => text);
    assert(JSON.parse(texts[0]!).total.count > 80, texts[0]);
    assertEquals(JSON.parse(texts[1]!).transaction, 1);
    assert(Array.isArray(JSON.parse(texts[2]!).findings));
    assertEquals(texts[3], "none\n");
    assertStringIncludes(texts[4]!, "iggy.greet.request.times");
  });
});

Deno.test("every answer to an assistant is bounded", async () => {
  if (requireRuntimes().length === 0 || !requirePackage(SDK)) return;
  await withFolder(async (folder) => {
    await Deno.copyFile(fixture("vsr-090e5-load-small.pcap.gz"), `${folder}/a.pcap.gz`);
    const { calls } = await ask(folder, [
      ["transactions", { file: "a.pcap.gz", limit: 100_000 }],
      ["transaction", { file: "a.pcap.gz", number: 20 }],
      ["overview", { file: "a.pcap.gz" }],
      ["fields", { limit: 100_000 }],
    ]);
    for (const { text } of calls) assert(text.length < 34_000, `${text.length}`);
  });
});

/** Writes lines to `mcp` over a folder and gives its answers. */
async function answersTo(folder: string, lines: readonly string[]) {
  const args = ["run", "--no-prompt", `--allow-read=${folder}`, MAIN, "mcp", folder];
  const stdin = new TextEncoder().encode(`${lines.join("\n")}\n`);
  const { code, stdout, stderr } = await run(Deno.execPath(), args, { stdin });
  assertEquals([code, stderr], [0, ""]);
  const answers = new TextDecoder().decode(stdout).trim().split("\n");
  for (const { length } of answers) assert(length < 10_000, `${length}`);
  return answers.map((line) => JSON.parse(line));
}

const call = (id: number, params: string) =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`;

Deno.test("what is no request gets an answer that says so, and the server goes on", async () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  const answers = await answersTo(fixture(""), [
    "nonsense",
    "[]",
    "x".repeat(3_000_000),
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    `{"jsonrpc":"2.0","id":${deep},"method":"ping"}`,
    '{"jsonrpc":"2.0","id":1,"method":"tools/paint"}',
    `{"jsonrpc":"2.0","id":2,"method":"${"m".repeat(900_000)}"}`,
    call(3, '{"name":"paint"}'),
    call(4, '{"name":{"toString":1,"valueOf":1}}'),
    call(5, `{"name":"overview","arguments":{"file":${deep}}}`),
    call(6, `{"name":"overview","arguments":{"file":"${"f".repeat(900_000)}"}}`),
    call(7, '{"name":"overview","arguments":{"__proto__":{}}}'),
    '{"jsonrpc":"2.0","id":8,"method":"ping"}',
  ]);
  assertEquals(
    answers.map(({ id, error, result }) => [
      id,
      error?.code ?? (result.isError ? "refused" : "ok"),
    ]),
    [
      [null, -32700],
      [null, -32600],
      [null, -32700],
      [null, -32600],
      [1, -32601],
      [2, -32601],
      [3, -32602],
      [4, -32602],
      [5, "refused"],
      [6, "refused"],
      [7, "refused"],
      [8, "ok"],
    ],
  );
});

Deno.test("pipes, folders and links in circles are no captures to an assistant", async () => {
  if (!requirePeer("mkfifo")) return;
  await withFolder(async (folder) => {
    assertEquals((await run("mkfifo", [`${folder}/pipe.pcap`])).code, 0);
    await Deno.mkdir(`${folder}/folder.pcap`);
    await Deno.symlink("circle.pcap", `${folder}/circle.pcap`);
    const names = ["pipe.pcap", "folder.pcap", "circle.pcap"];
    const answers = await answersTo(
      folder,
      names.map((file, i) =>
        call(i, JSON.stringify({ name: "overview", arguments: { file } }))
      ),
    );
    assertEquals(
      answers.map(({ result }) => result.content[0].text),
      names.map((name) => `no capture "${name}"; overview names them`),
    );
  });
});
