/**
 * Two captures of the same work compared: conversations are matched by what they did, their
 * transactions aligned by command and subject, and then by command alone; what differs from run
 * to run anyway is left out. Both captures are read at once, so that memory does not grow with
 * them, and only an outline of what waits for its counterpart is kept.
 *
 * @module
 */
export { align, type Key, type Match } from "./align.ts";
export { type Alone, Comparison, type PairedCommand } from "./comparison.ts";
export type { FieldDifference } from "./differences.ts";
export type { Compared } from "./leaves.ts";
export { Lockstep, type LockstepLimits, type Side } from "./lockstep.ts";
export type { Median } from "./median.ts";
export type { Outlined } from "./outline.ts";
export { Tally } from "./tally.ts";
