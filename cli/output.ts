const BUFFER_BYTES = 64 * 1024;
/** Characters of text that are encoded at once. */
const TEXT_LENGTH = 8 * 1024;
/** The exit code where standard output takes no more. */
const UNWRITABLE = 3;

/**
 * Standard output behind one buffer. What is written first appears at once; the rest when the
 * buffer is full, when the program waits for input, and at the end, so that a live capture
 * shows its lines at once.
 * A reader that went away (`| head`) ends the program quietly.
 */
export class Output {
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #encoder = new TextEncoder();
  #filled = 0;
  #hasBegun = false;
  /** Text that is not in the buffer yet: encoding many lines at once is cheaper. */
  #text = "";
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Whether lines are to appear while the program waits for input; a file never makes it wait. */
  live = true;

  /** Writes whole lines. */
  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= TEXT_LENGTH) this.#encode();
    this.#schedule();
  }

  #encode(): void {
    let rest = this.#text;
    this.#text = "";
    while (rest !== "") {
      const room = this.#buffer.subarray(this.#filled);
      const { read, written } = this.#encoder.encodeInto(rest, room);
      this.#filled += written;
      if (read === rest.length) break;
      rest = rest.slice(read);
      this.#drain();
    }
  }

  /** Writes bytes as they are. */
  bytes(bytes: Uint8Array): void {
    if (this.#text !== "") this.#encode();
    let rest = bytes;
    while (rest.length > BUFFER_BYTES - this.#filled) {
      const room = BUFFER_BYTES - this.#filled;
      this.#put(rest.subarray(0, room));
      this.#drain();
      rest = rest.subarray(room);
    }
    this.#put(rest);
    this.#schedule();
  }

  #put(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** Writes what is waiting. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#encode();
    this.#drain();
  }

  #schedule(): void {
    if (this.live) this.#timer ??= setTimeout(() => this.flush());
    else if (!this.#hasBegun) this.flush();
  }

  #drain(): void {
    let at = 0;
    while (at < this.#filled) {
      at += writeSome(this.#buffer.subarray(at, this.#filled));
    }
    this.#hasBegun ||= at > 0;
    this.#filled = 0;
  }
}

/** Writes some of the bytes; gives how many. */
function writeSome(bytes: Uint8Array): number {
  try {
    return Deno.stdout.writeSync(bytes);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    if (!(error instanceof Deno.errors.WouldBlock)) {
      // A full disk, or a closed terminal: nothing more can be written.
      say(`standard output: ${error instanceof Error ? error.message : error}`);
      Deno.exit(UNWRITABLE);
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    return 0;
  }
}

/** The program's standard output. */
export const output = new Output();

const encoder = new TextEncoder();

/** Says a line on standard error. */
export function say(line: string): void {
  try {
    Deno.stderr.writeSync(encoder.encode(`iggyscope: ${line}\n`));
  } catch {
    // Nobody listens.
  }
}

/** Whether colours are wanted: `--color` decides, else the terminal and NO_COLOR. */
export function wantsColor(choice: "auto" | "always" | "never" | undefined): boolean {
  if (choice === "always") return true;
  if (choice === "never" || Deno.noColor) return false;
  return Deno.stdout.isTerminal() || forcedColor();
}

/** FORCE_COLOR counts where the environment may be read; asking for it would be rude. */
function forcedColor(): boolean {
  const variable = "FORCE_COLOR";
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" && !["", "0", undefined].includes(Deno.env.get(variable));
}

/** Columns of lines where standard output is no terminal. */
const UNKNOWN_WIDTH = 160;

/** Columns of the terminal. */
export function terminalWidth(): number {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : UNKNOWN_WIDTH;
}
