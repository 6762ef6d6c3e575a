import { ProblemError } from "../problem.ts";

/** Longest time in ms that a search keeps other requests waiting. */
const MAX_BUSY_MS = 12;

/** Lets a few searches run at once; others wait in turn, and too many are refused. */
export class Limiter {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** Runs the work when it is its turn. Throws 503 when too many wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) {
      if (this.#waiting.length >= this.#mostWaiting) {
        throw new ProblemError(503, "Too many searches at once.", {}, {
          "retry-after": "1",
        });
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/** Lets others run every few milliseconds, and ends what takes too long. */
export class Breath {
  readonly #deadline: number;
  #since = performance.now();

  constructor(mostMs: number) {
    this.#deadline = performance.now() + mostMs;
  }

  /** Whether it is time for {@link take}. */
  get due(): boolean {
    return performance.now() - this.#since > MAX_BUSY_MS;
  }

  /** Lets others run. Throws 503 past the deadline. */
  async take(): Promise<void> {
    if (performance.now() > this.#deadline) {
      throw new ProblemError(503, "The search took too long; narrow it by time.");
    }
    await new Promise((resolve) => setTimeout(resolve));
    this.#since = performance.now();
  }
}
