import { decode, type Decoded } from "./decode.ts";
import type { Kind } from "./kind.ts";
import { LATEST, NEWEST_OR_LATER, releaseText } from "./releases.ts";
import { layoutBorders } from "./walk.ts";

const bordersOf = new WeakMap<Kind<unknown>, readonly number[]>();

function sortedBorders(kind: Kind<unknown>): readonly number[] {
  let borders = bordersOf.get(kind);
  if (borders === undefined) {
    borders = [...layoutBorders(kind)].sort((a, b) => a - b);
    bordersOf.set(kind, borders);
  }
  return borders;
}

/**
 * The releases a conversation may be of, narrowed by every payload that only some of them
 * explain. A release stands for all up to the next at which a layout changes.
 */
export class ReleaseSet {
  /** First releases of the layouts still possible, oldest first; never empty. */
  #candidates: readonly number[];
  /** All releases of the framing, whatever was found out since. */
  readonly #all: readonly number[];
  readonly #newest: number;
  /** Whether releases to come may be of the framing. */
  readonly #goesOn: boolean;
  /** Whether it was said to be one certain release. */
  #isStated = false;
  #text: string | null = null;

  /** `goesOn` says whether releases to come may be of it too. */
  constructor(generations: readonly number[], goesOn = false) {
    this.#candidates = this.#all = generations;
    this.#newest = generations[generations.length - 1]!;
    this.#goesOn = goesOn;
  }

  /** The newest release still possible; bodies that decide nothing are shown by it. */
  get newest(): number {
    return this.#candidates[this.#candidates.length - 1]!;
  }

  /** The oldest release still possible. */
  get oldest(): number {
    return this.#candidates[0]!;
  }

  /**
   * What a payload is read by: `release`, which explains it best. The newest known stands for
   * those to come too, unless something tells that the release is an older one.
   */
  readingBy(release: number): number {
    const isOpen = this.#goesOn && !this.#isStated;
    return isOpen && release === this.#newest ? NEWEST_OR_LATER : release;
  }

  /** The narrowest range known: `0.5`, `0.6+`, `0.6..0.7`. */
  get text(): string {
    return this.#text ??= this.#describe();
  }

  #describe(): string {
    if (this.oldest === LATEST) return `${releaseText(this.#newest)}+`;
    const first = releaseText(this.oldest);
    if (this.newest === this.#newest) return `${first}+`;
    return this.oldest === this.newest ? first : `${first}..${releaseText(this.newest)}`;
  }

  /** Keeps the candidates that `keep` accepts; does nothing where none would be left. */
  restrict(keep: (release: number) => boolean): void {
    const kept = this.#candidates.filter(keep);
    if (kept.length > 0) this.#candidates = kept;
    this.#text = null;
  }

  /**
   * Keeps only the layout generations that a stated range of releases belongs to; one release
   * where `last` is left out. What was found out before does not count. {@link LATEST} says that the release is newer than all that are
   * known: its payloads are read as the newest ones, and what they have more is told as new.
   */
  settle(first: number, last = first): void {
    this.#isStated = first === last;
    if (last === LATEST) this.#candidates = [LATEST];
    else {
      const known = this.#all.filter((candidate) => candidate <= last);
      const begun = known.filter((candidate) => candidate <= first);
      const kept = known.slice(Math.max(0, begun.length - 1));
      this.#candidates = kept.length > 0 ? kept : [this.oldest];
    }
    this.#text = null;
  }

  /** Keeps the releases of a range; does nothing where none would be left. */
  keep(first: number, last: number): void {
    if (this.oldest >= first && this.newest <= last) return;
    this.restrict((release) => release >= first && release <= last);
  }

  /** All releases of the framing, narrowed to a range; this set stays as it is. */
  within(first: number, last: number): ReleaseSet {
    const set = new ReleaseSet(this.#all, this.#goesOn);
    set.settle(first, last);
    return set;
  }

  /** Whether some release still possible lies in a range. */
  overlaps(first: number, last: number): boolean {
    return this.newest >= first && this.oldest <= last;
  }

  /** Whether every release still possible lays `kind` out alike. */
  agreesOn(kind: Kind<unknown>): boolean {
    if (this.#candidates.length === 1) return true;
    const { oldest, newest } = this;
    for (const border of sortedBorders(kind)) {
      if (border > oldest && border <= newest) return false;
    }
    return true;
  }

  /** One candidate for each different layout of `kind`, newest first. */
  layoutsOf(kind: Kind<unknown>): number[] {
    const borders = sortedBorders(kind);
    const layout = (release: number) =>
      borders.filter((border) => border <= release).length;
    const byLayout = new Map(
      this.#candidates.map((release) => [layout(release), release]),
    );
    return [...byLayout.values()].reverse();
  }

  /**
   * Whether some release still possible reads the payload without a fault, but for its end
   * where only the `beginning` is there.
   */
  fits(
    kind: Kind<unknown>,
    bytes: Uint8Array,
    start: number,
    end: number,
    beginning = false,
  ): boolean {
    return this.layoutsOf(kind).some((release) => {
      const { problems, complete } = decode(kind, bytes, release, { start, end });
      return problems === 0 || beginning && !complete && problems === 1;
    });
  }

  /**
   * Reads a payload by the newest release that explains it exactly and drops the releases that
   * do not. Where none does, the set stays and the reading with the fewest faults is given.
   * Readings by several releases that differ leave a note.
   */
  read<T>(
    kind: Kind<T>,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): { release: number; decoded: Decoded<T> } {
    const { release, decoded, others } = this.choose(kind, bytes, start, end);
    for (const other of others) {
      if (same(decoded.fields, other.decoded.fields)) continue;
      decoded.issues.push({
        severity: "note",
        group: "protocol",
        message: `also readable as release ${
          releaseText(other.release)
        }, with other values`,
        offset: start,
      });
    }
    return { release, decoded };
  }

  /** As {@link read}, with the other readings that explain the payload, and no note of them. */
  choose<T>(
    kind: Kind<T>,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): Reading<T> & { readonly others: readonly Reading<T>[] } {
    const readings = this.layoutsOf(kind).map((release) => ({
      release,
      decoded: decode(kind, bytes, release, { start, end }),
    }));
    const fitting = readings.filter(({ decoded }) => decoded.problems === 0);
    const [best, ...others] = fitting;
    if (best === undefined) {
      const faults = ({ decoded }: Reading<T>) =>
        decoded.problems + (decoded.complete ? 0 : 1_000);
      const least = readings.reduce((least, next) =>
        faults(next) < faults(least) ? next : least
      );
      return { ...least, others: [] };
    }
    if (fitting.length < readings.length) {
      const borders = sortedBorders(kind);
      const layout = (release: number) =>
        borders.filter((border) => border <= release).length;
      const kept = new Set(fitting.map(({ release }) => layout(release)));
      this.restrict((release) => kept.has(layout(release)));
    }
    return { ...best, others };
  }
}

/** A payload as one release has it. */
interface Reading<T> {
  readonly release: number;
  readonly decoded: Decoded<T>;
}

/** Whether two readings say the same; an empty list and a field that is not there do. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return isNothing(a) && isNothing(b);
  }
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
    same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])
  );
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null ||
    Array.isArray(value) && value.length === 0;
}
