/**
 * What framings say, in the program and in the Wireshark export, which has this table as it is.
 * `%s` stands for what is filled in, as in Lua's `string.format`.
 *
 * @module
 */

/** What both framings say of pairing. */
const PAIRING = {
  given_up: "answers a request that is no longer tracked",
  untold: "cannot be matched to a request after lost bytes",
  missed: "its response may be among the lost bytes",
  not_captured: "its request was not captured",
};

/** What classic framing says. */
export const CLASSIC_TEXTS = Object.freeze({
  ...PAIRING,
  unsolicited: "unsolicited, or its request was not captured: %s",
  no_payload: "no payload",
  short_length: "length %s is less than 4",
  long_length: "length %s is more than a server reads",
  unknown_code: "unknown command code %s",
  further_answer:
    "a further answer to %swhose bytes from %s on the server took for a frame",
  of_packet: "the request of packet %s, ",
});

/** What VSR framing says. */
export const VSR_TEXTS = Object.freeze({
  ...PAIRING,
  unasked: "the server ends the session without being asked",
  unknown_code: "unknown command code %s: newer than this program knows, or none",
  came_with: "%s came with Iggy %s; this server is %s and does not know it",
  retired: "%s was retired after Iggy %s; this server is %s and does not know it",
  refusal_body: "%s bytes behind a refusal, which has no body",
  eviction_body: "%s bytes behind an eviction, which has no body",
  results: "%s results announced, but %s bytes follow",
  result_section: "a result section of %s bytes",
  no_layout: "no layout for the body of %s",
  command_byte: "command byte %s",
  operation: "operation %s",
  stray: "a %s sends no %s on a client's link: it is dropped",
  code_beside: "command code %s beside an operation that has none",
  no_client: "no client id: servers drop such a request",
  no_operation: "no operation: servers drop such a request",
  numbered_login: "a login with a session or request number: servers drop such a request",
  no_session: "no session or request number: servers drop such a request",
  version: "version %s",
  versions: "versions %s to %s",
  takes: "the server takes protocol %s",
  speaks: "the client speaks protocol %s, the server takes protocol %s",
  newer_client: "%s: update the server, or use an older client",
  older_client: "%s: update the client, or use an older server",
});

/**
 * A text with its places filled.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(filled("%s of %s", 1, "two"), "1 of two");
 * ```
 */
export function filled(text: string, ...values: readonly (string | number)[]): string {
  let next = 0;
  return text.replaceAll("%s", () => String(values[next++]));
}
