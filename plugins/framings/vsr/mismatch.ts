import { filled, VSR_TEXTS } from "../texts.ts";
import { protocolWords } from "./versions.ts";

/**
 * Why a server refuses a client's protocol version, with both versions and who has to move.
 * `client` is null where its login was not captured.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(
 *   mismatch(0x3002, { oldest: 0x2c00, newest: 0x2fff }),
 *   "the client speaks protocol 0.12.2 (Iggy 0.9.1-edge.7+), the server takes protocol " +
 *     "versions 0.11.0 (Iggy 0.9-edge.2..0.9) to 0.11.1023: update the server, or use an " +
 *     "older client",
 * );
 * ```
 */
export function mismatch(
  client: number | null,
  { oldest, newest }: { readonly oldest: number; readonly newest: number },
): string {
  const texts = VSR_TEXTS;
  const window = oldest === newest
    ? filled(texts.version, protocolWords(oldest))
    : filled(texts.versions, protocolWords(oldest), protocolWords(newest));
  if (client === null) return filled(texts.takes, window);
  const message = filled(texts.speaks, protocolWords(client), window);
  if (client > newest) return filled(texts.newer_client, message);
  return client < oldest ? filled(texts.older_client, message) : message;
}

/**
 * Why a server answers in the classic framing; `client` is the protocol version of the login,
 * null where none was captured.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * assertStringIncludes(classicServer(0x2c00), "protocol 0.11.0 (Iggy 0.9-edge.2..0.9)");
 * ```
 */
export function classicServer(client: number | null): string {
  const version = client === null ? "" : `, protocol ${protocolWords(client)}`;
  return `the client speaks VSR framing${version}, the server answers in the classic one: ` +
    "a server before 0.9 does not understand this client; update the server, or use a " +
    "client up to 0.8";
}
