/**
 * Forms that several routes share: problems, issues, paging.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";

/** A refused or failed request, RFC 9457, as `application/problem+json`. */
export const Problem = z.object({
  type: z.string().meta({ description: "Always about:blank: the status says the kind." }),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  offset: z.int().optional().meta({
    description: "Where a filter is wrong, in UTF-16 units from 0.",
  }),
  length: z.int().optional().meta({ description: "How many units of it are meant." }),
  suggestion: z.string().nullable().optional().meta({
    description: "The field or word that was perhaps meant.",
  }),
}).meta({ id: "Problem" });
/** See {@link Problem}. */
export type Problem = z.infer<typeof Problem>;

/** A finding about captured bytes. */
export const Issue = z.object({
  severity: z.enum(["chat", "note", "warn", "error"]),
  group: z.enum([
    "malformed",
    "sequence",
    "protocol",
    "undecoded",
    "response_code",
    "security",
  ]),
  message: z.string(),
  packet: z.int().nullable(),
  offset: z.int().nullable(),
}).meta({ id: "Issue" });
/** See {@link Issue}. */
export type Issue = z.infer<typeof Issue>;

/** Counts that go beyond 2^53 nowhere: bytes, packets, transactions. */
export const Count = z.int().min(0);

/** A moment, RFC 3339 in UTC with nanoseconds. */
export const Time = z.string().meta({ example: "2026-11-21T08:48:19.352184000Z" });
