/** Items left behind before a queue is moved together. */
const MIN_MOVED = 1024;

/** Items in the order they came; those taken off its head cost nothing. */
export class Queue<T> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  at(place: number): T | undefined {
    return this.#items[this.#head + place];
  }

  /** The first items, at most so many. */
  first(count: number): T[] {
    return this.#items.slice(this.#head, this.#head + count);
  }

  /** Takes items off the head. */
  drop(count: number): void {
    this.#head += count;
    if (this.#head < MIN_MOVED || this.#head < this.#items.length / 2) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
