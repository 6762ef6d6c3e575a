import { parseArgs } from "@std/cli/parse-args";
import { nearest } from "../core/filter/suggest.ts";

/** Wrong usage; its message is one line for the user, and the exit code is 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** What the system says where a disk takes no more. */
const FULL: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EFBIG", "EIO"]);

/**
 * What a write that failed is told as: wrong usage, or, where the disk takes no more, an error
 * of the system, whose exit code is 3.
 */
export function writeError(message: string, error: unknown): Error {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return FULL.has(code)
    ? Object.assign(new Error(message), { code })
    : new UsageError(message);
}

/** Names that a registry has and shells complete. */
export type NameList = "fields" | "filter" | "commands";

/** One option of a subcommand. Without `value` it is a switch. */
export interface OptionSpec {
  /** One letter, as `-T`. */
  readonly short?: string;
  /** Name of the value in help. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** It may stand without a value too; a word that looks like this is taken for one. */
  readonly alone?: RegExp;
  /** Values worth offering, where others are possible too. */
  readonly likely?: readonly string[];
  /** Values are names that the registry has; a filter is completed word by word. */
  readonly names?: NameList;
  readonly repeatable?: true;
  readonly help: string;
}

/** Options by their long name. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** The values of options: switches are booleans, repeatable ones lists. */
export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends { repeatable: true } ? string[]
    : Specs[Name] extends { choices: readonly (infer Choice)[] } ? Choice | undefined
    : Specs[Name] extends { value: string } ? string | undefined
    : boolean;
};

/** An argument that is no option. */
export interface OperandSpec {
  readonly name: string;
  readonly choices?: readonly string[];
  /** See {@link OptionSpec}. */
  readonly names?: NameList;
  readonly help: string;
  readonly optional?: true;
  readonly repeatable?: true;
}

/** A subcommand as a plain value; help, completions and the man page are walks over it. */
export interface CommandSpec<Specs extends OptionSpecs> {
  readonly name: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** More about it, in sentences. */
  readonly details?: string;
  readonly operands: readonly OperandSpec[];
  readonly options: Specs;
  /** Arguments behind the program's name, each with what they do. */
  readonly examples: readonly (readonly [args: string, does: string])[];
  /** Options of tshark's that it does not take, each with what to do instead. */
  readonly hints?: Readonly<Record<string, string>>;
  /** Does the work, and imports what only this work needs; gives the exit code. */
  run(options: OptionValues<Specs>, operands: readonly string[]): Promise<number>;
}

/** A subcommand in the table. */
export interface CliCommand extends Omit<CommandSpec<OptionSpecs>, "run"> {
  /** Parses the arguments and does the work; throws {@link UsageError}. */
  execute(args: readonly string[]): Promise<number>;
}

/** Makes a subcommand; the types of its options follow from their specs. */
export function defineCommand<const Specs extends OptionSpecs>(
  spec: CommandSpec<Specs>,
): CliCommand {
  const { run, ...rest } = spec;
  return Object.freeze({
    ...rest,
    async execute(args: readonly string[]) {
      const { options, operands } = parse(spec, args);
      return await run(options, operands);
    },
  });
}

function parse<Specs extends OptionSpecs>(
  { name, options: specs, operands: wanted, hints = {} }: CommandSpec<Specs>,
  args: readonly string[],
): { options: OptionValues<Specs>; operands: string[] } {
  const entries = Object.entries<OptionSpec>(specs);
  const names = (keep: (spec: OptionSpec) => boolean) =>
    entries.filter(([, spec]) => keep(spec)).map(([long]) => long);
  const alias = Object.fromEntries(
    entries.flatMap(([long, { short }]) => short === undefined ? [] : [[long, short]]),
  );
  const parsed = parseArgs(separated(args, specs), {
    boolean: names((spec) => spec.value === undefined),
    string: ["_", ...names((spec) => spec.value !== undefined)],
    collect: names((spec) => spec.repeatable === true),
    alias,
    unknown(arg, key) {
      if (key !== undefined) throw new UsageError(unknownOption(name, arg, specs, hints));
      return true;
    },
  });
  for (const [long, spec] of entries) {
    for (const value of [parsed[long]].flat()) checkValue(long, spec, value);
  }
  const operands = parsed._.map(String);
  checkOperands(name, wanted, operands);
  return { options: parsed as unknown as OptionValues<Specs>, operands };
}

