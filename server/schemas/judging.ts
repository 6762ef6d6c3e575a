/**
 * Captures judged: findings, comparisons, and the vectors of a command.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { Count } from "./common.ts";

/** Something that is not as it should be. */
export const Finding = z.object({
  /** Stays the same from release to release. */
  id: z.string(),
  severity: z.enum(["chat", "note", "warn", "error"]),
  message: z.string(),
  command: z.string().nullable(),
  transaction: Count.nullable(),
  conversation: z.int().nullable(),
  packet: Count.nullable(),
  offset: Count.nullable(),
}).meta({ id: "Finding" });

/** Findings of a capture, the first ones of all. */
export const FindingList = z.object({
  total: Count,
  /** How many of each kind, the most frequent first. */
  kinds: z.array(z.object({
    id: z.string(),
    severity: z.enum(["chat", "note", "warn", "error"]),
    count: Count,
  })),
  items: z.array(Finding),
}).meta({ id: "FindingList" });
/** See {@link FindingList}. */
export type FindingList = z.infer<typeof FindingList>;

const Side = z.object({
  transaction: Count,
  command: z.string(),
  status: z.string(),
  request_length: Count,
  response_length: Count,
  response_time_us: z.number().nullable(),
});

/** Two captures of the same work compared. */
export const Comparison = z.object({
  /** Transactions of both that belong together, and those of them that differ. */
  pairs: Count,
  different: Count,
  /** Fields that differ, once for each command, with the values of the first such pair. */
  fields: z.array(z.object({
    command: z.string(),
    path: z.string(),
    count: Count,
    a: z.string().nullable(),
    b: z.string().nullable(),
    transactions: z.tuple([Count, Count]),
  })),
  /** The first pairs that differ, and the first transactions without a counterpart. */
  different_pairs: z.array(z.object({ a: Side, b: Side })),
  only_a: z.array(Side),
  only_b: z.array(Side),
}).meta({ id: "Comparison" });
/** See {@link Comparison}. */
export type Comparison = z.infer<typeof Comparison>;

/** Payloads of a command for tests of another implementation. */
export const VectorList = z.object({
  items: z.array(z.object({
    direction: z.enum(["request", "response"]),
    releases: z.string(),
    why: z.string(),
    valid: z.boolean(),
    hex: z.string(),
    fields: z.unknown(),
  })),
}).meta({ id: "VectorList" });
/** See {@link VectorList}. */
export type VectorList = z.infer<typeof VectorList>;
