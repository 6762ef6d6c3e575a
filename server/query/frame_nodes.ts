import type { Transaction } from "../../core/dissect/transaction.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import type { Node } from "../api.ts";

/** Bytes of the header, in both directions: two numbers of four bytes. */
const HEADER = 8;

/**
 * The fields of the classic framing's header, which stands before the payload and is no layout
 * of a command: `length` and `code` of a request, `status` and `length` of a response.
 *
 * Source: apache/iggy core/server/src/tcp/connection_handler.rs at server-0.8.0.
 */
export function frameNodes(
  { conversation, code, statusName, name, request }: Transaction,
  side: "request" | "response",
  { bytes, status }: Pdu,
): Node[] {
  if (conversation.framing !== "classic" || bytes.length < HEADER) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER);
  const number = (
    place: number,
    name: string,
    doc: string,
    { path = "", meaning = null }: { path?: string; meaning?: string | null } = {},
  ): Node => {
    const value = view.getUint32(place, true);
    const text = meaning === null ? String(value) : `${value} (${meaning})`;
    const common = { name, path, doc, value, text, children: [] };
    return { ...common, type: "uint32", wire: "u32", offset: place, length: 4 };
  };
  if (side === "response") {
    return [
      number(0, "status", "0, or why the server refused.", {
        path: status === null ? "" : "iggy.status",
        meaning: status === null ? null : statusName,
      }),
      number(4, "length", "Bytes that follow; 0 where the status is not 0."),
    ];
  }
  return [
    number(0, "length", "Bytes that follow: those of the code and of the payload."),
    number(4, "code", "Code of the command.", {
      path: code === null || request === null ? "" : "iggy.code",
      meaning: name,
    }),
  ];
}
