import type { Finding } from "./finding.ts";

/** How often a finding is known; numbers in its message do not tell it from others. */
interface Known {
  readonly id: string;
  readonly command: string | null;
  readonly message: string;
  readonly count: number;
}

/**
 * Findings that are known, so that only new ones are told: those of the same id, command and
 * message, as many as there were. Numbers in messages, such as times, do not matter.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const finding = {
 *   id: "slow_response", severity: "warn", message: "took 31 ms", command: "ping",
 *   transaction: 4, conversation: 0, packet: 12, offset: null,
 * } as const;
 * const written = new Baseline();
 * written.add(finding);
 * const known = Baseline.parse(written.text());
 * assertEquals(known.takes({ ...finding, message: "took 29 ms" }), true);
 * assertEquals(known.takes(finding), false);
 * ```
 */
export class Baseline {
  readonly #known = new Map<string, { first: Finding | Known; count: number }>();

  /** Reads what {@link text} gave; throws `TypeError` on anything else. */
  static parse(text: string): Baseline {
    const baseline = new Baseline();
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      throw new TypeError("not JSON");
    }
    const list = (parsed as { findings?: unknown } | null)?.findings;
    if (!Array.isArray(list) || !list.every(isKnown)) {
      throw new TypeError("not a list of findings with id, command, message and count");
    }
    for (const known of list) {
      baseline.#known.set(keyOf(known), { first: known, count: known.count });
    }
    return baseline;
  }

  /** Adds a finding to what is known. */
  add(finding: Finding): void {
    const key = keyOf(finding);
    const known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, { first: finding, count: 1 });
    else known.count++;
  }

  /** Whether a finding is known, and one of its number is left; that one is used up. */
  takes(finding: Finding): boolean {
    const known = this.#known.get(keyOf(finding));
    if (known === undefined || known.count === 0) return false;
    known.count--;
    return true;
  }

  /** What is known as JSON, in the order it was added. */
  text(): string {
    const findings = [...this.#known.values()].map(({ first, count }): Known => {
      const { id, command, message } = first;
      return { id, command, message, count };
    });
    return `${JSON.stringify({ version: 1, findings }, null, 2)}\n`;
  }
}

function keyOf({ id, command, message }: Pick<Known, "id" | "command" | "message">) {
  return JSON.stringify([id, command, message.replaceAll(/\d+(\.\d+)?/g, "#")]);
}

function isKnown(value: unknown): value is Known {
  const { id, command, message, count } = value as Record<string, unknown>;
  return typeof id === "string" && typeof message === "string" &&
    (command === null || typeof command === "string") &&
    Number.isSafeInteger(count) && (count as number) >= 0;
}
