/**
 * Compares two published versions of upstream's protocol crate: `deno task upstream OLD NEW`
 * lists codes, operations, frames, structures and their fields that NEW has and OLD has not, and
 * says which of the numbers no plugin knows. It reads `~/.cargo/registry/src`, or two folders; `cargo
 * fetch` brings a crate there.
 *
 * @module
 */
import { VSR_FRAMES } from "./framings/vsr/mod.ts";
import { iggyCommands } from "./mod.ts";

const CRATE = "iggy_binary_protocol";

/** Lines of Rust that declare a number or a structure, by what they declare. */
const DECLARATIONS: readonly (readonly [what: string, pattern: RegExp, file: RegExp])[] =
  [
    ["code", /^pub const ([A-Z_]+)_CODE: u32 = (\d+);/gm, /codes\.rs$/],
    ["operation", /^ {4}([A-Z]\w+) = (\d+),/gm, /operation\.rs$/],
    ["frame", /^ {4}([A-Z]\w+) = (\d+),/gm, /command\.rs$/],
    ["structure", /^pub struct (\w+)/gm, /\.rs$/],
  ];

const STRUCTURE = /^pub struct (\w+)[^{;(]*\{\n([\s\S]*?)^\}/gm;
const FIELD = /^ {4}pub (\w+: .+),$/gm;

/** The fields of the structures in a file: `field StatsResponse.open_files_count: u64`. */
function fieldsIn(text: string): string[] {
  return [...text.matchAll(STRUCTURE)].flatMap(([, structure, body]) =>
    [...body!.matchAll(FIELD)].map(([, field]) => `field ${structure}.${field}`)
  );
}

async function folderOf(version: string): Promise<string> {
  if (version.includes("/")) return version;
  const root = `${Deno.env.get("HOME")}/.cargo/registry/src`;
  for await (const { name } of Deno.readDir(root)) {
    const folder = `${root}/${name}/${CRATE}-${version}/src`;
    if (await Deno.stat(folder).then(() => true, () => false)) return folder;
  }
  throw new Error(
    `${CRATE} ${version} is not under ${root}: add it to a project, cargo fetch`,
  );
}

async function declared(folder: string, found = new Set<string>()): Promise<Set<string>> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await declared(path, found);
    else {
      const text = await Deno.readTextFile(path);
      for (const field of fieldsIn(text)) found.add(field);
      for (const [what, pattern, file] of DECLARATIONS) {
        if (!file.test(name)) continue;
        for (const [, own, number] of text.matchAll(pattern)) {
          found.add(`${what} ${number === undefined ? own : `${number} ${own}`}`);
        }
      }
    }
  }
  return found;
}

function isKnown(line: string): boolean | null {
  const [what, number] = line.split(" ");
  if (what === "code") return iggyCommands.some(({ code }) => code === Number(number));
  if (what === "operation") {
    return iggyCommands.some(({ operation }) => operation === Number(number));
  }
  if (what === "frame") {
    return VSR_FRAMES.some(({ spec }) => spec.number === Number(number));
  }
  return null;
}

/** Lines that only `one` has, without the fields of structures that are told as a whole. */
function only(one: ReadonlySet<string>, other: ReadonlySet<string>): string[] {
  const lines = one.difference(other);
  const isTold = (line: string) => {
    const [, structure] = /^field (\w+)\./.exec(line) ?? [];
    return structure !== undefined && lines.has(`structure ${structure}`);
  };
  return [...lines].filter((line) => !isTold(line)).sort();
}

if (import.meta.main) {
  const [old, newer] = Deno.args;
  if (old === undefined || newer === undefined) {
    console.error("usage: deno task upstream OLD NEW, versions of the crate or folders");
    Deno.exit(2);
  }
  const [before, after] = [
    await declared(await folderOf(old)),
    await declared(await folderOf(newer)),
  ];
  for (const line of only(after, before)) {
    console.log(`+ ${line}${isKnown(line) === false ? "  (no plugin knows it)" : ""}`);
  }
  for (const line of only(before, after)) console.log(`- ${line}`);
}
