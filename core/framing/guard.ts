import { issue } from "../issue.ts";
import { describe } from "../schema/mod.ts";
import type { Framer, Framing, FramingHost } from "./framing.ts";

/**
 * A framing of someone else, made harmless: one that throws is left out where it was to detect,
 * and gives up its conversation, with an issue that names it, where it was reading.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { classic } from "../../plugins/framings/classic/mod.ts";
 * const careless = guardedFraming({
 *   ...classic,
 *   detect: () => { throw new Error("not today"); },
 * });
 * const none = new Uint8Array();
 * const opening = { client: none, server: none, fromStart: true, expected: true, ended: true };
 * assertEquals(careless.detect(opening, null!), "no");
 * ```
 */
export function guardedFraming(framing: Framing): Framing {
  return Object.freeze({
    ...framing,
    detect(...args: Parameters<Framing["detect"]>) {
      try {
        return framing.detect(...args);
      } catch {
        return "no";
      }
    },
    open: (host: FramingHost) => new GuardedFramer(framing, host),
  });
}

class GuardedFramer implements Framer {
  readonly #framing: Framing;
  readonly #host: FramingHost;
  #framer: Framer | null = null;

  constructor(framing: Framing, host: FramingHost) {
    this.#framing = framing;
    this.#host = host;
    this.#try(null, () => this.#framer = framing.open(host));
  }

  data(...[side, bytes, start, end, stamp]: Parameters<Framer["data"]>): void {
    this.#try(stamp.packet, (framer) => framer?.data(side, bytes, start, end, stamp));
  }

  gap(...[side, length, stamp]: Parameters<Framer["gap"]>): void {
    this.#try(stamp?.packet ?? null, (framer) => framer?.gap(side, length, stamp));
  }

  finish(...[side, stamp]: Parameters<Framer["finish"]>): void {
    this.#try(stamp.packet, (framer) => framer?.finish(side, stamp));
  }

  close(): void {
    this.#try(null, (framer) => framer?.close());
  }

  #try(packet: number | null, work: (framer: Framer | null) => void): void {
    try {
      work(this.#framer);
    } catch (error) {
      this.#framer = null;
      const message = `framing ${this.#framing.name} failed: ${describe(error)}; ` +
        "the rest of the conversation is not read";
      this.#host.report(issue("error", "malformed", message, packet));
    }
  }
}
