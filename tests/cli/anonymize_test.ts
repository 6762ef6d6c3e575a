import { assert, assertEquals } from "@std/assert";
import { type Transaction, transactionsOf } from "../../core/dissect/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { requirePeer, run } from "../support/peer.ts";
import { cli, fixture, MAIN, withFolder } from "./support.ts";

async function anonymize(folder: string, ...args: string[]) {
  const { code, stderr } = await run(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    `--allow-write=${folder}`,
    MAIN,
    "anonymize",
    ...args,
  ]);
  return { code, stderr };
}

/** What has to stay of a transaction. */
function skeleton(
  { name, conversation, request, response, responseTimeUs }: Transaction,
) {
  return [
    name,
    conversation.number,
    request?.length,
    response?.length,
    response?.status,
    response?.evicted,
    responseTimeUs,
    request?.stamp.packet,
    response?.stamp.packet,
  ];
}

async function skeletons(path: string) {
  return (await Array.fromAsync(transactionsOf(path, iggyRegistry()))).map(skeleton);
}

/** Names of fields whose texts are somebody's own. */
const OWN = /^(name|username|password|token|key|address|ip|hostname|context)$|_id$/;

/**
 * The texts of a capture, in clear, that nobody else should read. Options are the protocol's own
 * words and stay, so a text that is one of them as well does not count.
 */
async function ownTexts(path: string): Promise<Set<string>> {
  const [texts, open] = [new Set<string>(), new Set<string>()];
  const visit = (value: unknown, name: string, found: Set<string>) => {
    if (Array.isArray(value)) { for (const item of value) visit(item, name, found); }
    else if (typeof value === "object" && value !== null) {
      for (const [key, part] of Object.entries(value)) {
        visit(part, key, key.endsWith("options") ? open : found);
      }
    } else if (typeof value === "string" && (found === open || OWN.test(name))) {
      // Numbers are no names.
      if (value.length >= 3 && !/^\d+$/.test(value)) found.add(value);
    }
  };
  const options = { maxBytes: Infinity, showSecrets: true };
  for await (const transaction of transactionsOf(path, iggyRegistry())) {
    const { request, response } = transaction.toRecord(options);
    const found = transaction.name === "describe_options" ? open : texts;
    for (const part of [request, response]) visit(part?.fields, "", found);
  }
  return new Set(
    [...texts].filter((text) => ![...open].some((one) => one.includes(text))),
  );
}

