import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadCommands } from "../../cli/commands/mod.ts";
import { cli, fixture } from "./support.ts";

const COMMANDS = await loadCommands();
const CAPTURE = fixture("classic-080-all.pcap");

Deno.test("wrong usage is one line and exit 2", async (t) => {
  const rows: readonly (readonly [string[], string])[] = [
    [["--fromat", "json", CAPTURE], "unknown option --fromat; did you mean --format?"],
    [["dissect", "-Q", CAPTURE], "unknown option -Q; see iggyscope dissect --help"],
    [
      ["dissec", CAPTURE],
      'no command and no file is named "dissec"; did you mean dissect?',
    ],
    [
      ["-T", "jsonn", CAPTURE],
      '--format is one of text, tree, ndjson, json, csv, fields, parquet, arrow, not "jsonn"',
    ],
    [["-T", "csv", "-V", CAPTURE], "-V is -T tree and does not go with -T csv"],
    [["-T", "csv", "-x", CAPTURE], "-x goes with -T text and -T tree, not with -T csv"],
    [["-c", "x", CAPTURE], '--count is a number from 1 on, not "x"'],
    [["-c"], "--count needs a value: N"],
    [["--max-bytes", "-1", CAPTURE], "unknown option -1"],
    [["-d", "sctp.port==1,iggy", CAPTURE], "--decode-as is tcp.port==N,iggy"],
    [["-d", "tcp.port==70000,iggy", CAPTURE], "--decode-as has no ports"],
    [["commands", "x"], 'commands takes no "x"'],
    [["decode"], "decode needs HEX"],
    [["decode", "0g"], 'not hex: "g"'],
    [["decode", "040"], "hex ends within a byte"],
    [
      ["decode", "--command", "login_usr", "00"],
      '--command: no command "login_usr"; did you mean login_user?',
    ],
    [["--plugin", "nowhere.ts", CAPTURE], "--plugin nowhere.ts: "],
    [["-", "-"], "- can be read only once"],
  ];
  for (const [args, message] of rows) {
    await t.step(args.join(" ").replace(CAPTURE, "FILE"), async () => {
      const { code, stdout, stderr } = await cli(args);
      assertEquals(code, 2, stderr);
      assertEquals(stdout, "");
      assert(stderr.startsWith(`iggyscope: ${message}`), stderr);
      assertEquals(stderr.split("\n").length, 2, "one line");
    });
  }
});

Deno.test("a wrong filter says where and why", async () => {
  const { code, stderr } = await cli(["-Y", "iggy.stat == 1", CAPTURE]);
  assertEquals(code, 2);
  assertStringIncludes(
    stderr,
    "Did you mean iggy.status?\n    iggy.stat == 1\n    ^~~~~~~~~\n",
  );
});

Deno.test("every command has help with examples, 80 columns wide", async (t) => {
  for (const { name, options, examples } of COMMANDS) {
    await t.step(name, async () => {
      const { code, stdout, stderr } = await cli([name, "--help"]);
      assertEquals({ code, stderr }, { code: 0, stderr: "" });
      assertEquals(stdout, (await cli(["help", name])).stdout);
      for (const option of Object.keys(options)) {
        assertStringIncludes(stdout, `--${option}`);
      }
      assert(examples.length > 0);
      const [before] = stdout.split("Examples:");
      for (const line of before!.split("\n")) assert([...line].length <= 80, line);
    });
  }
});

Deno.test("the program's help lists commands and exit codes; --version its version", async () => {
  const { code, stdout } = await cli(["--help"]);
  assertEquals(code, 0);
  for (const { name } of COMMANDS) assertStringIncludes(stdout, `\n  ${name} `);
  assertStringIncludes(stdout, "\n  130  interrupted");
  assertEquals((await cli(["--version"])).stdout, "iggyscope 0.1.0\n");
});

Deno.test("letters may stand together and values at their letter", async () => {
  const apart = await cli(["-T", "tree", "-x", "-c", "8", CAPTURE]);
  assertEquals(apart, await cli(["dissect", "-Vxc8", CAPTURE]));
  assertEquals(apart, await cli(["--format=tree", "--hex", "--count=8", "--", CAPTURE]));
});
