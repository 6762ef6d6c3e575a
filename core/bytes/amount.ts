/**
 * How many of what, as a sentence has it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(amount(1, "byte"), "1 byte");
 * assertEquals(amount(0, "key update"), "0 key updates");
 * ```
 */
export function amount(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
