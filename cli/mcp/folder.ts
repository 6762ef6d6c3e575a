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
    const found = [...Deno.readDirSync(this.#root)]
      .filter(({ name, isDirectory }) => !isDirectory && CAPTURE.test(name))
      .map(({ name }) => name).sort();
    const lines = found.slice(0, MAX_FILES).map((name) =>
      `${name}\t${this.#size(name)}\n`
    );
    const more = found.length - lines.length;
    return `${lines.join("")}${found.length} captures${
      more > 0 ? `, ${more} not shown` : ""
    }\n`;
  }

  #size(name: string): string {
    try {
      return `${Deno.statSync(`${this.#root}/${name}`).size} bytes`;
    } catch {
      return "not readable";
    }
  }

  /** The path of a capture, links followed. Throws {@link ToolError}. */
  path(name: unknown): string {
    const none = new ToolError(`no capture ${JSON.stringify(name)}; overview names them`);
    if (typeof name !== "string" || /[/\\\0]/.test(name) || !CAPTURE.test(name)) {
      throw none;
    }
    let path: string;
    try {
      path = Deno.realPathSync(`${this.#root}/${name}`);
    } catch {
      throw none;
    }
    if (!path.startsWith(`${this.#root}/`)) throw none;
    return path;
  }
}
