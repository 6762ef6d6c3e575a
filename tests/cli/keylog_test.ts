import { assert, assertEquals } from "../support/assert.ts";
import { cli, fixture, withFolder, writingCli } from "./support.ts";

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
