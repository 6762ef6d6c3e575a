/**
 * What is known without any capture: commands, fields, completion, decoding by hand.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { Count, Issue } from "./common.ts";
import { Node } from "./transaction.ts";

/** A command of the registry. */
export const CommandInfo = z.object({
  name: z.string(),
  doc: z.string(),
  code: z.int().nullable(),
  operation: z.int().nullable(),
  /** Releases that know it: `all`, `0.7+`, `0.5..0.6`, `up to 0.6`. */
  releases: z.string(),
}).meta({ id: "CommandInfo" });
/** See {@link CommandInfo}. */
export type CommandInfo = z.infer<typeof CommandInfo>;

/** All commands, by code. */
export const CommandList = z.object({ items: z.array(CommandInfo) }).meta({
  id: "CommandList",
});
/** See {@link CommandList}. */
export type CommandList = z.infer<typeof CommandList>;

/** A field that filters know. */
export const FieldInfo = z.object({
  path: z.string(),
  type: z.string(),
  doc: z.string(),
  wire: z.string().nullable(),
  unit: z.string().nullable(),
  /** Names of an enum's numbers. */
  names: z.record(z.string(), z.string()).nullable(),
  secret: z.boolean(),
}).meta({ id: "FieldInfo" });
/** See {@link FieldInfo}. */
export type FieldInfo = z.infer<typeof FieldInfo>;

/** All fields, by path. */
export const FieldList = z.object({ items: z.array(FieldInfo) }).meta({
  id: "FieldList",
});

/** What may stand for the characters from `from` to `to` of a half-typed filter. */
export const Completion = z.object({
  from: Count,
  to: Count,
  candidates: z.array(z.object({ text: z.string(), doc: z.string() })),
  /** What is wrong with the filter as it stands; null where it is right. */
  error: z.object({
    message: z.string(),
    offset: Count,
    length: Count,
    suggestion: z.string().nullable(),
  }).nullable(),
}).meta({ id: "Completion" });
/** See {@link Completion}. */
export type Completion = z.infer<typeof Completion>;

/** A payload or a run of PDUs to decode. */
export const DecodeRequest = z.object({
  hex: z.string().min(2).max(4 * 1024 * 1024).meta({
    description: "Digits; spaces and line breaks do not count.",
  }),
  direction: z.enum(["request", "response"]).optional().meta({
    description: "Default request.",
  }),
  command: z.string().optional().meta({
    description: "Whose response it is; requests name their own.",
  }),
  release: z.string().optional().meta({ example: "0.8" }),
}).strict().meta({ id: "DecodeRequest" });
/** See {@link DecodeRequest}. */
export type DecodeRequest = z.infer<typeof DecodeRequest>;

/** The PDUs found in the bytes. */
export const Decoded = z.object({
  items: z.array(z.object({
    command: z.string().nullable(),
    code: z.int().nullable(),
    status: z.int().nullable(),
    status_name: z.string().nullable(),
    release: z.string().nullable(),
    length: Count,
    fields: z.record(z.string(), z.unknown()).nullable(),
    tree: z.array(Node),
    hex: z.string(),
    issues: z.array(Issue),
  })),
}).meta({ id: "Decoded" });
/** See {@link Decoded}. */
export type Decoded = z.infer<typeof Decoded>;
