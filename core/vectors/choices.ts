import type { Random } from "../schema/mod.ts";

/** Choices among at most so many are tried one by one; of wider ones only both ends. */
const MAX_TRIED = 64;
/** Choices of one sample whose other values are tried; later ones belong to long lists. */
const MAX_CHOICES = 200;

/** A source of choices that follows a script, and takes the lowest behind its end. */
class Scripted implements Random {
  /** What was asked for, in order: each choice with the number of its values. */
  readonly asked: { readonly below: number; readonly value: number }[] = [];
  readonly #script: readonly number[];
  readonly #behind: (below: number) => number;

  constructor(script: readonly number[], behind: (below: number) => number) {
    this.#script = script;
    this.#behind = behind;
  }

  below(below: number): number {
    const wanted = this.#script[this.asked.length] ?? this.#behind(below);
    const value = Math.min(wanted, below - 1);
    this.asked.push({ below, value });
    return value;
  }
}

/**
 * Draws samples that differ from the lowest one by few choices, and from those that were worth
 * it again: each value of each choice among few, both ends of each wide one, and the choices
 * that only then come up. `worth` says of each sample whether it shows something new; `make`
 * draws one and is called at most `most` times.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const drawn: string[] = [];
 * sweep(
 *   (random) => random.below(2) === 0 ? "none" : `some ${random.below(3)}`,
 *   (sample) => drawn.push(sample) > 0,
 *   10,
 * );
 * assertEquals(drawn, ["none", "some 0", "some 1", "some 2"]);
 * ```
 */
export function sweep<T>(
  make: (random: Random) => T,
  worth: (sample: T) => boolean,
  most: number,
): void {
  const waiting: number[][] = [[]];
  for (let made = 0; made < most && made < waiting.length; made++) {
    const script = waiting[made]!;
    const random = new Scripted(script, () => 0);
    if (!worth(make(random))) continue;
    const taken = random.asked.map(({ value }) => value);
    random.asked.slice(0, MAX_CHOICES).forEach(({ below }, at) => {
      // What the script fixed was tried where it was lengthened.
      if (at < script.length) return;
      for (const value of valuesOf(below)) {
        if (waiting.length >= most) return;
        waiting.push([...taken.slice(0, at), value]);
      }
    });
  }
}

function valuesOf(below: number): number[] {
  if (below > MAX_TRIED) return [1, below - 1];
  return Array.from({ length: below - 1 }, (_, i) => i + 1);
}

/** The sample in which every choice has its highest value. */
export function highest<T>(make: (random: Random) => T): T {
  return make(new Scripted([], (below) => below - 1));
}

/**
 * A sample by pseudo-random choices that are the same for the same seed (xorshift32).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const draw = (random: { below(below: number): number }) => random.below(1000);
 * assertEquals(seeded(draw, 7), seeded(draw, 7));
 * ```
 */
export function seeded<T>(make: (random: Random) => T, seed: number): T {
  let state = seed * 2_654_435_761 | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return make(new Scripted([], (below) => Math.floor(next() * below)));
}
