import { fixtures } from "../support/packets.ts";
import { readCaptures } from "../../core/capture/open.ts";
import { PacketFlows } from "../../core/tcp/mod.ts";
import { assert, assertEquals } from "@std/assert";
import { type Transaction, transactionsOf } from "../../core/dissect/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { requirePeer, run } from "../support/peer.ts";
import { cli, fixture, withFolder, writingCli } from "./support.ts";

/** Under one key the same stand-ins come about in every run, those by chance too. */
const KEY_BYTE = 7;

/** Makes a capture anonymous under a key that is the same in every run. */
async function anonymizeAlike(folder: string, input: string, out: string) {
  const key = `${folder}/key`;
  await Deno.writeFile(key, new Uint8Array(32).fill(KEY_BYTE));
  const done = await anonymize(folder, "--key", key, input, out);
  await Deno.remove(key);
  return done;
}

async function anonymize(folder: string, ...args: string[]) {
  const { code, stderr } = await writingCli(folder, ["anonymize", ...args]);
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
        // A version says what spoke, not who.
        const isOpen = /options$|_version$|^version_info$/.test(key);
        visit(part, key, isOpen ? open : found);
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

/** A name in the forms in which bytes may hold it. */
function encodings(text: string): string[] {
  const utf8 = new TextEncoder().encode(text);
  const utf16 = [...text].flatMap((character) =>
    character.length === 1 ? [character] : []
  );
  const latin1 = new TextDecoder("latin1").decode(utf8);
  const forms = [latin1, utf8.toHex(), utf8.toHex().toUpperCase()];
  // Of fewer characters it would be found by chance.
  if (utf16.length >= 3) forms.push(utf16.join("\0"));
  // Where it does not begin at a group of three, what is left of it between the groups.
  for (const skip of [0, 1, 2]) {
    const whole = utf8.subarray(skip, skip + (utf8.length - skip) / 3 * 3);
    if (whole.length >= 6) {
      forms.push(whole.subarray(0, whole.length - whole.length % 3).toBase64());
    }
  }
  return forms.filter((form) => form.length >= 3);
}

/** All bytes of a capture, and those of each flow in order, over the borders of segments. */
async function bytesOf(path: string): Promise<string[]> {
  const latin1 = new TextDecoder("latin1");
  const flows = new Map<string, string[]>();
  const tracker = new PacketFlows({
    data({ number }, side, bytes, start, end) {
      const key = `${number} ${side}`;
      if (!flows.has(key)) flows.set(key, []);
      flows.get(key)!.push(latin1.decode(bytes.subarray(start, end)));
    },
  });
  await readCaptures([path], (packet) => tracker.push(packet), () => {});
  tracker.end();
  const whole = latin1.decode(await Deno.readFile(path));
  return [whole, ...[...flows.values()].map((parts) => parts.join(""))];
}

/** Fails where a name is left. */
async function holdsNone(path: string, texts: Iterable<string>): Promise<void> {
  const all = await bytesOf(path);
  for (const text of texts) {
    for (const form of encodings(text)) {
      assert(!all.some((bytes) => bytes.includes(form)), `${text} as ${form}`);
    }
  }
}

/** Every shipped capture of a size that a test can read several times. */
const CAPTURES = fixtures(1_200_000).filter((name) =>
  // What is sealed is blank, HTTP is not read, and the plain copies say what others do.
  !/tls|quic|http|plain|\.gz$/.test(name)
);

Deno.test("an anonymous capture has the same transactions and none of the names", async (t) => {
  for (const name of CAPTURES) {
    await t.step(name, async () => {
      await withFolder(async (folder) => {
        const [input, out] = [fixture(name), `${folder}/out.pcap`];
        const { code, stderr } = await anonymizeAlike(folder, input, out);
        assertEquals(code, 0, stderr);
        // Garbage between PDUs becomes blank, and is no garbage of the same look then.
        if (!name.includes("pipelined")) {
          assertEquals(await skeletons(out), await skeletons(input));
        }
        await holdsNone(out, await ownTexts(input));
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
    assert(stderr.includes("stay sealed and are blank: 2"), stderr);
    assertEquals((await skeletons(out)).filter(([name]) => name !== null), []);
  });
});

Deno.test("secrets inside a capture neither open it for anonymize nor survive", async () => {
  await withFolder(async (folder) => {
    const [sealed, out] = [`${folder}/sealed.pcapng`, `${folder}/out.pcapng`];
    const keys = fixture("vsr-090e5-tls13-node.keys");
    const { code, stderr } = await writingCli(folder, [
      "--keylog",
      keys,
      "--keep-secrets",
      "-w",
      sealed,
      fixture("vsr-090e5-tls13-node.pcap"),
    ]);
    assertEquals(code, 0, stderr);
    const done = await anonymize(folder, sealed, out);
    assert(done.stderr.includes("stay sealed and are blank: 1"), done.stderr);
    const written = new TextDecoder("latin1").decode(await Deno.readFile(out));
    for (const word of (await Deno.readTextFile(keys)).match(/[0-9a-f]{64,}/g)!) {
      assert(!written.includes(word));
    }
    // All that the flows carry is blank: not even the record's headers are left.
    const blank = { client: true, server: true };
    const flows = new PacketFlows({
      data(_, side, bytes, start, end) {
        blank[side] &&= bytes.subarray(start, end).every((byte) => byte === 0xff);
      },
      gap() {},
      finish() {},
      close() {},
    });
    await readCaptures([out], (packet) => flows.push(packet), () => {});
    flows.end();
    assertEquals(blank, { client: true, server: true });
  });
});

Deno.test("made captures keep their transactions, and lose every name", async (t) => {
  for (const scenario of ["tour", "lossy", "pipelining"]) {
    await t.step(scenario, async () => {
      await withFolder(async (folder) => {
        const [made, out] = [`${folder}/made.pcapng`, `${folder}/out.pcapng`];
        const { code, stderr } = await writingCli(folder, [
          "synth",
          scenario,
          "-w",
          made,
        ]);
        assertEquals(code, 0, stderr);
        assertEquals((await anonymizeAlike(folder, made, out)).code, 0);
        assertEquals(await skeletons(out), await skeletons(made));
        await holdsNone(out, await ownTexts(made));
      });
    });
  }
});
