import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../support/peer.ts";
import { requireTshark } from "../support/tshark.ts";
import { cli, fixture, MAIN } from "./support.ts";

const CAPTURE = fixture("classic-080-all.pcap");

/** The bytes of one side's flow. */
async function raw(capture: string, side: string, number = 0): Promise<Uint8Array> {
  const args = ["run", "--allow-read", MAIN, "follow", "--raw", side, capture];
  const { code, stdout, stderr } = await run(Deno.execPath(), [...args, String(number)]);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

Deno.test("follow tells every PDU of one conversation in order of packets", async () => {
  const { code, stdout, stderr } = await cli(["follow", "--width", "80", CAPTURE, "0"]);
  assertEquals([code, stderr], [0, ""]);
  const [title, ...lines] = stdout.trimEnd().split("\n");
  assertEquals(title, "conversation 0: 127.0.0.1:39220 → 127.0.0.1:8090, classic");
  assertEquals(lines[2], "08:48:19.322459     8 → login_user username=iggy");
  const packets = lines.filter((line) => /^\d/.test(line))
    .map((line) => Number(line.slice(15, 21)));
  assertEquals(packets, packets.toSorted((a, b) => a - b));
  assert(lines.every((line) => line.length <= 80));
});

Deno.test("follow tells a conversation of QUIC by its number of UDP", async () => {
  const [capture, keys] = ["pcap", "keys"].map((end) => fixture(`vsr-090e5-quic.${end}`));
  const args = ["follow", "--width", "80", "--keylog", keys!, capture!, "u0"];
  const { code, stdout, stderr } = await cli(args);
  assertEquals([code, stderr], [0, ""]);
  const [title, ...lines] = stdout.trimEnd().split("\n");
  assertEquals(title, "conversation u0: 127.0.0.1:32874 → 127.0.0.1:8080, vsr");
  assertEquals(lines.filter((line) => line.includes("→")).length, 60);
  const byNumber = await cli([...args.slice(0, -1), "q0"]);
  assertEquals(byNumber.stdout, stdout.replace("conversation u0", "conversation q0"));
  const none = await cli([...args.slice(0, -1), "q1"]);
  assertEquals(none.code, 2);
  assertStringIncludes(none.stderr, "it has only q0");
});

Deno.test("follow masks secrets in text and hex", async () => {
  const shown = await cli(["follow", "-T", "text", "--show-secrets", CAPTURE, "0"]);
  const masked = await cli(["follow", "-T", "text", CAPTURE, "0"]);
  const hex = await cli(["follow", "-T", "hex", CAPTURE, "0"]);
  assertStringIncludes(shown.stdout, "iggy.iggy");
  assert(!masked.stdout.includes("iggy.iggy"));
  assertStringIncludes(masked.stdout, "iggy.****");
  assertStringIncludes(hex.stdout, "69 67 67 79 04 ** ");
});

for (
  const name of [
    "classic-080-all.pcap",
    "classic-080-lossy.pcap",
    "classic-080-midstream.pcap",
    "vsr-090e5-all.pcap",
  ]
) {
  Deno.test(`--raw gives the bytes of ${name} that --digest digests`, async () => {
    const { stdout } = await cli([
      "conversations",
      "--digest",
      "-T",
      "ndjson",
      fixture(name),
    ]);
    const record = JSON.parse(stdout.split("\n")[0]!);
    for (const side of ["client", "server"]) {
      const bytes = await raw(fixture(name), side, record.conversation);
      const hash = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
      assertEquals(new Uint8Array(hash).toHex(), record[`${side}_flow`].sha256);
    }
  });
}

Deno.test("--raw gives the bytes that tshark follows", async () => {
  const tshark = await requireTshark();
  if (tshark === null) return;
  const args = ["-q", "-z", "follow,tcp,raw,0"];
  const followed = new TextDecoder().decode(
    (await tshark.run({ capture: CAPTURE, args })).stdout,
  );
  const lines = followed.split("\n").filter((line) => /^\t?[0-9a-f]+$/.test(line));
  const [client, server] = [false, true].map((tab) =>
    lines.filter((line) => line.startsWith("\t") === tab).join("").replaceAll("\t", "")
  );
  assertEquals((await raw(CAPTURE, "client")).toHex(), client);
  assertEquals((await raw(CAPTURE, "server")).toHex(), server);
});

Deno.test("follow says what is wrong in a line", async (t) => {
  const rows: [string[], number, string][] = [
    [["follow", CAPTURE], 2, "follow needs N"],
    [["follow", CAPTURE, "x"], 2, 'N is the number of a conversation, not "x"'],
    [["follow", CAPTURE, "9"], 2, "no conversation 9 in "],
    [["follow", CAPTURE, "u0"], 2, "it has none over UDP"],
    [["follow", CAPTURE, "q0"], 2, "it has none over QUIC"],
    [["follow", "--raw", "client", CAPTURE, "u0"], 2, "show TCP"],
    [["follow", "--raw", "both", CAPTURE, "0"], 2, "--raw is one of client, server"],
    [["follow", "no-such-file.pcap", "0"], 3, ""],
  ];
  for (const [args, exit, message] of rows) {
    await t.step(args.slice(1).join(" ").replace(CAPTURE, "FILE"), async () => {
      const { code, stdout, stderr } = await cli(args);
      assertEquals([code, stdout], [exit, ""]);
      assertStringIncludes(stderr, message);
      assertEquals(stderr.split("\n").length, 2);
    });
  }
});
