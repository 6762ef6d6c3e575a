import { iggyRegistry } from "../../plugins/registry.ts";
import { defineCommand, UsageError, wholeNumber, writeError } from "../command.ts";
import { libraryFor } from "./library.ts";
import { output } from "../output.ts";
import {
  pluginHex,
  type PluginNames,
  pluginTestText,
  pluginText,
} from "../plugin_template.ts";

/** The first code tried where none is given; Iggy's are below 1000. */
const FIRST_CODE = 9000;
const LAST_CODE = 0xffff_ffff;

export default defineCommand({
  name: "plugin",
  summary: "Make a new command plugin and its test, which pass at once.",
  details:
    "Writes NAME.ts and NAME_test.ts (.mjs from the npm package), to be changed into the command you know; the five " +
    "steps are in plugins/README.md. Needs --allow-write. What exists is never overwritten.",
  operands: [
    { name: "ACTION", choices: ["new"], help: "What to do: make a new one." },
    { name: "NAME", help: "The command's name: small letters, digits and _." },
  ],
  options: {
    code: { value: "N", help: `Its code; the first free one from ${FIRST_CODE} on.` },
    dir: { value: "DIR", help: "Where to write; default here. Made where missing." },
  },
  examples: [
    ["plugin new greet --code 9999", "greet.ts and greet_test.ts in this folder"],
    ["plugin new greet --dir plugins/system", "The same in another folder"],
  ],
  async run(options, [_, name = ""]) {
    checkName(name);
    const code = codeFor(options.code);
    const folder = folderUrl(options.dir ?? ".");
    const library = libraryFor(folder), { extension } = library;
    const names = { name, code, library };
    await writeNew(folder, [
      [`${name}.${extension}`, pluginText(names)],
      [`${name}_test.${extension}`, pluginTestText(names)],
    ], options.dir);
    output.write(nextSteps(names, options.dir));
    return 0;
  },
});

function checkName(name: string): void {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) {
    throw new UsageError(
      `plugin new: "${name}" is no name: small letters, digits and _, a letter first`,
    );
  }
  if (iggyRegistry().commands.byName(name) !== undefined) {
    throw new UsageError(`plugin new: Iggy has a command ${name} already`);
  }
}

/** The code given, or the first that is free. */
function codeFor(given: string | undefined): number {
  const { commands } = iggyRegistry();
  if (given === undefined) {
    let code = FIRST_CODE;
    while (commands.byCode(code) !== undefined) code++;
    return code;
  }
  const code = wholeNumber("code", given);
  if (code > LAST_CODE) throw new UsageError(`--code is at most ${LAST_CODE}`);
  const other = commands.byCode(code);
  if (other !== undefined) throw new UsageError(`--code ${code} is ${other.name}'s`);
  return code;
}

function folderUrl(path: string): URL {
  const here = `file://${encodeURI(Deno.cwd())}/`;
  return new URL(`${encodeURI(path).replace(/\/*$/, "")}/`, here);
}

/** Writes all files or none; a file that exists stays as it is. */
async function writeNew(
  folder: URL,
  files: readonly (readonly [name: string, text: string])[],
  dir: string | undefined,
): Promise<void> {
  const made: URL[] = [];
  try {
    if (dir !== undefined) await Deno.mkdir(folder, { recursive: true });
    for (const [name, text] of files) {
      const url = new URL(name, folder);
      await Deno.writeTextFile(url, text, { createNew: true });
      made.push(url);
    }
  } catch (error) {
    for (const url of made) await Deno.remove(url);
    const name = files[made.length]![0];
    throw writeError(`plugin new: ${reason(error, name, dir ?? ".")}`, error);
  }
}

function reason(error: unknown, name: string, dir: string): string {
  if (error instanceof Deno.errors.NotCapable) {
    return `it writes files: run it with --allow-write=${dir}`;
  }
  if (error instanceof Deno.errors.AlreadyExists) {
    return `${name} exists already; nothing is overwritten`;
  }
  return error instanceof Error ? error.message : String(error);
}

function nextSteps(names: PluginNames, dir: string | undefined): string {
  const { name, code, library } = names;
  const path = dir === undefined ? `./${name}` : `${dir.replace(/\/*$/, "")}/${name}`;
  const file = `${path}.${library.extension}`, test = `${path}_test.${library.extension}`;
  return `Wrote ${file} and ${test}: command ${name}, code ${code}, using
${library.schema}.

Test it:      ${library.run(test)}
Try it:       iggyscope decode --plugin ${file} ${pluginHex(code)}
In captures:  iggyscope dissect --plugin ${file} CAPTURE
Not called?   iggyscope dissect --plugin ${file} --trace-plugin ${name} CAPTURE
`;
}
