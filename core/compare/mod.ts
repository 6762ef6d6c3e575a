/**
 * Two captures of the same work compared: conversations are matched by what they did, their
 * transactions aligned by command and subject, and then by command alone; what differs from run
 * to run anyway is left out. Only an outline of each transaction is kept; the fields of those
 * that differ are taken in a second reading.
 *
 * @module
 */
import { align } from "./align.ts";
import type { Outline, Outlined } from "./outline.ts";

export { align, type Match } from "./align.ts";
export { type Compared, type Leaves, leavesOf } from "./leaves.ts";
export { Outline, type Outlined } from "./outline.ts";
export { Differences, type FieldDifference } from "./differences.ts";

/** What stands on both sides, and what only on one. */
export interface Aligned {
  readonly pairs: readonly (readonly [a: Outlined, b: Outlined])[];
  readonly onlyA: readonly Outlined[];
  readonly onlyB: readonly Outlined[];
}

/** Products of conversation counts above which conversations are matched by their order. */
const MAX_COMPARED = 1_000_000;

/** Aligns two captures. */
export function alignOutlines(a: Outline, b: Outline): Aligned {
  const pairs: (readonly [Outlined, Outlined])[] = [];
  const onlyA: Outlined[] = [];
  const onlyB: Outlined[] = [];
  for (const [left, right] of matched(a.conversations, b.conversations)) {
    const matches = align(
      left.map(({ subject }) => String(subject)),
      right.map(({ subject }) => String(subject)),
      [left.map(({ name }) => name), right.map(({ name }) => name)],
    );
    const [inA, inB] = [new Set<number>(), new Set<number>()];
    for (const [i, j] of matches) {
      pairs.push([left[i]!, right[j]!]);
      inA.add(i);
      inB.add(j);
    }
    for (let i = 0; i < left.length; i++) if (!inA.has(i)) onlyA.push(left[i]!);
    for (let j = 0; j < right.length; j++) if (!inB.has(j)) onlyB.push(right[j]!);
  }
  return { pairs, onlyA, onlyB };
}

type Conversations = readonly (readonly Outlined[])[];

/** Conversations that did the most alike together, the earlier one first. */
function matched(
  a: Conversations,
  b: Conversations,
): [readonly Outlined[], readonly Outlined[]][] {
  const free = new Set(b);
  const byOrder = a.length * b.length > MAX_COMPARED;
  const counts = new Map(b.map((list) => [list, tally(list)]));
  const found = a.map((left): [readonly Outlined[], readonly Outlined[]] => {
    let best: readonly Outlined[] = [];
    let most = 0;
    const own = byOrder ? null : tally(left);
    for (const right of free) {
      const shared = own === null ? 1 : overlap(own, counts.get(right)!);
      if (shared > most) [best, most] = [right, shared];
      if (own === null) break;
    }
    free.delete(best);
    return [left, best];
  });
  return [
    ...found,
    ...[...free].map((right): [readonly Outlined[], readonly Outlined[]] => [[], right]),
  ];
}

function tally(list: readonly Outlined[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of list) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [name, count] of a) sum += Math.min(count, b.get(name) ?? 0);
  return sum;
}
