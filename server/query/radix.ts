/** Bits that one pass sorts by. */
const BITS = 16, BUCKETS = 1 << BITS;
/** Words of 16 bits in a number. */
const PASSES = 4;

/**
 * The places of numbers in rising order, NaN before all others; equal ones stay in their order.
 * The numbers are overwritten. Yields between its passes, each of which takes a few ms a million.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const passes = sortedPlaces(Float64Array.of(3, NaN, -1, 3, 0.5));
 * let step = passes.next();
 * while (!step.done) step = passes.next();
 * assertEquals([...step.value], [1, 2, 4, 0, 3]);
 * ```
 */
export function* sortedPlaces(
  values: Float64Array,
): Generator<void, Uint32Array<ArrayBuffer>> {
  const { length } = values;
  const words = wordsOf(values);
  let places = new Uint32Array(length), sorted = new Uint32Array(length);
  for (let i = 0; i < length; i++) places[i] = i;
  for (let pass = 0; pass < PASSES; pass++) {
    yield;
    if (sortByWord(words, pass, places, sorted)) [places, sorted] = [sorted, places];
  }
  return places;
}

/** Sorts places by one word of their numbers; false where all are the same in it. */
function sortByWord(
  words: Uint16Array,
  pass: number,
  places: Uint32Array,
  sorted: Uint32Array,
): boolean {
  const starts = new Uint32Array(BUCKETS + 1);
  for (let at = pass; at < words.length; at += PASSES) starts[words[at]! + 1]!++;
  if (starts.includes(places.length)) return false;
  for (let i = 1; i <= BUCKETS; i++) starts[i]! += starts[i - 1]!;
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    sorted[starts[words[place * PASSES + pass]!]!++] = place;
  }
  return true;
}

/**
 * The numbers as words, the lowest first as this machine has them, whose order as a whole is
 * that of the numbers.
 */
function wordsOf(values: Float64Array): Uint16Array {
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) values[i] = -Infinity;
  }
  const words = new Uint16Array(values.buffer, values.byteOffset, values.length * PASSES);
  for (let at = 0; at < words.length; at += PASSES) {
    const isNegative = words[at + PASSES - 1]! >= 0x8000;
    if (isNegative) { for (let i = at; i < at + PASSES; i++) words[i] = ~words[i]!; }
    else words[at + PASSES - 1]! |= 0x8000;
  }
  return words;
}
