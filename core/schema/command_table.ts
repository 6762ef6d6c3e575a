import type { Command } from "./command.ts";

/** Commands by name, code and operation, in the order they were listed. */
export interface CommandTable {
  readonly all: readonly Command[];
  byName(name: string): Command | undefined;
  /** By the code of both framings. */
  byCode(code: number): Command | undefined;
  /** By the VSR operation a client sends or a primary replicates. */
  byOperation(operation: number): Command | undefined;
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
    (command) => [command.operation, command.replicatedAs],
  );
  if (twice.length > 0) throw new TypeError(`registered twice: ${twice.join("; ")}`);
  return Object.freeze({
    all: Object.freeze([...commands]),
    byName: (name: string) => names.get(name),
    byCode: (code: number) => codes.get(code),
    byOperation: (operation: number) => operations.get(operation),
  });
}
