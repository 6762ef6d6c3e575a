/** Headers whose values say how to talk, not who does. */
const KEPT = /^(upgrade|connection|sec-websocket-[a-z]+)$/i;
/** Stands for each character of another value. */
const FILLER = "x";

/**
 * The head of an HTTP message with the values of most headers made unreadable, and the path
 * too; anything else, such as the head of a WebSocket frame, as it is.
 *
 * Source: RFC 9112 sections 3 and 5; RFC 6455 section 4.
 */
export function anonymousHead(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder("latin1").decode(bytes);
  if (!text.endsWith("\r\n\r\n")) return bytes.slice();
  const [first = "", ...headers] = text.split("\r\n");
  const line = first.replace(
    /^(\S+ \/)(\S*)( HTTP\/)/,
    (_, before, path, after) => before + FILLER.repeat(path.length) + after,
  );
  const lines = headers.map((header) => {
    const [, name = "", space = "", value = ""] = /^([^:]*)(:\s*)(.*)$/s.exec(header) ??
      [];
    if (space === "" || KEPT.test(name)) return header;
    return name + space + FILLER.repeat(value.length);
  });
  const made = [line, ...lines].join("\r\n");
  return Uint8Array.from(made, (character) => character.charCodeAt(0));
}
