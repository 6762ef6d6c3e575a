/**
 * Wrong usage of every command: one line on standard error that says what is wrong, exit code 2
 * and nothing on standard output. What the table of commands says itself is tried for each of
 * its options; what a command finds out while it runs has a row here.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type CliCommand, type OptionSpec, UsageError } from "../../cli/command.ts";
import { loadCommands } from "../../cli/commands/mod.ts";
import { cli, fixture } from "./support.ts";

const COMMANDS = await loadCommands();
const CAPTURE = fixture("classic-080-all.pcap");

/** Arguments behind the command's name, what is said of them, and another exit code than 2. */
type Row = readonly [args: readonly string[], says: string, code?: number];

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  dissect: [
    [[CAPTURE, "-Y", "iggy.code =="], "Unexpected end of filter expression."],
    [[CAPTURE, "-c", "0"], '--count is a number from 1 on, not "0"'],
    [[CAPTURE, "--width", "10"], '--width is a number from 40 on, not "10"'],
    [[CAPTURE, "--max-bytes", "some"], '--max-bytes is a number from 0 on, not "some"'],
    [[CAPTURE, "-T", "ndjson", "-x"], "-x goes with -T text and -T tree, not with -T nd"],
    [[CAPTURE, "-T", "json", "-V"], "-V is -T tree and does not go with -T json"],
    [[CAPTURE, "-d", "8090"], "--decode-as is tcp.port==N,iggy"],
    [[CAPTURE, "--trace-plugin"], "--trace-plugin needs a NAME, or commands of --plugin"],
    [
      [CAPTURE, "--trace-plugin", "login_usr"],
      '--trace-plugin: no command "login_usr"; did you mean login_user?',
    ],
    [[CAPTURE, "--plugin", "none.ts"], "--plugin none.ts: "],
    [["no.pcap"], "no.pcap: ", 3],
  ],
  stats: [
    [["--interval", "0", CAPTURE], '--interval is a number above 0, not "0"'],
    [["--interval", "soon", CAPTURE], '--interval is a number above 0, not "soon"'],
    [["--width", "20", CAPTURE], '--width is a number from 72 on, not "20"'],
    [["no.pcap"], "no.pcap: ", 3],
  ],
  info: [
    [["-d", "tcp.port==0,iggy", CAPTURE], "--decode-as has no ports"],
    [["no.pcap"], "no.pcap: ", 3],
  ],
  conversations: [
    [["-d", "x", CAPTURE], "--decode-as is tcp.port==N,iggy"],
    [["no.pcap"], "no.pcap: ", 3],
  ],
  follow: [
    [[CAPTURE, "one"], 'N is the number of a conversation, not "one"'],
    [[CAPTURE, "99"], "no conversation 99 in "],
  ],
  check: [
    [
      ["--max-response-time", "soon", CAPTURE],
      '--max-response-time is seconds, or as 250ms: not "soon"',
    ],
    [["no.pcap"], "no.pcap: ", 3],
  ],
  diagnose: [
    [["--fail-on", "bad", CAPTURE], "--fail-on is one of "],
    [["no.pcap"], "no.pcap: ", 3],
  ],
  diff: [
    [[CAPTURE], "diff needs B"],
    [["-", CAPTURE], "diff reads captures more than once"],
    [["--width", "9", CAPTURE, CAPTURE], '--width is a number from 40 on, not "9"'],
    [[CAPTURE, "no.pcap"], "no.pcap: ", 3],
  ],
  anonymize: [
    [[CAPTURE], "anonymize needs OUT"],
    [["-", "out.pcap"], "anonymize reads its capture twice"],
    [[CAPTURE, "out.pcap"], "anonymize writes out.pcap: run it with --allow-write"],
  ],
  vectors: [
    [[], "vectors needs DIR, or --layouts and no DIR"],
    [["--command", "nosuch", "out"], 'vectors: no command is named "nosuch"'],
  ],
  decode: [
    [["04zz"], 'not hex: "z"'],
    [["040"], "hex ends within a byte"],
    [["00", "--release", "new"], '--release is a version such as 0.8, not "new"'],
    [["00", "--framing", "clasic"], "--framing is one of "],
    [["00", "--command", "pong"], '--command: no command "pong"; '],
    [["--direction", "response", "00"], "the bytes hold no response", 3],
  ],
  commands: [[["--plugin", "none.ts"], "--plugin none.ts: "]],
  fields: [[["--plugin", "none.ts"], "--plugin none.ts: "]],
  export: [
    [["python"], "export: WHAT is one of lua, otlp, extcap, packets, not"],
    [["lua", "x.pcap"], 'export lua takes no "x.pcap"'],
    [["extcap", "x.pcap"], 'export extcap takes no "x.pcap"'],
    [["lua", "--endpoint", "http://x"], "--endpoint goes with export otlp"],
    [["otlp", "--endpoint", "x", "a.pcap"], "--endpoint is an address such as http://"],
    [["otlp", "--install", "a.pcap"], "--install goes with export lua"],
    [["lua", "--install", "-o", "x.lua"], "--install and --output name two places"],
  ],
  plugin: [
    [["new", "Greet"], 'plugin new: "Greet" is no name: small letters, digits and _'],
    [["new", "ping"], "plugin new: Iggy has a command ping already"],
    [["new", "greet", "--code", "-1"], "unknown option -1"],
    [["new", "greet", "--code", "x"], '--code is a number from 0 on, not "x"'],
    [["new", "greet", "--code", "202"], "--code 202 is create_stream's"],
    [["new", "greet", "--code", "4294967296"], "--code is at most 4294967295"],
    [["new", "greet"], "plugin new: it writes files: run it with --allow-write=."],
  ],
  synth: [
    [[], "synth needs SCENARIO or --from"],
    [["lossy", "--seed", "x"], '--seed is a number from 0 on, not "x"'],
    [["lossy", "--rotate", "much"], "--rotate is a size such as 64KiB or 10GB, not"],
    [["lossy", "--rotate", "1MB"], "--rotate needs -w FILE"],
    [["lossy", "-w", "out.pcap"], "writing out.pcap needs a permission: deno run --all"],
    [["--print", "loss"], "--print is one of consumer-lag, load, lossy, pipelining, to"],
    [["none.yaml"], "none.yaml: ", 3],
  ],
  schema: [[["--plugin", "none.ts"], "--plugin none.ts: "]],
  completions: [[["powershell"], "completions: SHELL is one of bash, zsh, fish, not"]],
  man: [[["1"], 'man takes no "1"']],
  mcp: [
    [[], "mcp needs DIR"],
    [["no-such-folder"], "mcp: no-such-folder is no folder that can be read"],
    [["README.md"], "mcp: README.md is no folder that can be read"],
  ],
  serve: [
    [["--port", "70000"], "--port is at most 65535"],
    [["--port", "http"], '--port is a number from 0 on, not "http"'],
    [["--proxy", "8090"], '--proxy is PORT=HOST:PORT, not "8090"'],
    [["--live", "-", "--live", "-"], "--live - can be read only once"],
  ],
};

