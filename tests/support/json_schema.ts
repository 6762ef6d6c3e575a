/**
 * As much of JSON Schema 2020-12 as OpenAPI descriptions of this project use.
 *
 * @module
 */

/** A schema, as it stands in the description. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

/** Why a value does not fit a schema, or null where it does. */
export function misfit(
  value: unknown,
  schema: Schema,
  components: Readonly<Record<string, Schema>>,
  path = "$",
): string | null {
  const fit = (value: unknown, schema: Schema, at: string) =>
    misfit(value, schema, components, at);
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace("#/components/schemas/", "");
    const found = components[name];
    return found === undefined ? `${path}: no schema ${name}` : fit(value, found, path);
  }
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) {
    const reasons = alternatives.map((one) => fit(value, one, path));
    return reasons.includes(null) ? null : reasons.join(" | ");
  }
  for (const part of schema.allOf ?? []) {
    const reason = fit(value, part, path);
    if (reason !== null) return reason;
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return `${path}: ${JSON.stringify(value)} is not among the values`;
  }
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOf(value, type))) {
    return `${path}: ${JSON.stringify(value)?.slice(0, 50)} is no ${types.join(" or ")}`;
  }
  if (typeof value === "number") {
    if (value < (schema.minimum ?? -Infinity)) return `${path}: ${value} is too small`;
    if (value > (schema.maximum ?? Infinity)) return `${path}: ${value} is too large`;
  }
  if (typeof value === "string" && !new RegExp(schema.pattern ?? "").test(value)) {
    return `${path}: ${value} does not fit ${schema.pattern}`;
  }
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const reason = schema.items && fit(item, schema.items, `${path}[${i}]`);
      if (reason) return reason;
    }
  } else if (typeof value === "object" && value !== null) {
    return misfitOfObject(value as Record<string, unknown>, schema, fit, path);
  }
  return null;
}

function misfitOfObject(
  value: Readonly<Record<string, unknown>>,
  { properties = {}, required = [], additionalProperties }: Schema,
  fit: (value: unknown, schema: Schema, at: string) => string | null,
  path: string,
): string | null {
  const missing = required.find((name) => !(name in value));
  if (missing !== undefined) return `${path}: ${missing} is missing`;
  for (const [name, part] of Object.entries(value)) {
    const schema = properties[name] ?? additionalProperties;
    if (schema === false) return `${path}: ${name} is not allowed`;
    if (schema === undefined || schema === true) continue;
    const reason = fit(part, schema, `${path}.${name}`);
    if (reason !== null) return reason;
  }
  return null;
}

function isOf(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "string":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    default:
      return type === "boolean" && typeof value === "boolean";
  }
}
