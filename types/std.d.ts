/*
 * Types for the parts of Deno's standard library that this project uses. The library's npm
 * edition (package `deno-std`) is plain JavaScript, so without these every call would be
 * unchecked. `deno.json` loads this file through `compilerOptions.types`; once `@std/*` comes
 * from a registry that carries types, delete it.
 */

declare module "@std/assert" {
  /** An Error class, also one with a private or unusual constructor. */
  type ErrorClass<E extends Error> = new (...args: never[]) => E;
  /** Any class, abstract ones too. */
  type Class<T> = abstract new (...args: never[]) => T;

  /** What a failed assertion throws. */
  export class AssertionError extends Error {
    constructor(message: string, options?: ErrorOptions);
  }

  /** Fails unless `condition` is truthy. */
  export function assert(condition: unknown, message?: string): asserts condition;
  /** Fails unless `condition` is falsy. */
  export function assertFalse(condition: unknown, message?: string): void;
  /** Tells whether both are equal in depth. */
  export function equal(a: unknown, b: unknown): boolean;
  /** Fails unless both are equal in depth. */
  export function assertEquals<T>(actual: T, expected: T, message?: string): void;
  /** Fails if both are equal in depth. */
  export function assertNotEquals<T>(actual: T, expected: T, message?: string): void;
  /** Fails unless both are the same value. */
  export function assertStrictEquals<T>(
    actual: unknown,
    expected: T,
    message?: string,
  ): asserts actual is T;
  /** Fails if both are the same value. */
  export function assertNotStrictEquals<T>(
    actual: T,
    expected: T,
    message?: string,
  ): void;
  /** Fails unless the numbers differ by at most `tolerance`. */
  export function assertAlmostEquals(
    actual: number,
    expected: number,
    tolerance?: number,
    message?: string,
  ): void;
  /** Fails if `actual` is null or undefined. */
  export function assertExists<T>(
    actual: T,
    message?: string,
  ): asserts actual is NonNullable<T>;
  /** Fails unless `actual` > `expected`. */
  export function assertGreater<T>(actual: T, expected: T, message?: string): void;
  /** Fails unless `actual` >= `expected`. */
  export function assertGreaterOrEqual<T>(
    actual: T,
    expected: T,
    message?: string,
  ): void;
  /** Fails unless `actual` < `expected`. */
  export function assertLess<T>(actual: T, expected: T, message?: string): void;
  /** Fails unless `actual` <= `expected`. */
  export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void;
  /** Fails unless `actual` is an instance of `type`. */
  export function assertInstanceOf<T>(
    actual: unknown,
    type: Class<T>,
    message?: string,
  ): asserts actual is T;
  /** Fails if `actual` is an instance of `type`. */
  export function assertNotInstanceOf<A, T>(
    actual: A,
    type: Class<T>,
    message?: string,
  ): asserts actual is Exclude<A, T>;
  /** Fails unless `actual` contains `expected`. */
  export function assertStringIncludes(
    actual: string,
    expected: string,
    message?: string,
  ): void;
  /** Fails unless `actual` contains every element of `expected`. */
  export function assertArrayIncludes<T>(
    actual: ArrayLike<T>,
    expected: ArrayLike<T>,
    message?: string,
  ): void;
  /** Fails unless `actual` matches `expected`. */
  export function assertMatch(actual: string, expected: RegExp, message?: string): void;
  /** Fails if `actual` matches `expected`. */
  export function assertNotMatch(
    actual: string,
    expected: RegExp,
    message?: string,
  ): void;
  /** Fails unless `expected` is a part of `actual`, in depth. */
  export function assertObjectMatch(
    actual: object,
    expected: object,
    message?: string,
  ): void;
  /** Fails unless `error` is of the class and its message has the words. */
  export function assertIsError<E extends Error = Error>(
    error: unknown,
    errorClass?: ErrorClass<E>,
    messageMatches?: string | RegExp,
    message?: string,
  ): asserts error is E;
  /** Fails unless `fn` throws; gives what it threw. */
  export function assertThrows(fn: () => unknown, message?: string): unknown;
  export function assertThrows<E extends Error = Error>(
    fn: () => unknown,
    errorClass?: ErrorClass<E>,
    messageIncludes?: string,
    message?: string,
  ): E;
  /** Fails unless the promise of `fn` rejects; resolves to the reason. */
  export function assertRejects(
    fn: () => PromiseLike<unknown>,
    message?: string,
  ): Promise<unknown>;
  export function assertRejects<E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    errorClass?: ErrorClass<E>,
    messageIncludes?: string,
    message?: string,
  ): Promise<E>;
  /** Fails. */
  export function fail(message?: string): never;
  /** Fails: this line must not be reached. */
  export function unreachable(message?: string): never;
}

declare module "@std/cli/parse-args" {
  /**
   * What each name may be. The names given under `boolean`, `string` and `collect` are the
   * keys of the result; any other flag is kept too, as `unknown`, unless the function
   * `unknown` answers false for it.
   */
  export interface ParseOptions<
    B extends string = never,
    S extends string = never,
    C extends string = never,
  > {
    /** Flags without a value; absent ones are false. */
    boolean?: readonly B[];
    /** Flags with a text value; `"_"` keeps positional numbers as text too. */
    string?: readonly S[];
    /** Flags that may be repeated; absent ones of kind string or boolean are []. */
    collect?: readonly C[];
    /** Boolean flags that `--no-NAME` turns off. */
    negatable?: readonly string[];
    /** Other spellings of a name, mostly one letter. */
    alias?: Readonly<Record<string, string | readonly string[]>>;
    /** Values of absent flags. */
    default?: Readonly<Record<string, unknown>>;
    /** Keep what follows `--` apart, under `"--"`. */
    "--"?: boolean;
    /** Take everything after the first positional as positional. */
    stopEarly?: boolean;
    /** Called for each flag or positional not named here; false drops it. */
    unknown?: (arg: string, key?: string, value?: unknown) => unknown;
  }

  /** The parsed arguments. */
  export type Args<B extends string, S extends string, C extends string> =
    & {
      [K in B | S as K extends "_" ? never : K]: K extends C
        ? (K extends S ? string : boolean)[]
        : K extends S ? string | undefined
        : boolean;
    }
    & {
      _: ("_" extends S ? string : string | number)[];
      "--"?: string[];
      [name: string]: unknown;
    };

  /** Sorts command-line arguments into flags and positionals. */
  export function parseArgs<
    const B extends string = never,
    const S extends string = never,
    const C extends string = never,
  >(args: readonly string[], options?: ParseOptions<B, S, C>): Args<B, S, C>;
}

declare module "@std/streams" {
  type Bytes = Uint8Array<ArrayBuffer>;

  /** Everything of the stream in one array. */
  export function toBytes(stream: ReadableStream<Uint8Array>): Promise<Bytes>;
  /** Everything of the stream as text. */
  export function toText(stream: ReadableStream<Uint8Array | string>): Promise<string>;
  /** One stream after the other. */
  export function concatReadableStreams<T>(
    ...streams: ReadableStream<T>[]
  ): ReadableStream<T>;
  /** Splits text into lines, without their ends. */
  export class TextLineStream extends TransformStream<string, string> {
    constructor(options?: { allowCR?: boolean });
  }
  /** Cuts a byte stream off after `size` bytes, or fails there with `error: true`. */
  export class LimitedBytesTransformStream
    extends TransformStream<Uint8Array, Uint8Array> {
    constructor(size: number, options?: { error?: boolean });
  }
}
