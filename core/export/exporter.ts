import type { RecordOptions } from "../dissect/transaction.ts";
import type { Transaction } from "../dissect/transaction.ts";
import type { TimeForm } from "./time_column.ts";

/** Turns transactions into text, one after another. */
export interface Exporter {
  /** What comes before the first transaction. */
  head(): string;
  /** Whole lines for one transaction. */
  transaction(transaction: Transaction): string;
  /**
   * As `transaction`, in bytes that are valid until the next call; null where only
   * `transaction` can tell it.
   */
  bytes?(transaction: Transaction): Uint8Array | null;
  /** What comes after the last. */
  tail(): string;
}

/** How people's forms look. */
export interface TextOptions extends RecordOptions {
  /** Columns a line may take. */
  width: number;
  color: boolean;
  /** Follow each transaction with the bytes of its PDUs. */
  hex: boolean;
  /** How lines tell time; the time of day unless told. */
  time?: TimeForm;
}
