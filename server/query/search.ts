import { ProblemError } from "../problem.ts";

/** How long a search goes on though nobody waits for it, in ms: a page asks again. */
const UNWATCHED_MS = 10_000;

/** What a search works with. */
export interface SearchStep {
  /** Takes a transaction that passes; they come in order. */
  found(n: number): void;
  /** Says that everything below this place of `of` was looked at. */
  reached(place: number, of: number): void;
  readonly signal: AbortSignal;
}

/**
 * The numbers of transactions that pass a filter, while they are still being found. It goes on
 * as long as somebody waits for it.
 */
export class Search {
  /** Settles when all are found; rejects with why they could not be. */
  readonly done: Promise<void>;
  isDone = false;
  /** Part of the capture that was looked at, 0 to 1. */
  part = 0;
  #numbers = new Uint32Array(1024);
  #count = 0;
  #waiting = 0;
  readonly #cancel = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(work: (step: SearchStep) => Promise<void>) {
    this.done = work({
      found: (n) => this.#push(n),
      reached: (place, of) => this.part = of === 0 ? 1 : place / of,
      signal: this.#cancel.signal,
    }).then(() => {
      this.isDone = true;
      this.part = 1;
      this.#numbers = this.#numbers.slice(0, this.#count);
    });
    this.done.catch(() => {
      // Those who wait are told.
    });
  }

  /** Numbers found so far, in order. */
  get numbers(): Uint32Array {
    return this.#numbers.subarray(0, this.#count);
  }

  get byteLength(): number {
    return this.#numbers.byteLength;
  }

  /** Waits until it is done, or for so many ms. Rejects once the one who waits is gone. */
  async wait(signal: AbortSignal, ms = Infinity): Promise<void> {
    if (this.isDone) return;
    this.#waiting++;
    clearTimeout(this.#timer);
    const gone = Promise.withResolvers<never>();
    const leave = () => gone.reject(new ProblemError(503, "The search was cancelled."));
    signal.addEventListener("abort", leave);
    if (signal.aborted) leave();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const parts: Promise<void>[] = [this.done, gone.promise];
    if (ms < Infinity) {
      parts.push(new Promise((resolve) => timer = setTimeout(resolve, ms)));
    }
    try {
      await Promise.race(parts);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", leave);
      this.#waiting--;
      if (this.#waiting === 0 && !this.isDone) this.#leave(signal.aborted);
    }
  }

  /** Ends it; whoever waits is told. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#cancel.abort();
  }

  #leave(isGone: boolean): void {
    if (isGone) return this.cancel();
    this.#timer = setTimeout(() => this.cancel(), UNWATCHED_MS);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  #push(n: number): void {
    if (this.#count === this.#numbers.length) {
      const grown = new Uint32Array(this.#count * 2);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers[this.#count++] = n;
  }
}
