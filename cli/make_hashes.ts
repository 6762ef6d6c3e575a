/**
 * Makes `core/bytes/hashes_module.ts` of `hashes.wat` beside it: `deno task hashes`.
 *
 * @module
 */
import wabt from "wabt";

const BYTES = new URL("../core/bytes/", import.meta.url);

/** The text of `hashes_module.ts`. */
export async function hashesModule(): Promise<string> {
  const source = await Deno.readTextFile(new URL("hashes.wat", BYTES));
  const { buffer } = (await wabt()).parseWat("hashes.wat", source, { simd: true })
    .toBinary({});
  const lines = buffer.toBase64().match(/.{1,80}/g)!.map((line) => `  "${line}"`);
  return "// Made of hashes.wat by `deno task hashes`.\n\n" +
    "/** The WebAssembly module of `hashes.wat`, in Base64. */\n" +
    `export const HASHES_MODULE =\n${lines.join(" +\n")};\n`;
}

if (import.meta.main) {
  const path = new URL("hashes_module.ts", BYTES);
  await Deno.writeTextFile(path, await hashesModule());
}
