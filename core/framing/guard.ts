import type { Stamp } from "../flow/mod.ts";
import { issue } from "../issue.ts";
import { describe } from "../schema/mod.ts";
import type { Framer, Framing, FramingHost } from "./framing.ts";
import type { Exchange, Pdu } from "./pdu.ts";

/** What a framing may tell of a conversation beyond one thing for every byte and event. */
const SPARE_CALLS = 100;
/** What the header of a PDU may have beyond the most that a payload has. */
const MAX_HEADER = 4096;

/**
 * A framing of someone else, made harmless: one that throws is left out where it was to detect,
 * and gives up its conversation, with an issue that names it, where it was reading. The same
 * becomes of one that gives what cannot be, such as a PDU of a length that is no number, or
 * more of them than bytes came. A loop that gives nothing cannot be stopped.
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
    ...framing.bind === undefined ? {} : {
      bind: (...args: Parameters<NonNullable<Framing["bind"]>>) =>
        guardedFraming({ ...framing.bind!(...args), bind: undefined }),
    },
    detect(...args: Parameters<Framing["detect"]>) {
      try {
        const verdict = framing.detect(...args);
        return ["yes", "more", "swapped"].includes(verdict) ? verdict : "no";
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
  /** What it may still tell. */
  #calls = SPARE_CALLS;

  constructor(framing: Framing, host: FramingHost) {
    this.#framing = framing;
    this.#host = host;
    const own: FramingHost = Object.create(host, {
      exchange: {
        value: (exchange: Exchange) => {
          this.#count();
          const wrong = wrongIn(exchange, host.maxPdu);
          if (wrong !== null) throw new TypeError(wrong);
          host.exchange(exchange);
        },
      },
      report: {
        value: (found: Parameters<FramingHost["report"]>[0]) => {
          this.#count();
          host.report(issue(
            found.severity,
            found.group,
            `${found.message}`,
            found.packet,
            found.offset,
          ));
        },
      },
    });
    this.#try(null, () => this.#framer = framing.open(own));
  }

  data(...[side, bytes, start, end, stamp]: Parameters<Framer["data"]>): void {
    this.#calls += end - start;
    this.#try(stamp.packet, (framer) => framer?.data(side, bytes, start, end, stamp));
  }

  gap(...[side, length, stamp]: Parameters<Framer["gap"]>): void {
    this.#calls++;
    this.#try(stamp?.packet ?? null, (framer) => framer?.gap(side, length, stamp));
  }

  finish(...[side, stamp]: Parameters<Framer["finish"]>): void {
    this.#try(stamp.packet, (framer) => framer?.finish(side, stamp));
  }

  close(): void {
    this.#try(null, (framer) => framer?.close());
  }

  #count(): void {
    if (this.#calls-- <= 0) {
      throw new RangeError("it returns more PDUs than there were bytes");
    }
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

/** What is wrong with an exchange as a plugin gave it, or null. */
function wrongIn(exchange: Exchange, maxPdu: number): string | null {
  if (!isObject(exchange)) return `it returns ${exchange} for an exchange`;
  const { name, code, issues, request, response } = exchange;
  if (name !== null && typeof name !== "string") return `a PDU has the name ${name}`;
  if (code !== null && !isWhole(code, 0xffff_ffff)) return `a PDU has the code ${code}`;
  if (!Array.isArray(issues)) return "an exchange has no list of issues";
  for (const pdu of [request, response]) {
    if (pdu === null) continue;
    const wrong = isObject(pdu) ? wrongPdu(pdu, maxPdu) : `it returns ${pdu} for a PDU`;
    if (wrong !== null) return wrong;
  }
  return null;
}

function wrongPdu(pdu: Pdu, maxPdu: number): string | null {
  const { bytes, length, start, end, headerEnd, status, stamp } = pdu;
  if (!(bytes instanceof Uint8Array)) return "a PDU has no bytes";
  if (bytes.length > maxPdu + MAX_HEADER) return `a PDU has ${bytes.length} bytes`;
  if (!isWhole(length, Number.MAX_SAFE_INTEGER) || length < bytes.length) {
    return `a PDU of ${bytes.length} bytes has length ${length}`;
  }
  if (![start, end, headerEnd].every((at) => isWhole(at, bytes.length))) {
    return `a payload from ${start} to ${end} is in ${bytes.length} bytes`;
  }
  if (status !== null && !isWhole(status, 0xffff_ffff)) {
    return `a response has status ${status}`;
  }
  return isObject(stamp) && isStamp(stamp) ? null : "a PDU has no stamp";
}

function isStamp({ packet, seconds, nanos }: Stamp): boolean {
  return isWhole(packet, Number.MAX_SAFE_INTEGER) && Number.isFinite(seconds) &&
    isWhole(nanos, 999_999_999);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}
