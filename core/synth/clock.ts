/** Something that happens at a time; `cancelled` ones do not. */
export interface Event {
  readonly time: number;
  readonly run: () => void;
  cancelled: boolean;
  readonly order: number;
}

/**
 * Simulated time in nanoseconds from 0, and what is to happen. Events of one time happen in
 * the order they were planned in, so that equal runs are equal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const clock = new Clock();
 * const seen: number[] = [];
 * clock.after(20, () => seen.push(clock.now));
 * clock.after(10, () => seen.push(clock.now));
 * while (clock.step());
 * assertEquals(seen, [10, 20]);
 * ```
 */
export class Clock {
  now = 0;
  #planned = 0;
  /** A binary heap, the next event first. */
  readonly #heap: Event[] = [];

  /** Plans `run` for `delay` nanoseconds from now. */
  after(delay: number, run: () => void): Event {
    const time = this.now + Math.max(0, Math.round(delay));
    const event = { time, run, cancelled: false, order: this.#planned++ };
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = at - 1 >> 1;
      if (!before(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
    return event;
  }

  /** Lets the next event happen; false where none is left. */
  step(): boolean {
    for (let event = this.#next(); event !== null; event = this.#next()) {
      if (event.cancelled) continue;
      this.now = event.time;
      event.run();
      return true;
    }
    return false;
  }

  #next(): Event | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length === 0) return first;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: Event, b: Event): boolean {
  return a.time !== b.time ? a.time < b.time : a.order < b.order;
}

/** A timer that can be set again and again; only the last setting counts. */
export class Timer {
  readonly #clock: Clock;
  readonly #run: () => void;
  #event: Event | null = null;

  constructor(clock: Clock, run: () => void) {
    this.#clock = clock;
    this.#run = run;
  }

  get running(): boolean {
    return this.#event !== null;
  }

  /** Sets it to `delay` nanoseconds from now. */
  set(delay: number): void {
    this.stop();
    this.#event = this.#clock.after(delay, () => {
      this.#event = null;
      this.#run();
    });
  }

  stop(): void {
    if (this.#event !== null) this.#event.cancelled = true;
    this.#event = null;
  }
}
