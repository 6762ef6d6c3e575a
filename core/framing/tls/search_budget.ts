import type { SecretStore } from "./key_log.ts";

/** Attempts to open something that one connection costs at most, and all those of a run. */
const MAX_ATTEMPTS = 1 << 14, MAX_ATTEMPTS_IN_ALL = 1 << 16;
/** What a look at a session costs, in attempts. */
const COST_OF_LOOK = 1 / 64;
/** Attempts that preparing keys costs as much as. */
export const COST_OF_KEYS = 4;

/** What a search for the session of one connection may still cost, counted in attempts. */
export class SearchBudget {
  readonly #store: SecretStore;
  #left = MAX_ATTEMPTS;
  #spent = 0;

  constructor(store: SecretStore) {
    this.#store = store;
  }

  /** Nothing is left. */
  get isSpent(): boolean {
    return this.#left < 0 || this.#store.searched > MAX_ATTEMPTS_IN_ALL;
  }

  /** Counts attempts; whether they may be made. */
  pay(attempts: number): boolean {
    this.#left -= attempts;
    this.#spent += attempts;
    this.#store.searched += attempts;
    return !this.isSpent;
  }

  /** The randoms of all sessions, as far as the budget goes. */
  *randoms(): Generator<Uint8Array> {
    for (const random of this.#store.randoms()) {
      if (!this.pay(COST_OF_LOOK)) return;
      yield random;
    }
  }

  /** The search was a success, which makes up for what it cost of the run's attempts. */
  refund(): void {
    this.#store.searched -= this.#spent;
    this.#spent = 0;
  }
}
