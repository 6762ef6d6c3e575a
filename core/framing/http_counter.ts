import { concat } from "../bytes/copy.ts";
import type { Side } from "../flow/mod.ts";
import type { Framer } from "./framing.ts";
import { MAX_HEAD, readHead } from "./http_head.ts";

/** Longest line between the chunks of a body. */
const MAX_LINE = 4096;
const LINE_END = 0x0a;

/**
 * Counts the requests of an HTTP/1 conversation, for those who look for something else in it.
 *
 * Source: RFC 9112 sections 2, 6 and 7.1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * let count = 0;
 * const counter = new HttpCounter((requests) => count = requests);
 * const bytes = new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n".repeat(3));
 * counter.data("client", bytes, 0, bytes.length);
 * assertEquals(count, 3);
 * ```
 */
export class HttpCounter implements Framer {
  readonly #tell: (requests: number) => void;
  #requests = 0;
  /** Bytes of a head, or of a line between chunks, that is not all there. */
  #rest: Uint8Array = new Uint8Array(0);
  /** Bytes of a body, or chunk, to pass over. */
  #body = 0;
  #inChunks = false;
  /** Where requests begin is no longer known. */
  #lost = false;

  constructor(tell: (requests: number) => void) {
    this.#tell = tell;
  }

  data(side: Side, bytes: Uint8Array, start: number, end: number): void {
    if (side !== "client" || this.#lost) return;
    const passed = Math.min(this.#body, end - start);
    this.#body -= passed;
    if (start + passed === end) return;
    let rest = concat([this.#rest, bytes.subarray(start + passed, end)]);
    while (rest.length > 0 && !this.#lost) {
      const taken = this.#inChunks ? this.#chunk(rest) : this.#head(rest);
      if (taken === 0) break;
      const after = rest.subarray(taken);
      const skipped = Math.min(this.#body, after.length);
      this.#body -= skipped;
      rest = after.subarray(skipped);
    }
    this.#rest = this.#lost ? new Uint8Array(0) : rest.slice();
  }

  gap(side: Side): void {
    if (side === "client") this.#lost = true;
  }

  finish(): void {}

  close(): void {}

  #head(bytes: Uint8Array): number {
    const head = readHead(bytes);
    if (head === null) {
      this.#lost = bytes.length > MAX_HEAD;
      return 0;
    }
    if (!/^[A-Z]+ .* HTTP\/1\.\d$/.test(head.line)) {
      this.#lost = true;
      return 0;
    }
    this.#tell(++this.#requests);
    this.#inChunks = /chunked/i.test(head.headers.get("transfer-encoding") ?? "");
    const length = head.headers.get("content-length") ?? "0";
    if (!this.#inChunks) this.#body = /^\d{1,15}$/.test(length) ? Number(length) : 0;
    return head.length;
  }

  /** A line of a chunked body: the size of the next chunk, or an end. */
  #chunk(bytes: Uint8Array): number {
    const end = bytes.indexOf(LINE_END) + 1;
    if (end === 0) {
      this.#lost = bytes.length > MAX_LINE;
      return 0;
    }
    const line = new TextDecoder("latin1").decode(bytes.subarray(0, end)).trim();
    const size = parseInt(line, 16);
    if (Number.isNaN(size)) this.#lost = true;
    else if (size > 0) this.#body = size + 2;
    else {
      // The empty line behind the last chunk; trailers are rare enough to give up on.
      this.#body = 2;
      this.#inChunks = false;
    }
    return end;
  }
}
