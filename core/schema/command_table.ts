import type { Command } from "./command.ts";

/** Commands by name, code and operation, in the order they were listed. */
export interface CommandTable {
  readonly all: readonly Command[];
  byName(name: string): Command | undefined;
  /** By the code of both framings. */
  byCode(code: number): Command | undefined;
  /**
   * By the VSR operation that a client sends or a primary replicates: one command, or all that
   * share the operation, in the order they were listed.
   */
  byOperation(operation: number): readonly Command[];
}

/**
 * Looks commands up. Throws `TypeError` that lists every name, code and operation used twice.
 */
export function commandTable(commands: readonly Command[]): CommandTable {
  const twice: string[] = [];
  const index = <Key>(what: string, keysOf: (command: Command) => (Key | null)[]) => {
    const map = new Map<Key, Command>();
    for (const command of commands) {
      for (const key of keysOf(command)) {
        if (key === null) continue;
        const other = map.get(key);
        if (other === undefined) map.set(key, command);
        else twice.push(`${what} ${key}: ${other.name} and ${command.name}`);
      }
    }
    return map;
  };
  const names = index("name", (command) => [command.name]);
  const codes = index("code", (command) => [command.code]);
  const operations = index(
    "operation",
    (command) => command.sharesOperation ? [] : [command.operation, command.replicatedAs],
  );
  const shared = commands.filter((command) => command.sharesOperation);
  for (const { name, operation } of shared) {
    const other = operation === null ? undefined : operations.get(operation);
    if (other !== undefined) {
      twice.push(`operation ${operation}: ${other.name} and ${name}`);
    }
  }
  if (twice.length > 0) throw new TypeError(`registered twice: ${twice.join("; ")}`);
  return Object.freeze({
    all: Object.freeze([...commands]),
    byName: (name: string) => names.get(name),
    byCode: (code: number) => codes.get(code),
    byOperation(operation: number) {
      const only = operations.get(operation);
      return only === undefined
        ? shared.filter((command) => command.operation === operation)
        : [only];
    },
  });
}
