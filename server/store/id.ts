const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_DIGITS = 10, RANDOM_DIGITS = 16;

/**
 * A new id: 26 characters, of which the first ten are the time, so that ids sort by age, and
 * the others are 80 random bits, so that nobody guesses one.
 *
 * Source: the ULID specification, in lower case.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@std/assert";
 * assertMatch(newId(), /^[0-9a-hjkmnp-tv-z]{26}$/);
 * ```
 */
export function newId(now: number = Date.now()): string {
  let time = "";
  for (let rest = now, i = 0; i < TIME_DIGITS; i++, rest = Math.floor(rest / 32)) {
    time = DIGITS[rest % 32] + time;
  }
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_DIGITS));
  return time + Array.from(random, (byte) => DIGITS[byte % 32]).join("");
}

/** Whether a text is such an id, and so may be part of a path. */
export function isId(text: string): boolean {
  return /^[0-9a-hjkmnp-tv-z]{26}$/.test(text);
}
