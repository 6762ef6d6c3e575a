import type { Transaction } from "../core/dissect/transaction.ts";
import type { Exporter } from "../core/export/exporter.ts";
import { output } from "./output.ts";

/**
 * Prints transactions by an exporter. What comes before them is printed with the first one, or
 * at the end: where nothing can be read, nothing is printed.
 */
export class Printing {
  readonly #exporter: Exporter;
  #begun = false;

  constructor(exporter: Exporter) {
    this.#exporter = exporter;
  }

  readonly transaction = (transaction: Transaction): void => {
    this.#begin();
    const bytes = this.#exporter.bytes?.(transaction) ?? null;
    if (bytes !== null) output.bytes(bytes);
    else output.write(this.#exporter.transaction(transaction));
  };

  readonly end = (): void => {
    this.#begin();
    output.write(this.#exporter.tail());
  };

  #begin(): void {
    if (!this.#begun) output.write(this.#exporter.head());
    this.#begun = true;
  }
}
