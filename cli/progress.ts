import type { Packet } from "../core/capture/packet.ts";
import { shortSize } from "../core/export/human.ts";

/** Work that takes less needs no bar. */
const QUIET_MS = 1000;
const PERIOD_MS = 100;
/** The clock is asked once in so many packets. */
const PACKETS = 1024;
const BAR = 30;
/** Bytes of a record around those of its packet; about right for both formats. */
const RECORD_BYTES = 16;

/** A bar on standard error for long work, where that is a terminal that shows nothing else. */
export class Progress {
  readonly #total: number | null;
  readonly #encoder = new TextEncoder();
  #bytes = 0;
  #packets = 0;
  #next = performance.now() + QUIET_MS;
  #shown = false;

  /** Starts where a bar makes sense, else null. */
  static start(sources: readonly string[]): Progress | null {
    if (!Deno.stderr.isTerminal() || Deno.stdout.isTerminal()) return null;
    return new Progress(totalOf(sources));
  }

  private constructor(total: number | null) {
    this.#total = total;
  }

  /** Counts a packet; shows where the work is. */
  note(packet: Packet): void {
    this.#bytes += packet.end - packet.start + RECORD_BYTES;
    if (++this.#packets % PACKETS !== 0 || performance.now() < this.#next) return;
    this.#next = performance.now() + PERIOD_MS;
    this.#shown = true;
    const counts = `${this.#packets} packets, ${shortSize(this.#bytes)}`;
    this.#write(`\r\x1b[K${this.#bar()}${counts}`);
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#shown) this.#write("\r\x1b[K");
    this.#shown = false;
  }

  #bar(): string {
    if (this.#total === null || this.#total === 0) return "";
    const part = Math.min(1, this.#bytes / this.#total);
    const done = Math.round(part * BAR);
    return `${"█".repeat(done)}${"░".repeat(BAR - done)} ${Math.floor(part * 100)} %  `;
  }

  #write(text: string): void {
    try {
      Deno.stderr.writeSync(this.#encoder.encode(text));
    } catch {
      // Nobody watches.
    }
  }
}

/** Bytes of all sources, or null where that is not known before they are read. */
function totalOf(sources: readonly string[]): number | null {
  let total = 0;
  for (const source of sources) {
    if (source === "-" || /\.(gz|zst)$/.test(source)) return null;
    try {
      total += Deno.statSync(source).size;
    } catch {
      return null;
    }
  }
  return total;
}
