/**
 * Server-sent events by `fetch`: unlike `EventSource` it tells why a server refuses.
 *
 * @module
 */

/** One event. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | null;
}

/**
 * Events of a body, in order.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const body = new Blob(["event: a\nid: 7\ndata: x\n\n:ping\n\ndata: y\ndata: z\n\n"]);
 * const events = await Array.fromAsync(readEvents(body.stream()));
 * assertEquals(events, [
 *   { event: "a", data: "x", id: "7" },
 *   { event: "message", data: "y\nz", id: null },
 * ]);
 * ```
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerEvent, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = parseBlock(block);
        if (event !== null) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => {}); // an aborted body is cancelled already
  }
}

function parseBlock(block: string): ServerEvent | null {
  const data: string[] = [];
  let event = "message";
  let id: string | null = null;
  for (const line of block.split(/\r?\n/)) {
    const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (name === "data") data.push(value ?? "");
    else if (name === "event") event = value ?? "";
    else if (name === "id") id = value ?? "";
  }
  return data.length === 0 ? null : { event, data: data.join("\n"), id };
}