/** Parts letters written together, `-Vx`, from a value written to its letter, `-Tjson`. */
function separated(args: readonly string[], specs: OptionSpecs): string[] {
  const byLetter = new Map(
    Object.values(specs).map((spec) => [spec.short, spec] as const),
  );
  const end = args.indexOf("--");
  const options = withDashes(end < 0 ? args : args.slice(0, end), specs);
  const parted = options.flatMap((arg, i) => {
    const { alone } = specs[arg.replace(/^--/, "")] ?? {};
    if (alone !== undefined && !alone.test(options[i + 1] ?? "")) return [`${arg}=`];
    if (!/^-[A-Za-z]./.test(arg)) return [arg];
    const parts: string[] = [];
    for (let at = 1; at < arg.length; at++) {
      parts.push(`-${arg[at]}`);
      if (byLetter.get(arg[at])?.value === undefined) continue;
      const value = arg.slice(at + 1);
      if (value !== "") parts.push(value);
      break;
    }
    return parts;
  });
  return end < 0 ? parted : [...parted, ...args.slice(end)];
}

/** A lone - behind an option that wants a value is that value: standard input or output. */
function withDashes(args: readonly string[], specs: OptionSpecs): string[] {
  const wanting = Object.entries(specs).filter(([, spec]) =>
    spec.value !== undefined && spec.alone === undefined
  );
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    const option = arg !== "-"
      ? undefined
      : wanting.find(([long, { short }]) =>
        before === `--${long}` || short !== undefined && before === `-${short}`
      );
    if (option === undefined) joined.push(arg);
    else joined[joined.length - 1] = `--${option[0]}=-`;
  }
  return joined;
}

function unknownOption(
  command: string,
  arg: string,
  specs: OptionSpecs,
  hints: Readonly<Record<string, string>>,
): string {
  const option = arg.split("=")[0]!;
  if (hints[option] !== undefined) return `unknown option ${option}; ${hints[option]}`;
  const near = option.startsWith("--")
    ? nearest(option.slice(2), Object.keys(specs))
    : null;
  const hint = near === null
    ? `see iggyscope ${command} --help`
    : `did you mean --${near}?`;
  return `unknown option ${option}; ${hint}`;
}

function checkValue(name: string, spec: OptionSpec, value: unknown): void {
  if (spec.value === undefined || value === undefined) return;
  if (value === "" && spec.alone !== undefined) return;
  if (value === "") throw new UsageError(`--${name} needs a value: ${spec.value}`);
  if (spec.choices !== undefined && !spec.choices.includes(String(value))) {
    const near = nearest(String(value), spec.choices);
    throw new UsageError(
      `--${name} is one of ${spec.choices.join(", ")}, not "${value}"` +
        (near === null ? "" : `; did you mean ${near}?`),
    );
  }
}

function checkOperands(
  command: string,
  wanted: readonly OperandSpec[],
  operands: readonly string[],
): void {
  const missing = wanted[operands.length];
  if (missing !== undefined && !missing.optional) {
    throw new UsageError(`${command} needs ${missing.name}`);
  }
  if (operands.length > wanted.length && !wanted.at(-1)?.repeatable) {
    throw new UsageError(`${command} takes no "${operands[wanted.length]}"`);
  }
  wanted.forEach(({ name, choices }, i) => {
    const value = operands[i];
    if (choices === undefined || value === undefined || choices.includes(value)) return;
    const near = nearest(value, choices);
    throw new UsageError(
      `${command}: ${name} is ${oneOf(choices)}, not "${value}"` +
        (near === null ? "" : `; did you mean ${near}?`),
    );
  });
}

function oneOf(choices: readonly string[]): string {
  return choices.length === 1 ? choices[0]! : `one of ${choices.join(", ")}`;
}

/** An option's value as a whole number of at least `least`. */
export function wholeNumber(name: string, value: string, least = 0): number {
  if (!/^\d{1,15}$/.test(value) || Number(value) < least) {
    throw new UsageError(`--${name} is a number from ${least} on, not "${value}"`);
  }
  return Number(value);
}
