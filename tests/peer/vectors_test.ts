import { iggyRegistry } from "../../plugins/registry.ts";
import { vectorsOf } from "../../core/vectors/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { requirePeer, run } from "../support/peer.ts";
import { cargoEnvironment } from "../support/schemas.ts";

const JUDGE = new URL("upstream/Cargo.toml", import.meta.url).pathname;

/**
 * What upstream's codec refuses besides wrong bytes: the values of a fetch have to make sense
 * together, which is a server's business and no layout's.
 */
const REFUSED = /^fetch_messages\/request.*: validation failed: invalid fetch wait/;

Deno.test("upstream's published codec reads the newest vectors and writes them again", async () => {
  if (!requirePeer("cargo")) return;
  const folder = await Deno.makeTempDir();
  try {
    const names: string[] = [];
    for (const vector of vectorsOf(iggyRegistry())) {
      const { command, direction, releases, bytes, fields } = vector;
      if (fields === null || !releases.endsWith("+")) continue;
      const name = `${command.name}/${direction}-${releases}`;
      await Deno.mkdir(`${folder}/${name}`, { recursive: true });
      const path = `${folder}/${name}/${names.length}`;
      await Deno.writeFile(`${path}.bin`, bytes);
      const record = { command: command.name, direction };
      await Deno.writeTextFile(`${path}.json`, JSON.stringify(record));
      names.push(path);
    }
    const { code, stdout, stderr } = await run("cargo", [
      "run",
      "--quiet",
      "--locked",
      `--manifest-path=${JUDGE}`,
    ], {
      stdin: new TextEncoder().encode(`${names.join("\n")}\n`),
      env: cargoEnvironment(),
    });
    assertEquals(code, 0, stderr);
    const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
    const counts = lines.pop()!;
    const wrong = lines.map((line) => line.slice(folder.length + 1))
      .filter((line) => !REFUSED.test(line));
    assertEquals(wrong, []);
    const [equal] = /^\d+/.exec(counts) ?? [];
    assert(Number(equal) > 600, counts);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