function indexOf(bytes: Uint8Array, text: string): number {
  const wanted = new TextEncoder().encode(text);
  for (
    let at = bytes.indexOf(wanted[0]!);
    at >= 0;
    at = bytes.indexOf(wanted[0]!, at + 1)
  ) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

const CAPTURES = [
  "classic-050-all",
  "classic-080-all",
  "classic-080-any-sll2",
  "classic-080-ipv6-nano",
  "classic-080-lossy",
  "classic-080-websocket",
  "vsr-090e5-all",
  "vsr-090e5-websocket",
];

Deno.test("an anonymous capture has the same transactions and none of the names", async (t) => {
  for (const name of CAPTURES) {
    await t.step(name, async () => {
      await withFolder(async (folder) => {
        const [input, out] = [fixture(`${name}.pcap`), `${folder}/out.pcap`];
        const { code, stderr } = await anonymize(folder, input, out);
        assertEquals(code, 0, stderr);
        assertEquals(await skeletons(out), await skeletons(input));
        const bytes = await Deno.readFile(out);
        const texts = await ownTexts(input);
        assert(texts.size > 10, "names to look for");
        for (const text of texts) assertEquals(indexOf(bytes, text), -1, text);
        assertEquals(
          [...Deno.readDirSync(folder)].map(({ name }) => name),
          ["out.pcap"],
          "nothing else is left",
        );
      });
    });
  }
});

Deno.test("every checksum of an anonymous capture is right, to tshark and to us", async () => {
  if (!requirePeer("tshark")) return;
  for (const name of ["classic-080-all", "classic-080-lossy", "vsr-090e5-cluster"]) {
    await withFolder(async (folder) => {
      const out = `${folder}/out.pcapng`;
      await anonymize(folder, fixture(`${name}.pcap`), out);
      const { stdout } = await run("tshark", [
        "-r",
        out,
        "-otcp.check_checksum:TRUE",
        "-oip.check_checksum:TRUE",
        "-Y",
        "tcp.checksum.status == 0 or ip.checksum.status == 0",
      ]);
      assertEquals(new TextDecoder().decode(stdout), "", name);
      const before = await cli(["check", "-T", "ndjson", fixture(`${name}.pcap`)]);
      const after = await cli(["check", "-T", "ndjson", out]);
      const about = (text: string) =>
        text.split("\n").filter((line) => line.includes("checksum")).length;
      assertEquals(about(after.stdout), about(before.stdout), name);
    });
  }
});

Deno.test("a key gives the same stand-ins in every capture, another one others", async () => {
  await withFolder(async (folder) => {
    const key = `${folder}/key`;
    const names = async (out: string, ...options: string[]) => {
      const input = fixture("classic-080-all.pcap");
      const { code, stderr } = await anonymize(folder, ...options, input, out);
      assertEquals(code, 0, stderr);
      const { stdout } = await cli(["-T", "ndjson", "-Y", "iggy.create_stream", out]);
      return stdout;
    };
    const first = await names(`${folder}/1.pcap`, "--key", key);
    assertEquals((await Deno.stat(key)).mode! & 0o777, 0o600);
    assertEquals(await names(`${folder}/2.pcap`, "--key", key), first);
    assert(await names(`${folder}/3.pcap`) !== first);
  });
});

Deno.test("what cannot be done is said in a line, and nothing is overwritten", async () => {
  await withFolder(async (folder) => {
    const input = fixture("classic-080-all.pcap");
    const [old, out, key] = [`${folder}/old`, `${folder}/out`, `${folder}/key`];
    await Deno.writeTextFile(old, "precious");
    await Deno.writeTextFile(key, "short");
    const rows = [
      [[input, old], `${old} exists already; nothing is overwritten`],
      [["--key", key, input, out], undefined, `--key ${key}: not 32 bytes`],
      [["-", out], "", "which standard input does not allow"],
    ] as const;
    for (const [args, message, other] of rows) {
      const { code, stderr } = await anonymize(folder, ...args);
      assertEquals(code, 2, stderr);
      assert(stderr.includes(other ?? message), stderr);
      assertEquals(stderr.trimEnd().split("\n").length, 1);
    }
    assertEquals((await anonymize(folder, "/no/such/file", out)).code, 3);
    assertEquals(await Deno.readTextFile(old), "precious");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "key",
      "old",
    ]);
  });
});

Deno.test("a cut capture becomes an anonymous one up to the cut", async () => {
  await withFolder(async (folder) => {
    const [cut, out] = [`${folder}/cut.pcap`, `${folder}/out.pcap`];
    const bytes = await Deno.readFile(fixture("classic-080-all.pcap"));
    await Deno.writeFile(cut, bytes.subarray(0, 20_000));
    const { code } = await anonymize(folder, cut, out);
    assertEquals(code, 4);
    assertEquals(await skeletons(out), await skeletons(cut));
  });
});

Deno.test("what is sealed becomes blank, and nothing is made up of it", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/out.pcap`;
    const { code, stderr } = await anonymize(
      folder,
      fixture("classic-080-tls.pcap"),
      out,
    );
    assertEquals(code, 0, stderr);
    assertEquals((await skeletons(out)).filter(([name]) => name !== null), []);
  });
});

Deno.test("made captures keep their transactions, and lose every name", async (t) => {
  for (const scenario of ["tour", "lossy", "pipelining"]) {
    await t.step(scenario, async () => {
      await withFolder(async (folder) => {
        const [made, out] = [`${folder}/made.pcapng`, `${folder}/out.pcapng`];
        const { code, stderr } = await run(Deno.execPath(), [
          "run",
          "--no-prompt",
          "--allow-read",
          `--allow-write=${folder}`,
          MAIN,
          "synth",
          scenario,
          "-w",
          made,
        ]);
        assertEquals(code, 0, stderr);
        assertEquals((await anonymize(folder, made, out)).code, 0);
        assertEquals(await skeletons(out), await skeletons(made));
        const bytes = await Deno.readFile(out);
        for (const text of await ownTexts(made)) {
          // Two letters between dashes and spaces come about by chance.
          if (text.replaceAll(/[^\p{L}\p{N}]/gu, "").length < 4) continue;
          assertEquals(indexOf(bytes, text), -1, text);
        }
      });
    });
  }
});
