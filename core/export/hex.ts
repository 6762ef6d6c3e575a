import type { ByteRange } from "./secrets.ts";

const ROW = 16;

/**
 * Bytes as rows of offset, hexadecimal and ASCII, as tshark's `-x`. Bytes in `hidden` show as
 * `**`. Rows of a PDU longer than `most` bytes end with a line that says how many are left.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const rows = hexDump(new TextEncoder().encode("iggy!"), [{ start: 2, end: 4 }]);
 * assertEquals(rows, ["0000  69 67 ** ** 21                                    ig**!"]);
 * ```
 */
export function hexDump(
  bytes: Uint8Array,
  hidden: readonly ByteRange[] = [],
  most = Infinity,
): string[] {
  const rows: string[] = [];
  const end = Math.min(bytes.length, most);
  for (let at = 0; at < end; at += ROW) {
    rows.push(row(bytes, at, Math.min(at + ROW, end), hidden));
  }
  if (end < bytes.length) rows.push(`…  ${bytes.length - end} bytes more`);
  return rows;
}

function row(
  bytes: Uint8Array,
  start: number,
  end: number,
  hidden: readonly ByteRange[],
): string {
  let hex = "";
  let text = "";
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    const masked = hidden.some((range) => at >= range.start && at < range.end);
    hex += masked ? " **" : ` ${byte.toString(16).padStart(2, "0")}`;
    text += masked ? "*" : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
    if (at - start === ROW / 2 - 1) hex += " ";
  }
  return `${start.toString(16).padStart(4, "0")} ${hex.padEnd(3 * ROW + 1)}  ${text}`;
}