Deno.test("every command has rows of wrong usage", () => {
  const names = COMMANDS.map(({ name }) => name);
  assertEquals(names.filter((name) => !(ROWS[name]?.length)), []);
  assertEquals(Object.keys(ROWS).filter((name) => !names.includes(name)), []);
});

for (const [name, rows] of Object.entries(ROWS)) {
  Deno.test(`wrong usage of ${name} is one line and an exit code`, async () => {
    await Promise.all(rows.map(async ([args, says, code = 2]) => {
      const row = [name, ...args].join(" ");
      const found = await cli([name, ...args]);
      assertEquals(found.code, code, `${row}: ${found.stderr}`);
      assertEquals(found.stdout, "", row);
      assert(found.stderr.startsWith(`iggyscope: ${says}`), `${row}: ${found.stderr}`);
      // A wrong filter is shown below the line, with what is wrong marked.
      const lines = args.includes("-Y") ? 4 : 2;
      assertEquals(found.stderr.split("\n").length, lines, found.stderr);
    }));
  });
}

/** Operands that a command takes, in so far as it looks at them before its options. */
function operandsOf({ operands }: CliCommand): string[] {
  return operands.map(({ name, choices }) => choices?.[0] ?? name.toLowerCase());
}

/** What the table alone makes wrong of one option. */
function wrongValues(long: string, { value, choices, alone }: OptionSpec) {
  if (value === undefined || alone !== undefined) return [];
  const rows = [[[`--${long}=`], `--${long} needs a value: ${value}`]] as const;
  return choices === undefined ? rows : [
    ...rows,
    [
      [`--${long}`, "nonsense"],
      `--${long} is one of ${choices.join(", ")}, not "nonsense"`,
    ],
  ] as const;
}

for (const command of COMMANDS) {
  Deno.test(`${command.name} refuses what its place in the table does not have`, async () => {
    const { name, operands, options } = command;
    const given = operandsOf(command);
    const rows: (readonly [readonly string[], string])[] = [
      [[...given, "--no-such"], `unknown option --no-such; `],
      [[...given, "-Q"], `unknown option -Q; see iggyscope ${name} --help`],
    ];
    for (const [long, spec] of Object.entries(options)) {
      for (const [args, says] of wrongValues(long, spec)) {
        rows.push([[...given, ...args], says]);
      }
      if (long.length > 4 && long.at(-1) !== long.at(-2)) {
        const typo = `--${long.slice(0, -2)}${long.at(-1)}${long.at(-2)}`;
        rows.push([[...given, typo], `unknown option ${typo}; did you mean --${long}?`]);
      }
    }
    const needed = operands.filter(({ optional }) => !optional);
    needed.forEach((operand, i) => {
      rows.push([given.slice(0, i), `${name} needs ${operand.name}`]);
    });
    operands.forEach((operand, i) => {
      if (operand.choices === undefined) return;
      const args = [...given.slice(0, i), "nonsense", ...given.slice(i + 1)];
      rows.push([args, `${name}: ${operand.name} is `]);
    });
    if (!operands.at(-1)?.repeatable) {
      rows.push([[...given, "more"], `${name} takes no "more"`]);
    }
    for (const [args, says] of rows) {
      const error = await assertRejects(() => command.execute(args), UsageError);
      assert(error.message.startsWith(says), `${args.join(" ")}: ${error.message}`);
      assert(!error.message.includes("\n"), error.message);
    }
  });
}
