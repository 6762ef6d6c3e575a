/**
 * Writes the golden files anew: `deno task golden`. Read the diff before it is committed.
 *
 * @module
 */
import { captures, goldenOf } from "./golden.ts";

const folder = new URL("../../fixtures/golden/", import.meta.url);
for (const { name } of Deno.readDirSync(folder)) {
  if (/\.(ndjson|json)$/.test(name)) Deno.removeSync(new URL(name, folder));
}
for (const capture of captures()) {
  const { file, text } = await goldenOf(capture);
  await Deno.writeTextFile(file, text);
}
