import { ProblemError } from "../problem.ts";

/** Longest time in ms that a search keeps other requests waiting. */
export const MAX_BUSY_MS = 12;

/** Rows up to which a search waits for no other: it ends within a breath or two. */
const SMALL = 20_000;

/** Lets a few searches run at once; others wait in turn, and too many are refused. */
export class Limiter {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Runs work over so many rows when it is its turn. Throws 503 when too many wait, or when
   * whoever wanted it is gone.
   */
  async run<T>(work: () => Promise<T>, rows: number, signal: AbortSignal): Promise<T> {
    if (rows <= SMALL) return await work();
    if (this.#running >= this.#most) await this.#turn(signal);
    else this.#running++;
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      if (next === undefined) this.#running--;
      else next();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#mostWaiting) {
      throw new ProblemError(503, "Too many searches at once.", {}, {
        "retry-after": "1",
      });
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(next);
        reject(givenUp());
      };
      const next = () => {
        signal.removeEventListener("abort", leave);
        this.#waiting.delete(next);
        resolve();
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.add(next);
    });
  }
}

/** Lets others run every few milliseconds, and ends what takes too long. */
export class Breath {
  readonly #deadline: number;
  readonly #signal: AbortSignal;
  #since = performance.now();

  constructor(mostMs: number, signal: AbortSignal) {
    this.#deadline = performance.now() + mostMs;
    this.#signal = signal;
  }

  /** Whether it is time for {@link take}. */
  get due(): boolean {
    return performance.now() - this.#since > MAX_BUSY_MS;
  }

  /** Lets others run. Throws 503 past the deadline, and when nobody wants the result. */
  async take(): Promise<void> {
    if (performance.now() > this.#deadline) {
      throw new ProblemError(503, "The search took too long; narrow it by time.");
    }
    await new Promise((resolve) => setTimeout(resolve));
    if (this.#signal.aborted) throw givenUp();
    this.#since = performance.now();
  }
}

function givenUp(): ProblemError {
  return new ProblemError(503, "The search was cancelled.");
}
