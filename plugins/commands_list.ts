/**
 * Writes `plugins/commands.ts`: `deno task commands`. Each file of an area is a command, so
 * that a new one is one file written by hand.
 *
 * @module
 */
import { type Command, EARLIEST } from "../core/schema/mod.ts";

/** A command with the file that holds it. */
interface Listed {
  readonly area: string;
  readonly command: Command;
}

const HEAD = `/**
 * @module
 * Every command of Apache Iggy, made by \`deno task commands\` of the files in the folders
 * beside this one; do not edit it.
 */
import type { Command } from "../core/schema/mod.ts";
`;

/** The text of the file. */
export async function commandsList(): Promise<string> {
  const areas = Map.groupBy(await commandFiles(), ({ area }) => area);
  const sorted = [...areas.values()]
    .sort((a, b) => firstCode(a) - firstCode(b))
    .map((area) => area.sort((a, b) => order(a.command, b.command)));
  const imports = sorted.flat().map(({ area, command: { name } }) =>
    `import ${variable(name)} from "./${area}/${name}.ts";\n`
  );
  const lists = sorted.map((area) =>
    `  // ${area[0]!.area}\n` + area.map(({ command: { name } }) => {
      const named = variable(name);
      return name === named ? `  ${name},\n` : `  ${name}: ${named},\n`;
    }).join("")
  );
  return `${HEAD}${imports.join("")}
/** Every command by its name, area by area, in the order of their codes. */
export const commands = {
${lists.join("")}} as const;

/** A command of Iggy. */
export type IggyCommand = typeof commands[keyof typeof commands];

/** All commands, in the same order. */
export const iggyCommands: readonly Command[] = Object.values(commands);
`;
}

async function commandFiles(): Promise<Listed[]> {
  const found: Listed[] = [];
  for (
    const { name: area, isDirectory } of Deno.readDirSync(new URL(".", import.meta.url))
  ) {
    if (!isDirectory || /^(_|framings$)/.test(area)) continue;
    for (const { name: file } of Deno.readDirSync(new URL(area, import.meta.url))) {
      if (file.startsWith("_")) continue;
      const path = `./${area}/${file}`;
      const { default: command }: { default?: Command } = await import(path);
      if (`${command?.name}.ts` !== file) {
        throw new TypeError(`plugins/${area}/${file}: its command is ${command?.name}`);
      }
      found.push({ area, command: command! });
    }
  }
  return found;
}

/** The lowest code that an area had in the first release. */
function firstCode(area: readonly Listed[]): number {
  const codes = area.filter(({ command }) => command.from === EARLIEST);
  return Math.min(...codes.map(({ command }) => command.code ?? Infinity));
}

/** By code, then by release; what only replicas send comes last, by operation. */
function order(a: Command, b: Command): number {
  const keys = ({ code, from, operation }: Command) => [
    code ?? Number.MAX_SAFE_INTEGER,
    from,
    operation ?? 0,
  ];
  const [left, right] = [keys(a), keys(b)];
  const at = left.findIndex((key, i) => key !== right[i]);
  return at < 0 ? 0 : left[at]! - right[at]!;
}

function variable(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

if (import.meta.main) {
  const path = new URL("commands.ts", import.meta.url);
  await Deno.writeTextFile(path, await commandsList());
}
