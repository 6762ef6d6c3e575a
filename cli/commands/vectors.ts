import type { Registry } from "../../core/dissect/registry.ts";
import { layoutsPage, type Vector, vectorsOf } from "../../core/vectors/mod.ts";
import { defineCommand, UsageError, writeError } from "../command.ts";
import { output, say } from "../output.ts";
import { pluginOption, registryWith } from "../plugins.ts";
import readme from "../vectors_readme.md" with { type: "text" };

/** Letters of a file name that the reason for a vector may take. */
const MAX_SLUG = 48;

export default defineCommand({
  name: "vectors",
  summary: "Write conformance vectors for tests of SDKs: bytes and what they say.",
  details:
    "For each command, direction and layout the payloads an encoder makes of its lowest, " +
    "typical and highest values and of each choice the layout leaves, and malformed ones " +
    "with what a decoder has to find. DIR must not exist; it appears whole or not at all. " +
    "Needs --allow-write.",
  operands: [{ name: "DIR", help: "The folder to make.", optional: true }],
  options: {
    command: {
      value: "NAME",
      names: "commands",
      repeatable: true,
      help: "Only this command; repeatable.",
    },
    layouts: { help: "Print a page that draws each layout as bytes, instead." },
    plugin: pluginOption,
  },
  examples: [
    ["vectors vectors/", "Every command of every release"],
    ["vectors --command create_topic vectors/", "One command"],
  ],
  async run({ command, layouts, plugin }, [dir]) {
    if ((dir === undefined) !== layouts) {
      throw new UsageError("vectors needs DIR, or --layouts and no DIR");
    }
    const registry = await registryWith(plugin);
    checkNames(command, registry);
    if (dir === undefined) {
      output.write(layoutsPage(registry, vectorsOf(registry)));
      return 0;
    }
    const folder = dir.replace(/\/+$/, "") || "/";
    const count = await writeWhole(folder, (part) => writeAll(part, registry, command));
    say(`${count} vectors are in ${folder}`);
    return 0;
  },
});

function checkNames(names: readonly string[], { commands }: Registry): void {
  for (const name of names) {
    if (commands.byName(name) === undefined) {
      throw new UsageError(`vectors: no command is named "${name}"`);
    }
  }
}

/** Makes a folder under another name and gives it its own at the end. */
async function writeWhole<T>(
  folder: string,
  write: (part: string) => Promise<T>,
): Promise<T> {
  const part = `${folder}.part`;
  try {
    if (await exists(folder)) {
      throw new UsageError(`vectors: ${folder} exists already; nothing is overwritten`);
    }
    await Deno.mkdir(part, { recursive: true });
  } catch (error) {
    throw asUsage(error, folder);
  }
  try {
    const result = await write(part);
    await Deno.rename(part, folder);
    return result;
  } catch (error) {
    await Deno.remove(part, { recursive: true });
    throw asUsage(error, folder);
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
}

function asUsage(error: unknown, folder: string): unknown {
  if (error instanceof Deno.errors.NotCapable) {
    return new UsageError(`vectors writes files: run it with --allow-write`);
  }
  if (!(error instanceof Error) || error instanceof UsageError) return error;
  if (!(error.name in Deno.errors) && !("code" in error)) return error;
  return writeError(`vectors: ${folder} cannot be written: ${error.message}`, error);
}

async function writeAll(
  part: string,
  registry: Registry,
  only: readonly string[],
): Promise<number> {
  const index: string[] = [];
  const counts = new Map<string, number>();
  const wanted = registry.commands.all.filter(({ name }) =>
    only.length === 0 || only.includes(name)
  );
  for (const vector of vectorsOf(registry, wanted)) {
    const { command, direction, releases, why } = vector;
    const layout = `${command.name}/${direction}-${releases}`;
    const number = (counts.get(layout) ?? 0) + 1;
    counts.set(layout, number);
    if (number === 1) await Deno.mkdir(`${part}/${layout}`, { recursive: true });
    const name = `${layout}/${String(number).padStart(3, "0")}-${slugOf(why)}`;
    await Deno.writeFile(`${part}/${name}.bin`, vector.bytes);
    await Deno.writeTextFile(`${part}/${name}.json`, vectorJson(vector));
    index.push(name);
  }
  await Deno.writeTextFile(`${part}/index.json`, `${JSON.stringify(index, null, 1)}\n`);
  await Deno.writeTextFile(`${part}/README.md`, readme);
  return index.length;
}

function slugOf(why: string): string {
  const words = why.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replace(/^-+/, "");
  return words.slice(0, MAX_SLUG).replace(/-+$/, "");
}

function vectorJson(vector: Vector): string {
  const { command, direction, releases, why, bytes, fields, offsets, issues } = vector;
  const record = {
    command: command.name,
    direction,
    code: command.code,
    operation: command.operation,
    releases,
    why,
    length: bytes.length,
    valid: fields !== null,
    fields,
    offsets,
    issues,
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}
