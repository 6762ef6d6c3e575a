/**
 * What is wrong with the work that a capture shows: consumers that are stuck or fall behind,
 * storms of polls, retries and logins, servers that never answer, loss that explains latency.
 *
 * {@link Diagnosis} passes every transaction to its rules; each keeps a bounded window and
 * tells {@link CaptureFinding}s at the end, with the transactions that show them. Ids are in
 * {@link CAPTURE_FINDINGS} and stay the same.
 *
 * @module
 */
export { Diagnosis } from "./diagnosis.ts";
export { type CaptureFinding, MAX_EVIDENCE } from "./finding.ts";
export { CAPTURE_FINDING_SCHEMA } from "./finding_schema.ts";
export { CAPTURE_FINDINGS, type CaptureFindingId } from "./kinds.ts";
