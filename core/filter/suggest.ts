import type { FieldTable } from "./field.ts";

/** Longest word that is compared with others letter by letter. */
const MAX_WORD = 200;

/**
 * The candidate nearest to a word by insertions, deletions, replacements and swaps, or null
 * where none is near: at most a third of its letters may be wrong.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(nearest("tcp.prot", ["tcp.port", "tcp.stream"]), "tcp.port");
 * assertEquals(nearest("quic", ["tcp.port", "tcp.stream"]), null);
 * ```
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  if (word.length > MAX_WORD) return null;
  return closest(word, candidates, Math.max(1, Math.floor(word.length / 3)) + 1);
}

/** The first of the candidates that are nearest to a word, below the distance `limit`. */
function closest(
  word: string,
  candidates: Iterable<string>,
  limit: number,
): string | null {
  let best: string | null = null;
  let least = limit;
  const wanted = word.toLowerCase();
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = editDistance(wanted, candidate, least);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/**
 * The field a wrong name was perhaps meant for: a near one, one that ends alike, or one whose
 * last part is near.
 */
export function nearestField(word: string, table: FieldTable): string | null {
  const paths = table.all.map(({ path }) => path);
  const near = nearest(word, paths);
  if (near !== null) return near;
  const tail = word.toLowerCase().replace(`${rootOf(table)}.`, "");
  if (tail === "") return null;
  const alike = shortest(paths.filter((path) => path.endsWith(`.${tail}`)));
  return alike ?? withLastPart(nearest(tail, paths.map(lastPart)), paths);
}

/** The field nearest to a word, however far it is. */
export function closestField(word: string, table: FieldTable): string | null {
  const near = nearestField(word, table);
  if (near !== null || word.length > MAX_WORD) return near;
  const paths = table.all.map(({ path }) => path);
  return withLastPart(closest(word, paths.map(lastPart), Infinity), paths);
}

function withLastPart(part: string | null, paths: readonly string[]): string | null {
  if (part === null) return null;
  return shortest(paths.filter((path) => lastPart(path) === part));
}

/** The first of the shortest texts. */
function shortest(texts: readonly string[]): string | null {
  return texts.reduce<string | null>(
    (best, text) => best === null || text.length < best.length ? text : best,
    null,
  );
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

/** The first part of the paths that no packet's own fields have. */
function rootOf({ all }: FieldTable): string {
  return all.find(({ path }) => path.endsWith(".transaction"))?.path.split(".")[0] ?? "";
}

/** Optimal string alignment distance; anything from `limit` on is given as at least that. */
function editDistance(a: string, b: string, limit: number): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        last[j]! + 1,
        row[j - 1]! + 1,
        last[j - 1]! + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, before[j - 2]! + 1);
      }
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least >= limit) return limit;
    before = last;
    last = row;
  }
  return last[b.length]!;
}
