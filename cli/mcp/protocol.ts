/**
 * The Model Context Protocol over standard input and output: JSON-RPC 2.0, a message a line.
 *
 * Source: modelcontextprotocol/modelcontextprotocol schema/2025-11-25/schema.ts.
 *
 * @module
 */

/** Versions of the protocol that are spoken, the newest first. */
const VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/** Bytes of a message at most. */
const MAX_LINE = 1024 * 1024;
/** Characters at most of an error, which may repeat what was asked. */
const MAX_ERROR = 2000;
const PARSE_ERROR = -32700, INVALID_REQUEST = -32600, NO_METHOD = -32601;
const INVALID_PARAMS = -32602;

/** What a tool was asked and may not answer; the message is for the assistant. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** A tool: what it is for, what it takes as JSON Schema, and its answer as text. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required: readonly string[];
  answer(args: Readonly<Record<string, unknown>>): Promise<string>;
}

/** Who serves the tools, and what assistants are told about all of them. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  readonly instructions: string;
}

type Reply = { result: unknown } | { error: { code: number; message: string } };

const error = (code: number, message: string): Reply => ({
  error: { code, message: message.slice(0, MAX_ERROR) },
});

/** Answers messages by tools. */
export class McpServer {
  readonly #info: ServerInfo;
  readonly #tools: ReadonlyMap<string, Tool>;

  constructor(info: ServerInfo, tools: readonly Tool[]) {
    this.#info = info;
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
  }

  /** The answer to a line, as a line; null where none is wanted. */
  async answer(line: string): Promise<string | null> {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      return reply(null, error(PARSE_ERROR, "not JSON"));
    }
    if (!isObject(message) || typeof message.method !== "string") {
      // An answer to us: nothing was asked.
      if (isObject(message) && ("result" in message || "error" in message)) return null;
      return reply(null, error(INVALID_REQUEST, "no request"));
    }
    const { id, method, params = {} } = message;
    if (id === undefined) return null;
    if (typeof id !== "string" && typeof id !== "number") {
      return reply(null, error(INVALID_REQUEST, "id is no string and no number"));
    }
    if (!isObject(params)) return reply(id, error(INVALID_PARAMS, "params is no object"));
    return reply(id, await this.#result(method, params));
  }

  async #result(method: string, params: Record<string, unknown>): Promise<Reply> {
    switch (method) {
      case "initialize":
        return { result: this.#welcome(params.protocolVersion) };
      case "ping":
        return { result: {} };
      case "tools/list":
        return { result: { tools: [...this.#tools.values()].map(toolRecord) } };
      case "tools/call":
        return await this.#call(params);
      default:
        return error(NO_METHOD, `no method ${method}`);
    }
  }

  #welcome(wanted: unknown): Record<string, unknown> {
    const { name, version, instructions } = this.#info;
    return {
      protocolVersion: VERSIONS.find((known) => known === wanted) ?? VERSIONS[0],
      capabilities: { tools: {} },
      serverInfo: { name, version },
      instructions,
    };
  }

  async #call({ name, arguments: args = {} }: Record<string, unknown>): Promise<Reply> {
    if (typeof name !== "string") return error(INVALID_PARAMS, "name is no string");
    const tool = this.#tools.get(name);
    if (tool === undefined) return error(INVALID_PARAMS, `no tool ${name}`);
    const said = (text: string, isError: boolean): Reply => ({
      result: { content: [{ type: "text", text }], isError },
    });
    try {
      if (!isObject(args)) throw new ToolError("arguments is no object");
      checkArguments(tool, args);
      return said(await tool.answer(args), false);
    } catch (problem) {
      if (problem instanceof ToolError) {
        return said(problem.message.slice(0, MAX_ERROR), true);
      }
      throw problem;
    }
  }
}

function toolRecord({ name, title, description, properties, required }: Tool) {
  return {
    name,
    title,
    description,
    inputSchema: { type: "object", properties, required, additionalProperties: false },
    annotations: { readOnlyHint: true, openWorldHint: false },
  };
}

function checkArguments(tool: Tool, args: Record<string, unknown>): void {
  const names = Object.keys(tool.properties).join(", ");
  for (const [name, value] of Object.entries(args)) {
    const type = tool.properties[name]?.type;
    if (type === undefined) {
      throw new ToolError(`${tool.name} takes no "${name}", only ${names}`);
    }
    const fits = type === "integer"
      ? Number.isSafeInteger(value) && Number(value) >= 0
      : type === "string" && typeof value === "string";
    if (!fits) throw new ToolError(`${name} is ${type}, not ${JSON.stringify(value)}`);
  }
  for (const name of tool.required) {
    if (!(name in args)) throw new ToolError(`${tool.name} needs ${name}`);
  }
}

function reply(id: string | number | null, answer: Reply): string {
  return `${JSON.stringify({ jsonrpc: "2.0", id, ...answer })}\n`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The lines of a stream, those that are too long cut so that they are no JSON. */
export async function* linesOf(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let line = "";
  for await (const chunk of stream) {
    const [first = "", ...rest] = decoder.decode(chunk, { stream: true }).split("\n");
    line += line.length > MAX_LINE ? "" : first;
    for (const next of rest) {
      if (line.trim() !== "") yield line;
      line = next;
    }
  }
  if (line.trim() !== "") yield line;
}
