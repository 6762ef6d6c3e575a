/** Two places that belong together: an index into either sequence. */
export type Match = readonly [a: number, b: number];

/** What is equal on both sides. */
export type Key = string | number;

/** Part of a sequence of keys. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Aligns two sequences by their keys, order kept: the n-th occurrence of a key on one side may
 * meet the n-th on the other, and of these the longest run that rises on both sides is taken.
 * Between its places `loose` keys, where given, align what is left. Time is n log n.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(align(["x", "y", "z"], ["y", "w", "z"]), [[1, 0], [2, 2]]);
 * assertEquals(align(["x1", "y"], ["x2", "y"], [["x", "y"], ["x", "y"]]), [[0, 0], [1, 1]]);
 * ```
 */
export function align(
  a: readonly Key[],
  b: readonly Key[],
  loose?: readonly [a: readonly Key[], b: readonly Key[]],
): Match[] {
  const whole = (keys: readonly Key[]) => ({ from: 0, to: keys.length });
  const strict = run(a, b, whole(a), whole(b));
  if (loose === undefined) return strict;
  const matches: Match[] = [];
  let [fromA, fromB] = [0, 0];
  for (const [toA, toB] of [...strict, [a.length, b.length] as const]) {
    const gap = [{ from: fromA, to: toA }, { from: fromB, to: toB }] as const;
    matches.push(...run(loose[0], loose[1], ...gap));
    if (toA < a.length && toB < b.length) matches.push([toA, toB]);
    [fromA, fromB] = [toA + 1, toB + 1];
  }
  return matches;
}

function run(
  a: readonly Key[],
  b: readonly Key[],
  inA: Range,
  inB: Range,
): Match[] {
  if (inA.from >= inA.to || inB.from >= inB.to) return [];
  const places = new Map<Key, { next: number; list: number[] }>();
  for (let i = inB.from; i < inB.to; i++) {
    const known = places.get(b[i]!);
    if (known === undefined) places.set(b[i]!, { next: 0, list: [i] });
    else known.list.push(i);
  }
  const pairs: Match[] = [];
  for (let i = inA.from; i < inA.to; i++) {
    const known = places.get(a[i]!);
    const place = known?.list[known.next++];
    if (place !== undefined) pairs.push([i, place]);
  }
  return longestRising(pairs);
}

/** The longest part of the pairs, in their order, whose second numbers rise. */
function longestRising(pairs: readonly Match[]): Match[] {
  // The pair that ends the best run of each length, and what precedes each pair in its run.
  const ends: number[] = [];
  const before = new Int32Array(pairs.length);
  pairs.forEach(([, place], i) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = low + high >> 1;
      if (pairs[ends[middle]!]![1] < place) low = middle + 1;
      else high = middle;
    }
    before[i] = low === 0 ? -1 : ends[low - 1]!;
    ends[low] = i;
  });
  const rising: Match[] = [];
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i]!) rising.push(pairs[i]!);
  return rising.reverse();
}
