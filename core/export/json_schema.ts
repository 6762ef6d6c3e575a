import type { QuicPlace } from "../dissect/record.ts";
import type { Registry } from "../dissect/registry.ts";
import {
  type Command,
  countSchema,
  type FieldType,
  type JsonSchema,
  type Kind,
  objectSchema,
  textOrNullSchema,
  textSchema,
} from "../schema/mod.ts";
import { meaningOf } from "./fields_page.ts";

/**
 * Version of the records' schemas: the second number grows with what is added, the first with
 * what is taken away or changed.
 */
export const SCHEMA_VERSION = "1.0";

/** The head of a schema of its own; Source: JSON Schema, draft 2020-12. */
export function schemaHead(record: string, title: string): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:iggyscope:schema:${record}:${SCHEMA_VERSION}`,
    title,
  };
}

const BYTES: JsonSchema = {
  description: "Bytes: how many, hex of the first of them, and text where they are text.",
  type: "object",
  properties: {
    length: { type: "integer", minimum: 0 },
    hex: { type: "string", pattern: "^([0-9a-f]{2})*$" },
    text: { type: "string" },
  },
  required: ["length", "hex"],
  additionalProperties: false,
};

const NULL: JsonSchema = { type: "null" };
const BYTES_REF: JsonSchema = { $ref: "#/$defs/bytes" };

function integer(minimum: number, maximum: number): JsonSchema {
  return { type: "integer", minimum, maximum };
}

const TYPES: Readonly<Record<FieldType, JsonSchema>> = {
  uint8: integer(0, 0xff),
  uint16: integer(0, 0xffff),
  uint32: integer(0, 0xffff_ffff),
  uint64: { type: "string", pattern: "^[0-9]{1,20}$" },
  uint128: { type: "string", pattern: "^[0-9]{1,39}$" },
  int8: integer(-0x80, 0x7f),
  int16: integer(-0x8000, 0x7fff),
  int32: integer(-0x8000_0000, 0x7fff_ffff),
  int64: { type: "string", pattern: "^-?[0-9]{1,19}$" },
  int128: { type: "string", pattern: "^-?[0-9]{1,39}$" },
  // JSON has neither NaN nor infinity: they are null.
  float: { type: ["number", "null"] },
  double: { type: ["number", "null"] },
  boolean: { type: "boolean" },
  string: { type: "string" },
  bytes: BYTES_REF,
  group: { type: "object" },
};

/**
 * The JSON Schema of what a kind's values look like in records. No field is required: a faulty
 * PDU keeps those before the fault, and releases differ.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { optional, u8 } from "../schema/mod.ts";
 * assertEquals(kindSchema(optional(u8("How many."))), {
 *   anyOf: [{ type: "integer", minimum: 0, maximum: 255 }, { type: "null" }],
 *   description: "How many.",
 * });
 * ```
 */
export function kindSchema(kind: Kind<unknown>): JsonSchema {
  const schema = anyOf([
    ...kind.forms?.map((form) => kindSchema(form)) ?? [formSchema(kind)],
    ...kind.secret && kind.type === "bytes" ? [TYPES.string] : [],
    ...kind.orBytes ? [BYTES_REF] : [],
    ...kind.nullable ? [NULL] : [],
  ]);
  // An enum's values are listed already.
  const description = meaningOf({ ...kind, names: undefined });
  return description === "" || kind.forms !== undefined
    ? schema
    : { ...schema, description };
}

function formSchema(kind: Kind<unknown>): JsonSchema {
  if (kind.secret && kind.type !== "bytes") return TYPES.string;
  if (kind.inner !== undefined) return { type: "array", items: kindSchema(kind.inner) };
  if (kind.fields !== undefined) return structureSchema(kind.fields);
  if (kind.cases !== undefined) {
    return anyOf([...Object.values(kind.cases).map(kindSchema), BYTES_REF]);
  }
  if (kind.names !== undefined) {
    return anyOf([{ enum: [...kind.names.values()] }, TYPES[kind.type]]);
  }
  return TYPES[kind.type];
}

function structureSchema(
  fields: readonly (readonly [string, Kind<unknown>])[],
): JsonSchema {
  const shown = fields.filter(([name]) => !name.startsWith("_"));
  return {
    type: "object",
    properties: Object.fromEntries(
      shown.map(([name, kind]) => [name, kindSchema(kind)]),
    ),
    additionalProperties: false,
  };
}

/** Any of the schemas; what says the same is said once. */
function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  const parts = schemas.flatMap((schema) =>
    Object.keys(schema).join() === "anyOf" ? schema.anyOf as JsonSchema[] : [schema]
  );
  const distinct = new Map(parts.map((part) => [JSON.stringify(part), part]));
  const [first, ...others] = distinct.values();
  return others.length === 0 ? first! : { anyOf: [...distinct.values()] };
}

const ISSUE: JsonSchema = {
  description: "A finding about captured bytes, in Wireshark's words.",
  type: "object",
  properties: {
    severity: { enum: ["chat", "note", "warn", "error"] },
    group: {
      enum: [
        "malformed",
        "sequence",
        "protocol",
        "undecoded",
        "response_code",
        "security",
      ],
    },
    message: { type: "string" },
    packet: { type: ["integer", "null"], minimum: 0 },
    offset: { type: ["integer", "null"], minimum: 0 },
  },
  required: ["severity", "group", "message", "packet", "offset"],
  additionalProperties: false,
};

