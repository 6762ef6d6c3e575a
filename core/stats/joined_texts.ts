/** Texts kept at most; then all are made anew. */
const MAX_TEXTS = 10_000;

/**
 * Texts of two parts with something between: the same text, and no new one, for parts that were
 * seen before. Transactions name the same few topics again and again.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(new JoinedTexts("/").of("orders", "paid"), "orders/paid");
 * ```
 */
export class JoinedTexts {
  readonly #between: string;
  readonly #texts = new Map<string, Map<string | number, string>>();
  #count = 0;

  constructor(between: string) {
    this.#between = between;
  }

  /** Both parts as one text. */
  of(first: string, second: string | number): string {
    let texts = this.#texts.get(first);
    const known = texts?.get(second);
    if (known !== undefined) return known;
    if (this.#count++ >= MAX_TEXTS) {
      this.#texts.clear();
      this.#count = 1;
      texts = undefined;
    }
    if (texts === undefined) this.#texts.set(first, texts = new Map());
    const text = `${first}${this.#between}${second}`;
    texts.set(second, text);
    return text;
  }
}
