/**
 * `deno task dump-reader COMMAND [request|response|prepare] [RELEASE]`: prints the code that
 * the compiler makes of a layout to write its JSON, to be read by people.
 *
 * @module
 */
import { firstOf, LATEST, sourceOf } from "../core/schema/mod.ts";
import { iggyRegistry } from "../plugins/registry.ts";

const PARTS = ["request", "response", "prepare"] as const;

/** The code of one layout; throws `TypeError` that says what there is. */
export function readerText(name: string, part = "response", release?: string): string {
  const command = iggyRegistry().commands.all.find((one) => one.name === name);
  if (command === undefined) throw new TypeError(`no command is named ${name}`);
  const found = PARTS.find((one) => one === part);
  const layout = found === undefined ? null : command[found];
  if (layout === null) throw new TypeError(`${name} has no ${part}`);
  const source = sourceOf(layout, release === undefined ? LATEST : firstOf(release), {
    verified: true,
    json: true,
    most: "most",
    showSecrets: false,
  });
  if (source === null) {
    throw new TypeError(`the ${part} of ${name} is only read carefully`);
  }
  const lines = [...source.constants, "(b, p, e, o, most) => {", ...source.lines, "}"];
  return `${lines.join("\n")}\n`;
}

if (import.meta.main) {
  const [name = "", part, release] = Deno.args;
  console.log(readerText(name, part, release));
}
