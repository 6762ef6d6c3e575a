/**
 * The server as a process of its own, for benchmarks: its address, and the CPU it takes.
 *
 * @module
 */
import { run } from "../support/peer.ts";

const MAIN = new URL("../../cli/main.ts", import.meta.url).pathname;
/** Jiffies a second, as Linux counts them for everybody. */
const JIFFIES = 100;

/** A server that runs. */
export class ServerProcess {
  readonly #child: Deno.ChildProcess;
  readonly #told: () => string;
  readonly #reading: Promise<void>;

  private constructor(
    child: Deno.ChildProcess,
    told: () => string,
    reading: Promise<void>,
  ) {
    this.#child = child;
    this.#told = told;
    this.#reading = reading;
  }

  /** Starts `serve` over a folder and waits until it listens. */
  static async start(data: string, ...more: string[]): Promise<ServerProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        `--allow-read=${data},.`,
        `--allow-write=${data}`,
        "--allow-net=127.0.0.1",
        MAIN,
        ...["serve", "--port=0", `--data=${data}`, ...more],
      ],
      cwd: new URL("../../", import.meta.url).pathname,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    let told = "";
    const reading = (async () => {
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        if (told.length < 100_000) told += text;
      }
    })();
    const server = new ServerProcess(child, () => told, reading);
    while (server.#match(/http:\/\/127\.0\.0\.1:(\d+)/) === null) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return server;
  }

  #match(pattern: RegExp): string | null {
    return pattern.exec(this.#told())?.[1] ?? null;
  }

  /** Where it listens. */
  get url(): string {
    return `http://127.0.0.1:${this.#match(/http:\/\/127\.0\.0\.1:(\d+)/)}`;
  }

  /** The port of its proxy. */
  get proxyPort(): number {
    return Number(this.#match(/proxy (\d+)=/));
  }

  /** CPU it has taken so far, user and system, in ms. */
  async cpu(): Promise<number> {
    // Deno itself reads below /proc only with every permission.
    const { stdout } = await run("cat", [`/proc/${this.#child.pid}/stat`]);
    const stat = new TextDecoder().decode(stdout);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 1000 / JIFFIES;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#reading;
  }
}
