/**
 * @module
 * Captures whose truth is known, and damage to captures that exist. `impair.ts` does to
 * packets what a capture does: it misses, repeats, reorders and cuts them.
 */
export { internetChecksum } from "./checksum.ts";
export { impair, Impairer, type Impairment } from "./impair.ts";
export { SeededRandom } from "./random.ts";
