import { ToolError } from "./protocol.ts";

/** Files listed at most. */
const MAX_FILES = 200;
const CAPTURE = /\.(pcap|pcapng|cap)(\d+)?(\.(gz|zst))?$/i;

/** A folder of captures; nothing outside it has a name. */
export class CaptureFolder {
  readonly #root: string;

  /** Throws where there is no such folder. */
  constructor(path: string) {
    this.#root = Deno.realPathSync(path);
    if (!Deno.statSync(this.#root).isDirectory) throw new Error(`${path} is no folder`);
  }

  /** The captures of the folder, one a line with its size. */
  list(): string {
    const found = this.#names();
    const lines = found.slice(0, MAX_FILES).map((name) =>
      `${name}\t${this.#size(name)}\n`
    );
    const more = found.length - lines.length;
    return `${lines.join("")}${found.length} captures${
      more > 0 ? `, ${more} not shown` : ""
    }\n`;
  }

  #names(): string[] {
    try {
      return [...Deno.readDirSync(this.#root)]
        .filter(({ name, isDirectory }) => !isDirectory && CAPTURE.test(name))
        .map(({ name }) => name).sort();
    } catch {
      throw new ToolError("the folder of captures cannot be read");
    }
  }

  #size(name: string): string {
    try {
      return `${Deno.statSync(`${this.#root}/${name}`).size} bytes`;
    } catch {
      return "not readable";
    }
  }

  /** The path of a capture, links followed; a pipe is none. Throws {@link ToolError}. */
  path(name: unknown): string {
    const none = new ToolError(`no capture ${JSON.stringify(name)}; overview names them`);
    if (typeof name !== "string" || /[/\\\0]/.test(name) || !CAPTURE.test(name)) {
      throw none;
    }
    try {
      const path = Deno.realPathSync(`${this.#root}/${name}`);
      if (path.startsWith(`${this.#root}/`) && Deno.statSync(path).isFile) return path;
    } catch {
      // Not there, or not readable.
    }
    throw none;
  }
}
