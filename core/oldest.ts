/**
 * Tells which key of a map was set first of those that are still there. An iterator that is made
 * anew passes over all that was deleted before it, each time; this one goes on where it was.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const map = new Map([["a", 1], ["b", 2]]);
 * const oldest = new Oldest(map);
 * map.delete("a");
 * map.set("a", 3);
 * assertEquals(oldest.take(), "b");
 * ```
 */
export class Oldest<Key> {
  readonly #of: ReadonlyMap<Key, unknown> | ReadonlySet<Key>;
  #keys: IterableIterator<Key>;

  constructor(of: ReadonlyMap<Key, unknown> | ReadonlySet<Key>) {
    this.#of = of;
    this.#keys = of.keys();
  }

  /** The next key, which has to be deleted now; undefined where there is none. */
  take(): Key | undefined {
    let next = this.#keys.next();
    if (next.done) {
      this.#keys = this.#of.keys();
      next = this.#keys.next();
    }
    return next.done ? undefined : next.value;
  }
}
