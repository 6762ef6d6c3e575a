import { enumeration } from "../../core/schema/mod.ts";

/**
 * What the server waits for before it answers.
 *
 * Source: apache/iggy core/binary_protocol/src/primitives/ack_level.rs at server-0.9.0-edge.5.
 */
export const ackLevel = enumeration(
  { 0: "no_ack", 1: "quorum" },
  "What the server waits for before it answers: nothing, or most of the replicas.",
);
