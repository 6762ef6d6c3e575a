import { spawn } from "node:child_process";
import process from "node:process";
import { Readable } from "node:stream";
import { errors } from "./errors.ts";

/** Another program; its output comes as streams. */
class Command {
  readonly #program: string;
  readonly #options: Deno.CommandOptions;

  constructor(program: string | URL, options: Deno.CommandOptions = {}) {
    this.#program = String(program);
    this.#options = options;
  }

  spawn() {
    const { args = [], cwd, env } = this.#options;
    const kind = (choice: string | undefined) =>
      choice === "null" ? "ignore" : choice === "inherit" ? "inherit" : "pipe";
    const child = spawn(this.#program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: [
        kind(this.#options.stdin ?? "null"),
        kind(this.#options.stdout),
        kind(this.#options.stderr),
      ],
    });
    const status = new Promise<{ code: number; signal: string | null }>((resolve) => {
      child.on("error", () => resolve({ code: 127, signal: null }));
      child.on("close", (code, signal) => resolve({ code: code ?? 128, signal }));
    });
    // Node tells later why it could not start; that it did not can be seen at once.
    if (child.pid === undefined) {
      throw new errors.NotFound!(`Failed to spawn '${this.#program}'`);
    }
    const web = (stream: Readable | null) =>
      stream === null ? null : Readable.toWeb(stream);
    return {
      status,
      stdout: web(child.stdout),
      stderr: web(child.stderr),
      kill: (signal: NodeJS.Signals) => void child.kill(signal),
    };
  }
}

/** The part of `Deno` that is about this process and others. */
export const processes = {
  Command,
  args: process.argv.slice(2),
  build: { os: process.platform === "win32" ? "windows" : process.platform },
  noColor: (process.env.NO_COLOR ?? "") !== "",
  env: { get: (name: string) => process.env[name] },
  cwd: () => process.cwd(),
  exit: (code?: number): never => process.exit(code),
  memoryUsage: () => process.memoryUsage(),
  consoleSize: () => ({
    columns: process.stdout.columns ?? process.stderr.columns ?? 80,
    rows: process.stdout.rows ?? 24,
  }),
  addSignalListener: (signal: NodeJS.Signals, listener: () => void) =>
    void process.on(signal, listener),
  removeSignalListener: (signal: NodeJS.Signals, listener: () => void) =>
    void process.off(signal, listener),
  unrefTimer: (timer: { unref(): void }) => timer.unref(),
  /** Node gives its programs everything; what is refused shows as an error of the system. */
  permissions: { querySync: () => ({ state: "granted" }) },
};
