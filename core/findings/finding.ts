import type { Severity } from "../issue.ts";

/** Something that is not as it should be, with where it was seen. */
export interface Finding {
  /** Id of its kind. */
  readonly id: string;
  readonly severity: Severity;
  readonly message: string;
  readonly command: string | null;
  /** Number of the transaction and of its conversation, as in records. */
  readonly transaction: number | null;
  readonly conversation: number | null;
  readonly packet: number | null;
  /** Bytes from the start of the PDU. */
  readonly offset: number | null;
}

/** Severities, the least serious first. */
export const SEVERITIES: readonly Severity[] = ["chat", "note", "warn", "error"];

/** Whether a severity is at least another one. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}
