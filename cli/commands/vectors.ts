import type { Registry } from "../../core/dissect/registry.ts";
import { layoutsPage, vectorFiles, vectorsOf } from "../../core/vectors/mod.ts";
import { defineCommand, UsageError, writeError } from "../command.ts";
import { output, say } from "../output.ts";
import { pluginOption, registryWith } from "../plugins.ts";
import readme from "../../plugins/vectors_readme.md" with { type: "text" };

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
  const wanted = registry.commands.all.filter(({ name }) =>
    only.length === 0 || only.includes(name)
  );
  const files = vectorFiles(vectorsOf(registry, wanted), readme);
  for (;;) {
    const { done, value } = files.next();
    if (done) return value;
    const folder = value.path.lastIndexOf("/");
    if (folder > 0) {
      await Deno.mkdir(`${part}/${value.path.slice(0, folder)}`, { recursive: true });
    }
    await Deno.writeFile(`${part}/${value.path}`, value.bytes);
  }
}
