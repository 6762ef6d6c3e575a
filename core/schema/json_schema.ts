import type { JsonValue } from "./kind.ts";

/** A JSON Schema, or a part of one. */
export type JsonSchema = { [keyword: string]: JsonValue };

/** A text. */
export const textSchema = (description: string): JsonSchema => ({
  type: "string",
  description,
});

/** A text, or null. */
export const textOrNullSchema = (description: string): JsonSchema => ({
  type: ["string", "null"],
  description,
});

/** A count: of packets, bytes, transactions. */
export const countSchema = (description: string): JsonSchema => ({
  type: "integer",
  minimum: 0,
  description,
});

/** A time in µs, or null where none was measured. */
export const microsSchema = (description: string): JsonSchema => ({
  type: ["number", "null"],
  description,
});

/** A list. */
export const listSchema = (items: JsonSchema, description?: string): JsonSchema => ({
  type: "array",
  items,
  ...description === undefined ? {} : { description },
});

/** What a schema says, or null. */
export const orNullSchema = (schema: JsonSchema): JsonSchema => ({
  anyOf: [schema, { type: "null" }],
});

/**
 * An object that always has these keys and perhaps the rare ones, no others. With a type
 * argument the keys are checked to be those of that record.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const point = objectSchema<{ x: number }>({ x: countSchema("To the right.") });
 * assertEquals(point.required, ["x"]);
 * ```
 */
export function objectSchema<Always extends object = Record<string, unknown>>(
  always: { readonly [Key in keyof Always]: JsonSchema },
  rare: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return {
    type: "object",
    properties: { ...always, ...rare },
    required: Object.keys(always),
    additionalProperties: false,
  };
}
