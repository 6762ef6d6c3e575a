/**
 * `@std/assert` under the path that tests import; its types are in `types/std.d.ts`.
 *
 * @module
 */
export * from "@std/assert";
