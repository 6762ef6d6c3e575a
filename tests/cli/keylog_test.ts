import { assert, assertEquals } from "../support/assert.ts";
import { cli, fixture, MAIN, withFolder, writingCli } from "./support.ts";

const NDJSON = ["-T", "ndjson"];
const latin1 = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);

Deno.test("-w keeps the secrets only with --keep-secrets, and what it kept opens", async (t) => {
  for (const name of ["vsr-090e5-tls13-node", "vsr-090e5-quic"]) {
    await t.step(name, () =>
      withFolder(async (folder) => {
        const keys = fixture(`${name}.keys`);
        const secret = (await Deno.readTextFile(keys)).trim().split(/\s+/).at(-1)!;
        const saved = `${folder}/saved.pcapng`;
        const save = async (...more: string[]) => {
          const { code } = await writingCli(folder, [
            ...["--keylog", keys, "-w", saved, "-Y", "iggy.command == ping", ...more],
            fixture(`${name}.pcap`),
          ]);
          assertEquals(code, 0);
          return latin1(await Deno.readFile(saved));
        };
        assert(!(await save()).includes(secret), "a secret was written");
        assert((await save("--keep-secrets")).includes(secret));
        const { code, stdout, stderr } = await cli([saved]);
        assertEquals([code, stderr], [0, ""]);
        assert(stdout.includes(" ping "), stdout);
        assert(!stdout.includes(secret));
      }));
  }
});

Deno.test("a key log that is not there is one line", async () => {
  const args = ["--keylog", "no-such.keys", fixture("vsr-090e5-tls13-node.pcap")];
  const { code, stderr } = await cli(args);
  assertEquals([code, stderr], [3, "iggyscope: no-such.keys: no such key log\n"]);
});

/** The shipped capture of QUIC up to the end of a packet, and what follows. */
async function parted(packets: number): Promise<[Uint8Array, Uint8Array]> {
  const bytes = await Deno.readFile(fixture("vsr-090e5-quic.pcap"));
  const view = new DataView(bytes.buffer);
  let at = 24;
  for (let i = 0; i < packets; i++) at += 16 + view.getUint32(at + 8, true);
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

for (const way of ["standard input", "a file that is followed"]) {
  Deno.test(`a key log that grows while ${way} is read opens what comes`, () =>
    withFolder(async (folder) => {
      const [log, file] = [`${folder}/log.keys`, `${folder}/growing.pcap`];
      const known = fixture("vsr-090e5-quic.keys");
      const keys = await Deno.readTextFile(known);
      const whole = fixture("vsr-090e5-quic.pcap");
      const wanted = await cli([...NDJSON, "--keylog", known, whole]);
      const [handshake, rest] = await parted(6);
      await Deno.writeTextFile(log, "# nothing yet\n");
      await Deno.writeFile(file, new Uint8Array());
      const isFile = way !== "standard input";
      const child = new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--no-prompt", "--allow-read", MAIN, ...NDJSON, "--keylog", log],
          ...isFile ? ["--follow", file] : ["-"],
        ],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      // What never says what is waited for ends, so that the test fails.
      const limit = setTimeout(() => child.kill(), 120_000);
      const stdin = child.stdin.getWriter();
      const send = (bytes: Uint8Array) =>
        isFile ? Deno.writeFile(file, bytes, { append: true }) : stdin.write(bytes);
      const said = text(child.stderr), told = text(child.stdout);
      await said.until((all) => all.includes("holds no TLS secrets (yet)"));
      await send(handshake);
      // A line of it is written in two pieces.
      await Deno.writeTextFile(log, keys.slice(0, -40), { append: true });
      await Deno.writeTextFile(log, keys.slice(-40), { append: true });
      await send(rest);
      const count = wanted.stdout.split("\n").length;
      await told.until((all) => all.split("\n").length >= count);
      await stdin.close();
      if (isFile) child.kill("SIGINT");
      await child.status;
      clearTimeout(limit);
      assertEquals(await told.all, wanted.stdout);
      await said.all;
    }));
}

/** What a program writes, and a way to wait for some of it. */
function text(from: ReadableStream<Uint8Array>) {
  let all = "";
  let isOver = false;
  let wake = () => {};
  const done = (async () => {
    for await (
      const piece of from.pipeThrough(new TextDecoderStream() as TransformStream)
    ) {
      all += piece;
      wake();
    }
    isOver = true;
    wake();
    return all;
  })();
  return {
    all: done,
    async until(isSo: (all: string) => boolean): Promise<void> {
      while (!isSo(all)) {
        assert(!isOver, `it ended with ${all}`);
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
  };
}
