import type { Command } from "./command.ts";
import type { ReleaseSet } from "./release_set.ts";

/** Commands by name, code and operation, in the order they were listed. */
export interface CommandTable {
  readonly all: readonly Command[];
  byName(name: string): Command | undefined;
  /**
   * By the code of both framings. Where releases gave a code to different commands, it is the
   * one of the newest release still possible.
   */
  byCode(code: number, releases?: ReleaseSet): Command | undefined;
  /**
   * By the VSR operation that a client sends or a primary replicates: one command, or all that
   * share the operation, in the order they were listed.
   */
  byOperation(operation: number): readonly Command[];
  /** The commands that a reply with this operation may answer. */
  answeredBy(operation: number): readonly Command[];
}

const NONE: readonly Command[] = [];

/**
 * Looks commands up. Throws `TypeError` that lists every name, code and operation used twice.
 * A code may be used twice by commands of different releases.
 */
export function commandTable(commands: readonly Command[]): CommandTable {
  const twice: string[] = [];
  const names = new Map<string, Command>();
  const codes = new Map<number, Command[]>();
  const operations = new Map<number, Command[]>();
  for (const command of commands) {
    const { name, code, operation } = command;
    const other = names.get(name);
    if (other === undefined) names.set(name, command);
    else twice.push(`name ${name}: ${other.name} and ${name}`);
    if (code !== null) {
      const same = codes.get(code) ?? [];
      for (const one of same) {
        if (overlap(one, command)) {
          twice.push(`code ${code}: ${one.name} and ${name}`);
        }
      }
      codes.set(code, [...same, command].toSorted((a, b) => b.from - a.from));
    }
    if (operation !== null) {
      const same = operations.get(operation) ?? [];
      for (const one of same) {
        if (!(one.sharesOperation && command.sharesOperation)) {
          twice.push(`operation ${operation}: ${one.name} and ${name}`);
        }
      }
      operations.set(operation, [...same, command]);
    }
  }
  if (twice.length > 0) throw new TypeError(`registered twice: ${twice.join("; ")}`);
  const byOperation = (operation: number) => operations.get(operation) ?? NONE;
  const answered = new Map<number, readonly Command[]>();
  for (const [operation, same] of operations) {
    const asked = names.get(same[0]?.replicates ?? "");
    answered.set(operation, asked === undefined ? same : [asked]);
  }
  return Object.freeze({
    all: Object.freeze([...commands]),
    byName: (name: string) => names.get(name),
    byCode(code: number, releases?: ReleaseSet) {
      const same = codes.get(code);
      if (same === undefined || same.length === 1 || releases === undefined) {
        return same?.[0];
      }
      return same.find(({ from, to }) => releases.overlaps(from, to)) ?? same[0];
    },
    byOperation,
    answeredBy: (operation: number) => answered.get(operation) ?? NONE,
  });
}

/** Whether some release has both commands. */
function overlap(a: Command, b: Command): boolean {
  return a.from <= b.to && b.from <= a.to;
}
