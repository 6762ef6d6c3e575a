import { createRoute, z } from "@hono/zod-openapi";
import { decodePdus } from "../../core/dissect/decode_pdus.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { exportLua } from "../../core/export/lua/mod.ts";
import { complete, fieldTable, nearest } from "../../core/filter/mod.ts";
import { type Command, releaseOf, spanText } from "../../core/schema/mod.ts";
import {
  CommandList,
  Completion,
  Decoded,
  DecodeRequest,
  FieldList,
  type Issue,
} from "../api.ts";
import { ProblemError } from "../problem.ts";
import { pduDetail } from "../query/detail.ts";
import type { App, Services } from "../services.ts";
import { download, json, jsonContent, noQuery, problems, whole } from "./support.ts";

const commands = createRoute({
  method: "get",
  operationId: "listCommands",
  tags: ["catalog"],
  path: "/api/commands",
  summary: "The commands that can be decoded",
  request: { query: noQuery },
  responses: { 200: jsonContent(CommandList, "By code."), ...problems },
});

const fields = createRoute({
  method: "get",
  operationId: "listFields",
  tags: ["catalog"],
  path: "/api/fields",
  summary: "The fields that filters know",
  request: { query: z.strictObject({ prefix: z.string().max(200).optional() }) },
  responses: { 200: jsonContent(FieldList, "By path."), ...problems },
});

const completion = createRoute({
  method: "get",
  operationId: "completeFilter",
  tags: ["catalog"],
  path: "/api/complete",
  summary: "How a half-typed filter may go on, and what is wrong with it",
  request: {
    query: z.strictObject({
      text: z.string(),
      at: whole(0, 1_000_000, "The cursor, in UTF-16 units; default the end.").optional(),
    }),
  },
  responses: { 200: jsonContent(Completion, "The candidates."), ...problems },
});

const decode = createRoute({
  method: "post",
  operationId: "decodePdus",
  tags: ["catalog"],
  path: "/api/decode",
  summary: "Decode PDUs given as hex",
  description: "What is sent here is shown; only secrets are redacted.",
  request: {
    query: noQuery,
    body: { content: { "application/json": { schema: DecodeRequest } }, required: true },
  },
  responses: { 200: jsonContent(Decoded, "The PDUs."), ...problems },
});

const lua = createRoute({
  method: "get",
  operationId: "exportLua",
  tags: ["catalog"],
  path: "/api/export/lua",
  summary: "The dissector for Wireshark",
  request: { query: noQuery },
  responses: {
    200: { description: "One file.", content: { "text/x-lua": { schema: z.string() } } },
    ...problems,
  },
});

/** What is known without any capture. */
export function catalogRoutes(app: App, services: Services): void {
  const { registry, limits, selector } = services;
  const table = fieldTable(registry);

  app.openapi(commands, () =>
    json<z.infer<typeof CommandList>>({
      items: [...registry.commands.all]
        .sort((a, b) => (a.code ?? 0) - (b.code ?? 0))
        .map((command) => ({
          name: command.name,
          doc: command.doc,
          code: command.code,
          operation: command.operation,
          releases: spanText(command) || "all",
        })),
    }));

  app.openapi(fields, (c) => {
    const { prefix = "" } = c.req.valid("query");
    return json<z.infer<typeof FieldList>>({
      items: table.all.filter(({ path }) => path.startsWith(prefix)).map((field) => ({
        path: field.path,
        type: field.type,
        doc: field.doc,
        wire: field.wire ?? null,
        unit: field.unit ?? null,
        names: field.names === undefined ? null : Object.fromEntries(field.names),
        secret: field.secret ?? false,
      })),
    });
  });

  app.openapi(completion, (c) => {
    const { text, at = text.length } = c.req.valid("query");
    if (text.length > limits.filterLength) {
      throw new ProblemError(
        422,
        `A filter has at most ${limits.filterLength} characters.`,
      );
    }
    const found = complete(text, Math.min(at, text.length), table);
    return json<Completion>({
      from: found.from,
      to: found.to,
      candidates: [...found.candidates],
      error: errorOf(text),
    });
  });

  function errorOf(text: string): Completion["error"] {
    try {
      selector.compile(text);
      return null;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { offset = 0, length = 0, suggestion = null } = error.more;
      return { message: error.message, offset, length, suggestion };
    }
  }

  let luaText: string | null = null;
  app.openapi(lua, () => {
    luaText ??= exportLua(registry, { version: services.version });
    return new Response(luaText, {
      headers: { "content-type": "text/x-lua", ...download("iggy.lua") },
    });
  });

  app.openapi(decode, (c) => {
    const { hex, direction = "request", command, release } = c.req.valid("json");
    if (release !== undefined && releaseOf(release) === null) {
      throw new ProblemError(422, "release is a version such as 0.8.");
    }
    const transactions = decodePdus(registry, bytesOf(hex), {
      direction,
      release,
      command: command === undefined ? undefined : commandNamed(command),
    });
    if (transactions.length === 0) {
      throw new ProblemError(422, `The bytes hold no ${direction}.`);
    }
    return json<Decoded>({ items: transactions.map((each) => decoded(each, direction)) });
  });

  function commandNamed(name: string): Command {
    const command = registry.commands.byName(name);
    if (command !== undefined) return command;
    const near = nearest(name, registry.commands.all.map(({ name }) => name));
    throw new ProblemError(422, "There is no such command.", { suggestion: near });
  }

  function decoded(
    transaction: Transaction,
    direction: "request" | "response",
  ): Decoded["items"][number] {
    const pdu = transaction[direction];
    const options = { ...services.json, hexBytes: limits.jsonBytes };
    const detail = pdu && pduDetail(transaction, direction, pdu, options);
    return {
      command: transaction.name,
      code: transaction.code,
      status: pdu?.status ?? null,
      status_name: transaction.statusName,
      release: transaction.release,
      length: pdu?.length ?? 0,
      fields: transaction.toRecord(options)[direction]?.fields ?? null,
      tree: detail?.tree ?? [],
      hex: detail?.hex ?? "",
      issues: [...transaction.issues] as Issue[],
    };
  }
}

/** Bytes of hex; white space, `0x` and the colons of dumps are let go. */
function bytesOf(text: string): Uint8Array {
  const hex = text.replaceAll(/0x|[\s:,]/gi, "");
  const wrong = /[^0-9a-f]/i.exec(hex);
  if (wrong !== null) {
    throw new ProblemError(422, "hex has digits 0 to 9 and a to f only.");
  }
  if (hex.length % 2 !== 0) throw new ProblemError(422, "hex ends within a byte.");
  return Uint8Array.fromHex(hex);
}
