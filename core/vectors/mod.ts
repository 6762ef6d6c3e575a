/**
 * Conformance vectors: for each layout of a registry payloads that its encoder makes, so that
 * another implementation can be tested without a server. They are walks over the same layouts
 * that decode: a sample for each choice a layout leaves, and malformed ones with what a decoder
 * has to find.
 *
 * @module
 */
import { releaseSpans } from "./spans.ts";
import type { Registry } from "../dissect/registry.ts";
import { type Command, decode, encode, type Kind, type Random } from "../schema/mod.ts";
import { highest, seeded, sweep } from "./choices.ts";
import { Coverage } from "./coverage.ts";
import { damagesOf } from "./damage.ts";
import { type Direction, jsonOf, leavesOf, type Vector } from "./vector.ts";

export { vectorFiles } from "./files.ts";
export { layoutsPage } from "./page.ts";
export type { Direction, Vector, VectorField } from "./vector.ts";

/** Sound samples drawn of one layout, before those that repeat are left out. */
const MAX_SAMPLES = 400;
/** What is new in a sample, as far as it is named. */
const MAX_NAMED = 2;
/** The seed of typical values. */
const TYPICAL_SEED = 1;
/** Malformed ones kept. */
const MAX_MALFORMED = 16;

/**
 * The vectors of commands of a registry, all unless told, in the order of the commands, requests first,
 * oldest layout first. The same registry gives the same vectors.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createRegistry } from "../dissect/registry.ts";
 * import { command, u8 } from "../schema/mod.ts";
 * const hello = command({
 *   name: "hello", doc: "Greets.", code: 9, request: { times: u8() }, response: {},
 * });
 * const registry = createRegistry({ commands: [hello], framings: [] });
 * const [first] = vectorsOf(registry);
 * assertEquals(first?.fields, { times: 0 });
 * ```
 */
export function* vectorsOf(
  registry: Registry,
  commands: readonly Command[] = registry.commands.all,
): Generator<Vector, void> {
  for (const command of commands) {
    for (const direction of ["request", "response"] as const) {
      for (const span of releaseSpans(registry, command, command[direction])) {
        const layout = { command, direction, release: span.first, releases: span.text };
        yield* soundOnes(layout, command[direction]);
        yield* malformedOnes(layout, command[direction]);
      }
    }
  }
}

/** One layout of a command. */
interface Layout {
  readonly command: Command;
  readonly direction: Direction;
  readonly release: number;
  readonly releases: string;
}

function* soundOnes(layout: Layout, kind: Kind<unknown>): Generator<Vector, void> {
  const { release } = layout;
  const make = (random: Random) => kind.sample({ random, release }, {});
  const coverage = new Coverage();
  const seen = new Set<string>();
  const chosen: Vector[] = [];
  const add = (sample: unknown, why?: string): boolean => {
    const bytes = encode(kind, sample, release);
    const { fields, issues, tree } = decode(kind, bytes, release, { tree: true });
    const news = coverage.add(tree!);
    if (news.length === 0 && why === undefined) return false;
    const key = bytes.toHex();
    if (seen.has(key)) return false;
    seen.add(key);
    chosen.push({
      ...layout,
      why: why ?? reasonOf(news, chosen.length === 0),
      bytes,
      fields: jsonOf(kind, fields),
      offsets: leavesOf(tree!),
      issues,
    });
    return true;
  };
  sweep(make, (sample) => add(sample), MAX_SAMPLES);
  add(seeded(make, TYPICAL_SEED), "typical values");
  add(highest(make), "highest values");
  for (const [why, sample] of longestTexts(kind, highest(make))) add(sample, why);
  yield* chosen;
}

function reasonOf(news: readonly string[], isFirst: boolean): string {
  if (isFirst) return "lowest values";
  return news.slice(0, MAX_NAMED).join(", ") + (news.length > MAX_NAMED ? ", …" : "");
}

/** For each text behind a length of one byte, a sample in which it is as long as it may be. */
function longestTexts(kind: Kind<unknown>, sample: unknown): [string, unknown][] {
  return (kind.fields ?? []).flatMap(([name, field]) => {
    const present = (sample as Record<string, unknown>)[name] !== undefined;
    if (field.secret || field.type !== "string" || !present) return [];
    if (!field.wire.startsWith("u8 length")) return [];
    return [[`${name} has 255 bytes`, { ...sample as object, [name]: "n".repeat(255) }]];
  });
}

function* malformedOnes(layout: Layout, kind: Kind<unknown>): Generator<Vector, void> {
  const { release } = layout;
  const whole = encode(kind, fullest(kind, release), release);
  // An empty response is legal for every command.
  if (layout.direction === "response" && whole.length === 0) return;
  let kept = 0;
  for (const { why, bytes } of damagesOf(kind, whole, release)) {
    const { issues, problems } = decode(kind, bytes, release);
    if (problems === 0) continue;
    yield { ...layout, why, bytes, fields: null, offsets: [], issues };
    if (++kept >= MAX_MALFORMED) return;
  }
}

/** A sample with most of what the layout may have. */
function fullest(kind: Kind<unknown>, release: number): unknown {
  return highest((random) => kind.sample({ random, release }, {}));
}
