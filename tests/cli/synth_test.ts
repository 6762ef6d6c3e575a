import { sameBytes } from "../../core/bytes/equal.ts";
import { READY_SCENARIOS } from "../../cli/synth/ready.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { dissectPackets } from "../support/packets.ts";
import { recordsOf, synthesise, toldOf } from "../support/synth.ts";
import { withFolder, writingCli } from "./support.ts";

function synth(folder: string, ...args: string[]) {
  return writingCli(folder, ["synth", ...args]);
}

for (const [name, yaml] of Object.entries(READY_SCENARIOS)) {
  Deno.test(`the capture of scenario ${name} is dissected to its truth`, () => {
    const { packets, truth } = synthesise(yaml);
    assert(truth.length > 0);
    const found = recordsOf(dissectPackets(packets));
    assertEquals(found.map(toldOf).sort(), truth.map(toldOf).sort());
  });
}

Deno.test("a connection that both ends opened at once is dissected to its truth", () => {
  const yaml = "clients: [{ open: both, steps: [{ command: ping, repeat: 3 }] }]";
  for (const at of ["client", "middle", "server"] as const) {
    const { packets, truth } = synthesise(yaml, { tap: { at } });
    assertEquals(truth.length, 3);
    assertEquals(recordsOf(dissectPackets(packets)).map(toldOf), truth.map(toldOf), at);
  }
});

Deno.test("synth writes the same bytes for a seed, and says again what it wrote", async () => {
  await withFolder(async (folder) => {
    const file = (name: string) => `${folder}/${name}`;
    const truth = ["--truth", file("truth.ndjson")];
    for (const name of ["a.pcapng", "b.pcapng"]) {
      const { code, stderr } = await synth(folder, "lossy", "-w", file(name), ...truth);
      assertEquals(code, 0, stderr);
    }
    const a = await Deno.readFile(file("a.pcapng"));
    assertEquals(await Deno.readFile(file("b.pcapng")), a);
    const again = await synth(folder, "lossy", "--seed", "2", "-w", file("c.pcapng"));
    assertEquals(again.code, 0, again.stderr);
    assert(!sameBytes(await Deno.readFile(file("c.pcapng")), a));
    const from = ["--from", file("truth.ndjson")];
    const copied = await synth(
      folder,
      ...from,
      "-w",
      file("d.pcap"),
      "--truth",
      file("d"),
    );
    assertEquals(copied.code, 0, copied.stderr);
    const fields = async (name: string) =>
      (await Deno.readTextFile(file(name))).trimEnd().split("\n")
        .map((line) => JSON.parse(line))
        .filter(({ command }) => command === "poll_messages")
        .map(({ request }) => JSON.stringify(request.fields)).sort();
    assertEquals(await fields("d"), await fields("truth.ndjson"));
  });
});

/** Captures of both framings and four releases. */
const RECORDED = [
  "classic-050-all.pcap",
  "classic-060-all.pcap",
  "classic-080-go.pcap",
  "vsr-090e5-all.pcap",
];

for (const name of RECORDED) {
  Deno.test(`synth --from says again what the records of ${name} say`, async () => {
    const capture = new URL(`../../fixtures/captures/${name}`, import.meta.url).pathname;
    await withFolder(async (folder) => {
      const records = async (path: string, file: string) => {
        const shown = ["-T", "ndjson", "--show-secrets", "--max-bytes", "all"];
        const { stdout } = await writingCli(folder, [...shown, path]);
        await Deno.writeTextFile(file, stdout);
        return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
      };
      const first = await records(capture, `${folder}/first.ndjson`);
      const wanted = first.filter(({ command, request, response, issues }) =>
        command !== null && !command.includes(".") && request !== null &&
        response?.evicted === undefined &&
        !issues.some(({ group }: { group: string }) => group === "malformed")
      );
      const again = `${folder}/again.pcap`;
      const { code, stderr } = await synth(
        folder,
        "--from",
        `${folder}/first.ndjson`,
        "-w",
        again,
      );
      assertEquals(code, 0, stderr);
      const told = ({ command, request, response }: typeof first[number]) =>
        JSON.stringify([command, request.fields, response?.status, response?.fields]);
      const second = await records(again, `${folder}/second.ndjson`);
      assert(wanted.length > 20);
      assertEquals(second.map(told).sort(), wanted.map(told).sort());
    });
  });
}