/** The schema of what `-T ndjson` prints of a transaction, with the fields of each command. */
export function transactionSchema(registry: Registry): JsonSchema {
  const { commands, framings } = registry;
  const headers = framings.flatMap(({ headers = [] }) => headers);
  const bodies = framings.flatMap(({ bodies = {} }) => Object.entries(bodies));
  const properties: JsonSchema = {
    transaction: countSchema("Number of the transaction, from 0 in the order printed."),
    conversation: countSchema(
      "Number of the connection, as tshark's tcp.stream or udp.stream.",
    ),
    client: textSchema("Address and port of the client."),
    server: textSchema("Address and port of the server."),
    framing: textOrNullSchema("How PDUs are framed; null where no framing fits."),
    release: textOrNullSchema("Narrowest range of releases known for the conversation."),
    command: {
      description: "Name of the command or of the framing's own PDU.",
      anyOf: [
        { enum: commands.all.map(({ name }) => name) },
        { type: "string", pattern: "^[a-z]+\\.[a-z_]+$" },
        NULL,
      ],
    },
    code: { type: ["integer", "null"], minimum: 0, maximum: 0xffff_ffff },
    request: { anyOf: [{ $ref: "#/$defs/request" }, NULL] },
    response: { anyOf: [{ $ref: "#/$defs/response" }, NULL] },
    response_time_us: {
      type: ["number", "null"],
      description: "From the end of the request to the end of the response, in µs.",
    },
    issues: { type: "array", items: { $ref: "#/$defs/issue" } },
  };
  return {
    ...schemaHead(
      "transaction",
      "A transaction of iggyscope: a request and its response",
    ),
    type: "object",
    properties: {
      ...properties,
      transport: { const: "udp", description: "Present where the transport is UDP." },
      quic: {
        description: "Present where QUIC carried it.",
        ...objectSchema<QuicPlace>({
          connection: countSchema(
            "Number of the QUIC connection, from 0 in the capture.",
          ),
          stream: {
            type: ["integer", "null"],
            minimum: 0,
            description: "Its stream; null where nothing could be read.",
          },
        }),
      },
    },
    required: Object.keys(properties),
    additionalProperties: false,
    allOf: [
      ...commands.all.map((command) => ofCommand(command)),
      ...bodies.map(([name]) => fieldsOf(name, { request: `#/$defs/${name}` })),
    ],
    $defs: {
      bytes: BYTES,
      issue: ISSUE,
      request: pduSchema(registry, {}),
      response: pduSchema(registry, {
        status: { type: ["integer", "null"], minimum: 0, maximum: 0xffff_ffff },
        status_name: textOrNullSchema("Name of the status; null where it has none."),
      }, { evicted: textSchema("Why the server ended the session.") }),
      ...headers.length === 0 ? {} : { header: anyOf(headers.map(kindSchema)) },
      ...Object.fromEntries(commands.all.flatMap(commandDefs)),
      ...Object.fromEntries(bodies.map(([name, body]) => [name, kindSchema(body)])),
    },
  };
}

/** A PDU of any command: `more` of what is always there, `rare` of what may be. */
function pduSchema(
  { framings }: Registry,
  more: JsonSchema,
  rare: JsonSchema = {},
): JsonSchema {
  const hasHeaders = framings.some(({ headers = [] }) => headers.length > 0);
  const always: JsonSchema = {
    packet: countSchema("Number of the packet that completed the PDU, from 1."),
    time: textSchema("When it was captured: RFC 3339 with nanoseconds, UTC."),
    length: countSchema("Length of the whole PDU in bytes."),
    ...more,
    fields: {
      type: ["object", "null"],
      description: "Decoded fields; null where the body is empty or cannot be read.",
    },
  };
  return {
    type: "object",
    properties: {
      ...always,
      ...rare,
      sender: {
        enum: ["client", "server"],
        description: "Who sent it, where it asks for no response: either end may.",
      },
      ...hasHeaders ? { vsr: { $ref: "#/$defs/header" } } : {},
    },
    required: Object.keys(always),
    additionalProperties: false,
  };
}

function commandDefs(command: Command): [string, JsonSchema][] {
  const { name, request, response, prepare } = command;
  const layouts = prepare === null ? [request] : [request, prepare];
  return [
    [`${name}.request`, anyOf(layouts.map(kindSchema))],
    [`${name}.response`, kindSchema(response)],
  ];
}

function ofCommand({ name }: Command): JsonSchema {
  return fieldsOf(name, {
    request: `#/$defs/${name}.request`,
    response: `#/$defs/${name}.response`,
  });
}

/** What the PDUs of a command hold, by the schema's place. */
function fieldsOf(command: string, places: Readonly<Record<string, string>>): JsonSchema {
  const fields = ($ref: string): JsonSchema => ({
    properties: { fields: { anyOf: [{ $ref }, NULL] } },
  });
  return {
    if: { properties: { command: { const: command } } },
    then: {
      properties: Object.fromEntries(
        Object.entries(places).map(([side, place]) => [side, fields(place)]),
      ),
    },
  };
}
