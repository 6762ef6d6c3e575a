import type { Random } from "../../core/schema/mod.ts";

/** Choices that a seed decides, so that fast-check can shrink and print the seed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(below) {
      // mulberry32
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return Math.floor(((t ^ (t >>> 14)) >>> 0) / 2 ** 32 * below);
    },
  };
}
