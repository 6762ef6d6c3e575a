import type { Library } from "./commands/library.ts";

/** What a new plugin is made of. */
export interface PluginNames {
  /** The command's name in snake_case. */
  readonly name: string;
  readonly code: number;
  readonly library: Library;
}

/** A plugin with two fields in its request and one in its response, to be made one's own. */
export function pluginText({ name, code, library }: PluginNames): string {
  return `import { command, name8, u32 } from "${library.schema}";

/**
 * Says what ${name} does, in one sentence.
 *
 * Source: where its layout is written down.
 */
export default command({
  name: "${name}",
  doc: "Says what ${name} does, in one sentence.",
  code: ${code},
  request: {
    name: name8("Who asks, 1 to 255 bytes."),
    count: u32("How many are asked for."),
  },
  response: {
    total: u32("How many there are."),
  },
  info: ["name", "count", "total"],
});
`;
}

/** Its test: what the wire holds, what it reads as, and that cut bytes are an issue. */
export function pluginTestText({ name, code, library }: PluginNames): string {
  return `import { deepStrictEqual, ok } from "node:assert/strict";
${library.testImport}import { decode, encode, firstOf } from "${library.schema}";
import { iggyRegistry } from "${library.iggy}";
import plugin from "./${name}.${library.extension}";

const RELEASE = firstOf("0.8");
const REQUEST = { name: "ann", count: 3 };
// deno-fmt-ignore
const BYTES = [3, 0x61, 0x6e, 0x6e, 3, 0, 0, 0];

${library.test}("${name} is known by its code", () => {
  deepStrictEqual(iggyRegistry([plugin]).commands.byCode(${code})?.name, "${name}");
});

${library.test}("${name}: a request is written as it is on the wire, and reads back", () => {
  const bytes = encode(plugin.request, REQUEST, RELEASE);
  deepStrictEqual([...bytes], BYTES);
  const { fields, issues } = decode(plugin.request, bytes, RELEASE);
  deepStrictEqual(fields, REQUEST);
  deepStrictEqual(issues, []);
});

${library.test}("${name}: a response reads back", () => {
  const bytes = encode(plugin.response, { total: 12 }, RELEASE);
  deepStrictEqual(decode(plugin.response, bytes, RELEASE).fields, { total: 12 });
});

${library.test}("${name}: a request that is cut is an issue, wherever it is cut", () => {
  for (let length = 0; length < BYTES.length; length++) {
    const cut = Uint8Array.from(BYTES.slice(0, length));
    ok(decode(plugin.request, cut, RELEASE).issues.length > 0, \`\${length} bytes\`);
  }
});
`;
}

/** A request of the plugin in classic framing as hex, to be tried with `decode`. */
export function pluginHex(code: number): string {
  const header = new DataView(new ArrayBuffer(8));
  header.setUint32(0, 12, true);
  header.setUint32(4, code, true);
  return `${new Uint8Array(header.buffer).toHex()}03616e6e03000000`;
}