Deno.test("synth --from writes numbers of 128 bits in user headers", async () => {
  await withFolder(async (folder) => {
    const header = (kind: string, value: string) => ({
      key_kind: "string",
      key: kind,
      value_kind: kind,
      value,
    });
    const user_headers = [
      header("int128", `${-(2n ** 127n)}`),
      header("uint128", `${2n ** 128n - 1n}`),
    ];
    const step = { command: "send_messages", request: { messages: [{ user_headers }] } };
    const { packets } = synthesise(JSON.stringify({ clients: [{ steps: [step] }] }));
    const [record] = recordsOf(dissectPackets(packets));
    assertEquals(record!.issues, []);
    const fields = record!.request!.fields as { messages: Record<string, unknown>[] };
    assertEquals(fields.messages[0]!.user_headers, user_headers);
    const line = {
      ...record,
      request: { ...record!.request, fields: { partitions: 1 } },
    };
    const path = `${folder}/wrong.ndjson`;
    await Deno.writeTextFile(
      path,
      `${JSON.stringify(record)}\n${JSON.stringify(line)}\n`,
    );
    const { code, stderr } = await synth(folder, "--from", path, "-w", `${folder}/no`);
    assertEquals(code, 2);
    assert(stderr.startsWith(`iggyscope: ${path}:2:1: no field "partitions"`), stderr);
  });
});

Deno.test("synth rotates its files", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/load.pcap`;
    const { code, stderr } = await synth(folder, "load", "-w", path, "--rotate", "3MB");
    assertEquals(code, 0, stderr);
    const sizes = [path, `${path}1`, `${path}2`].map((file) => Deno.statSync(file).size);
    assert(sizes.every((size) => size > 3e6 && size < 3.2e6), sizes.join());
  });
});

/** Scenarios that are wrong, and what is said of them. */
const WRONG: [scenario: string, said: string][] = [
  ["network: { lss: 1% }", '1:17: unknown key "lss"; did you mean loss?'],
  [
    "network: { loss: -1 }",
    "1:18: expected a chance from 0 to 1, or such as 1%, not -1",
  ],
  ["seed: x", '1:7: expected a whole number from 0 to 4294967295, not "x"'],
  ["clients: []", "1:1: a scenario has clients"],
  [
    "clients:\n  - steps: [{ pause: -3ms, command: ping }]",
    "2:22: expected a time such as 5ms",
  ],
  [
    "clients:\n  - steps: [{ command: pin }]",
    '2:24: no command "pin"; did you mean ping?',
  ],
  [
    "clients:\n  - steps: [{ command: create_stream, request: { nam: x } }]",
    '2:55: no field "nam"; did you mean name?',
  ],
  ["clients:\n  - steps: [{ command: ping, tour: true }]", "2:13: a step has one of"],
  ["clients:\n  - steps: [{ tour: false }]", "2:13: a step has one of"],
  ...([
    ["create_stream", "5", "2:48: expected fields, not 5"],
    ["create_stream", "{ name: 5 }", "2:56: expected a text, not 5"],
    ["create_topic", "{ partitions_count: -1 }", "2:67: -1 does not fit 32 bits"],
    [
      "send_messages",
      "{ messages: { times: 1e12, of: {} } }",
      "2:69: expected 0 to 1000000 items",
    ],
    [
      "send_messages",
      "{ messages: [{ payload: { hex: zz } }] }",
      "2:72: expected a text, {hex} or",
    ],
  ].map(([command, request, told]): [string, string] => [
    `clients:\n  - steps: [{ command: ${command}, request: ${request} }]`,
    told!,
  ])),
  [
    `clients:\n  - steps: [{ command: create_stream, request: { name: ${
      "x".repeat(300)
    } } }]`,
    "2:48: ",
  ],
  [
    "clients:\n  - steps: [{ command: login_register }]",
    "2:24: login_register is no request",
  ],
  ["clients: [{ release: '0.8' }, { release: nine }]", '1:42: no release "nine"'],
  ["clients: [{ release: '0.4' }]", '1:22: no release "0.4"'],
  ["clients: [", "1:11: "],
  ["clients: *nobody", "1:1: an alias names nothing"],
  ["clients: [{ steps: &s [{ steps: *s }] }]", "1:1: an alias names nothing"],
  ["", "1:1: expected keys and values"],
  ["tap: { at: moon }", '1:12: expected one of client, middle, server, not "moon"'],
  ["start: 2026-13-45T00:00:00Z", "1:8: expected a time such as"],
  ["network: { delay: 99999999s }", "1:19: expected a time such as 5ms, at most a day"],
  ["tcp: { receive_buffer: 0 }", "1:24: expected 16KiB or more, not 0 bytes"],
];

Deno.test("synth tells line and column of what is wrong, and writes nothing", async (t) => {
  await withFolder(async (folder) => {
    for (const [scenario, said] of WRONG) {
      await t.step(said, async () => {
        const path = `${folder}/wrong.yaml`;
        await Deno.writeTextFile(path, scenario);
        const { code, stderr } = await synth(folder, path, "-w", `${folder}/out.pcap`);
        assertEquals(code, 2, stderr);
        assert(stderr.startsWith(`iggyscope: ${path}:${said}`), stderr);
        assertEquals(stderr.trimEnd().split("\n").length, 1);
        assertEquals([...Deno.readDirSync(folder)].length, 1);
      });
    }
  });
});
