import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { commandNames } from "../../cli/commands/mod.ts";
import { cli, fixture } from "./support.ts";

const CAPTURE = fixture("classic-080-all.pcap");

Deno.test("-T fields prints what the records have, one line a transaction", async () => {
  const fields = ["iggy.transaction", "iggy.command", "iggy.code", "iggy.response_time"];
  const { code, stdout } = await cli([
    "-T",
    "fields",
    ...fields.flatMap((field) => ["-e", field]),
    "-r",
    CAPTURE,
    "-n",
  ]);
  assertEquals(code, 0);
  const records = (await cli(["-T", "ndjson", CAPTURE])).stdout.trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  const wanted = records.map(({ transaction, command, code, response_time_us }) =>
    [
      transaction,
      command,
      code,
      response_time_us === null ? "" : (response_time_us / 1e6).toFixed(9),
    ].join("\t")
  );
  assertEquals(stdout.trimEnd().split("\n"), wanted);
});

Deno.test("-E says how fields look, as with tshark", async () => {
  const args = ["-T", "fields", "-e", "iggy.command", "-e", "frame.number", "-c", "6"];
  const looks = ["header=y", "separator=/s", "quote=d", "occurrence=l"];
  const { stdout } = await cli([
    ...args,
    ...looks.flatMap((one) => ["-E", one]),
    CAPTURE,
  ]);
  assertEquals(stdout, 'iggy.command frame.number\n"ping" "6"\n');
});

Deno.test("-T fields masks secrets", async () => {
  const args = ["-T", "fields", "-e", "iggy.login_user.request.password", CAPTURE];
  const hidden = await cli(args);
  assertStringIncludes(hidden.stdout, "[redacted]");
  assertEquals(
    (await cli(["--show-secrets", ...args])).stdout.includes("[redacted]"),
    false,
  );
});

Deno.test("wrong fields and options of tshark's that are not taken are one plain line", async () => {
  const rows: [string[], string][] = [
    [["-T", "fields", CAPTURE], "-T fields needs -e FIELD"],
    [["-T", "fields", "-e", "iggy.comand", CAPTURE], "did you mean iggy.command?"],
    [["-e", "iggy.command", CAPTURE], "-e goes with -T fields"],
    [
      ["-T", "fields", "-e", "iggy.code", "-E", "colour=y", CAPTURE],
      '-E knows no "colour',
    ],
    [["-t", "y", CAPTURE], "--time is one of a, ad, d, dd, e, r, u, ud"],
    [["-t", "e", "-T", "json", CAPTURE], "-t goes with -T text, not with -T json"],
    [["-t", "e", "-T", "fields", "-e", "iggy.code", CAPTURE], "-t goes with -T text"],
    [["fields", "nosuch"], 'no field begins with "nosuch"; the nearest is '],
    [["fields", "poll_mesages"], "did you mean iggy.poll_messages?"],
    [["-f", "port 8090", CAPTURE], "-Y filters what was captured"],
    [["-O", "iggy", CAPTURE], "-V prints every field"],
    [["fields", "iggy.pol_messages"], "did you mean iggy.poll_messages?"],
    [["-Y", "foo(iggy.command)", CAPTURE], "foo"],
  ];
  for (const [args, message] of rows) {
    const { code, stdout, stderr } = await cli(args);
    assertEquals([code, stdout], [2, ""], args.join(" "));
    assertStringIncludes(stderr, message);
  }
  const { code, stdout } = await cli(["-h", CAPTURE]);
  assertEquals([code, stdout.startsWith("iggyscope dissects")], [0, true]);
  assertEquals((await cli(["-q", CAPTURE])).stdout, "");
});

Deno.test("-t tells times by tshark's letters, in UTC", async () => {
  const rows: [form: string, first: string, second: string][] = [
    ["u", "08:48:19.321379", "08:48:19.322459"],
    ["ad", "2026-11-21 08:48:19.321379", "2026-11-21 08:48:19.322459"],
    ["e", "1795250899.321379", "1795250899.322459"],
    ["r", "0.000000", "0.001080"],
    ["d", "0.000000", "0.001080"],
  ];
  for (const [form, first, second] of rows) {
    const { stdout } = await cli(["-t", form, "-c", "20", "--width", "160", CAPTURE]);
    const lines = stdout.split("\n").map((line) => line.trimStart());
    assert(lines[0]!.startsWith(`${first} `), lines[0]);
    assert(lines[1]!.startsWith(`${second} `), lines[1]);
  }
});

/** Arguments that make a command print something. */
const PRINTING: Readonly<Record<string, readonly string[]>> = {
  anonymize: ["anonymize", "--help"],
  decode: ["decode", "0400000001000000"],
  diff: ["diff", CAPTURE, CAPTURE],
  completions: ["completions", "bash"],
  export: ["export", "lua"],
  follow: ["follow", CAPTURE, "0"],
  mcp: ["mcp", "--help"],
  plugin: ["plugin", "--help"],
  serve: ["serve", "--help"],
  synth: ["synth", "--print", "tour"],
  vectors: ["vectors", "--layouts"],
};
/** Commands that take no capture. */
const WITHOUT_CAPTURE = ["commands", "fields", "man", "schema"];

/** Runs the program, its standard output in `path`. */
async function into(path: string, args: readonly string[], allow = "--allow-read") {
  const main = new URL("../../cli/main.ts", import.meta.url).pathname;
  const command = new Deno.Command("sh", {
    args: ["-c", 'out=$1; shift; exec "$0" "$@" > "$out"', Deno.execPath(), path]
      .concat(["run", allow, main, ...args]),
    stderr: "piped",
  });
  const { code, stderr } = await command.output();
  return { code, stderr: new TextDecoder().decode(stderr).trimEnd() };
}

Deno.test("a full disk is one line and exit 3, whatever prints", async (t) => {
  const others = ["-T ndjson", "-T csv", "-V", "-w -", "-T fields -e iggy.code"];
  const rows = [
    ["--version"],
    ["help"],
    ...others.map((args) => [...args.split(" "), CAPTURE]),
    ...commandNames.map((name) =>
      PRINTING[name] ?? (WITHOUT_CAPTURE.includes(name) ? [name] : [name, CAPTURE])
    ),
  ];
  for (const args of rows) {
    await t.step(args.join(" "), async () => {
      assertEquals(await into("/dev/full", args), {
        code: 3,
        stderr: "iggyscope: standard output: No space left on device (os error 28)",
      });
    });
  }
});

Deno.test("a full disk under a file that is written is one line and exit 3", async (t) => {
  const rows = [
    ["-w", "/dev/full", CAPTURE],
    ["export", "lua", "-o", "/dev/full"],
    ["synth", "lossy", "-w", "/dev/full"],
    ["check", "--write-baseline", "/dev/full", CAPTURE],
  ];
  for (const args of rows) {
    await t.step(args.join(" "), async () => {
      // A device wants all permissions.
      const { code, stderr } = await into("/dev/null", args, "--allow-all");
      assertEquals([code, stderr.split("\n").length], [3, 1], stderr);
      assertStringIncludes(stderr, "No space left on device");
    });
  }
});
