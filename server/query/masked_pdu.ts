import { Writer } from "../../core/bytes/writer.ts";
import type { ByteRange } from "../../core/export/secrets.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import type { FieldNode } from "../../core/schema/mod.ts";

/** The bytes of a PDU with its secrets masked; checksums that were right are made right again. */
export function maskedPdu(
  pdu: Pdu,
  ranges: readonly ByteRange[],
  mask: number,
): Uint8Array {
  const masked = pdu.bytes.slice();
  for (const { start, end } of ranges) masked.fill(mask, start, end);
  // A checksum covers those that stand behind it, so the last comes first.
  for (const node of sealsOf(pdu.headerTree?.tree ?? null).reverse()) {
    seal(node, pdu, masked);
  }
  return masked;
}

function sealsOf(node: FieldNode | null): FieldNode[] {
  if (node === null) return [];
  const own = node.kind.seal === undefined ? [] : [node];
  return [...own, ...node.children.flatMap(sealsOf)];
}

function seal({ kind, value, offset }: FieldNode, pdu: Pdu, masked: Uint8Array): void {
  if (kind.seal!(pdu.bytes, 0) !== value) return;
  const writer = new Writer();
  kind.write(writer, kind.seal!(masked, 0), pdu.release, {});
  masked.set(writer.finish(), offset);
}
