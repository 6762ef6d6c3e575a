/** The head of an HTTP/1.1 message. */
export interface HttpHead {
  /** The request line or status line. */
  readonly line: string;
  /** Values by name in lower case; several of one name are joined by ", ". */
  readonly headers: ReadonlyMap<string, string>;
  /** Bytes of the head, its empty line included. */
  readonly length: number;
}

/** Longest head that is waited for, in bytes. */
export const MAX_HEAD = 16 * 1024;

const latin1 = new TextDecoder("latin1");

/**
 * Reads the head at the start of the bytes; null while its end is not there.
 *
 * Source: RFC 9112 sections 2 to 5.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const bytes = new TextEncoder().encode("HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\n\r\n");
 * assertEquals(readHead(bytes)?.headers.get("upgrade"), "websocket");
 * ```
 */
export function readHead(bytes: Uint8Array): HttpHead | null {
  const text = latin1.decode(bytes.subarray(0, MAX_HEAD));
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [line = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = new Map<string, string>();
  for (const header of lines) {
    const colon = header.indexOf(":");
    if (colon < 0) continue;
    const name = header.slice(0, colon).trim().toLowerCase();
    const before = headers.get(name);
    const value = header.slice(colon + 1).trim();
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { line, headers, length: end + 4 };
}

/** Whether bytes begin with a text, as far as they go. */
export function beginsWith(bytes: Uint8Array, text: string): boolean {
  const length = Math.min(bytes.length, text.length);
  return latin1.decode(bytes.subarray(0, length)) === text.slice(0, length);
}

/** Whether a head asks for, or grants, a WebSocket. */
export function upgrades({ headers }: HttpHead): boolean {
  return headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** The status of a response's head; NaN where it is none. */
export function statusOf({ line }: HttpHead): number {
  return Number(/^HTTP\/1\.\d (\d{3})/.exec(line)?.[1]);
}
