/**
 * Findings: what is not as it should be, each with a stable id, a severity, and where it was
 * seen. {@link strictFindings} judges one transaction; {@link Baseline} takes out what is known.
 *
 * @module
 */
export { Baseline } from "./baseline.ts";
export { type Finding, isAtLeast, SEVERITIES } from "./finding.ts";
export {
  type FindingKind,
  TRANSACTION_FINDINGS,
  type TransactionFindingId,
} from "./kinds.ts";
export { findingOf, strictFindings } from "./strict.ts";
