/**
 * A filter that cannot be understood: where it is wrong and why. Its `message` is one line
 * without the filter; {@link FilterError.explain} adds the filter with a mark under the place.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const error = new FilterError("unknown field", { offset: 0, length: 3 });
 * assertEquals(error.explain("foo == 1"), "unknown field\n    foo == 1\n    ^~~");
 * ```
 */
export class FilterError extends Error {
  override readonly name = "FilterError";
  /** Where, in UTF-16 units from 0. */
  readonly offset: number;
  readonly length: number;
  /** The field or word that was perhaps meant. */
  readonly suggestion: string | null;

  constructor(message: string, span: Span, suggestion: string | null = null) {
    super(suggestion === null ? message : `${message} Did you mean ${suggestion}?`);
    this.offset = span.offset;
    this.length = span.length;
    this.suggestion = suggestion;
  }

  /** The message, the line of the filter it is about, and a mark under the place. */
  explain(filter: string): string {
    const from = Math.max(0, this.offset - 50);
    const line = filter.slice(from, from + 100).replaceAll(/\p{C}/gu, "·");
    const space = " ".repeat(4 + this.offset - from);
    const room = from + line.length - this.offset;
    const tildes = "~".repeat(Math.max(0, Math.min(this.length, room) - 1));
    return `${this.message}\n    ${line}\n${space}^${tildes}`;
  }
}

/** A place in a filter, in UTF-16 units. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Text of a filter as a message quotes it. */
export function quoted(text: string): string {
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
}
