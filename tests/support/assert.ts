/**
 * `@std/assert` with types: its npm edition is plain JavaScript, so without this file a test
 * may compare apples with pears and still pass the type check.
 *
 * @module
 */
import * as std from "@std/assert";

type ErrorClass<E extends Error> = new (...args: never[]) => E;

/** Fails unless `condition` holds. */
export const assert: (condition: unknown, message?: string) => asserts condition =
  std.assert;

/** Fails unless both are equal in depth. */
export const assertEquals: <T>(actual: T, expected: T, message?: string) => void =
  std.assertEquals;

/** Fails if both are equal in depth. */
export const assertNotEquals: <T>(actual: T, expected: T, message?: string) => void =
  std.assertNotEquals;

/** Fails unless both are the same value. */
export const assertStrictEquals: <T>(actual: T, expected: T, message?: string) => void =
  std.assertStrictEquals;

/** Fails unless `actual` contains `expected`. */
export const assertStringIncludes: (
  actual: string,
  expected: string,
  message?: string,
) => void = std.assertStringIncludes;

/** Fails unless `actual` matches `expected`. */
export const assertMatch: (actual: string, expected: RegExp, message?: string) => void =
  std.assertMatch;

/** Fails unless `fn` throws; gives what it threw. */
export const assertThrows: <E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
) => E = std.assertThrows;

/** Fails unless the promise rejects; resolves to the reason. */
export const assertRejects: <E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
) => Promise<E> = std.assertRejects;
