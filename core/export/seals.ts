import { Writer } from "../bytes/writer.ts";
import type { Pdu } from "../framing/pdu.ts";
import { decode, type FieldNode, type Fields } from "../schema/mod.ts";

/** A checksum with the structure it stands in. */
interface Seal {
  readonly node: FieldNode;
  readonly parent: FieldNode;
}

/**
 * Makes the checksums of a changed copy of a PDU's bytes right again, where they were right
 * before: those of the payload from the innermost outwards, then those of the framing's header.
 * The copy has to be laid out as the PDU is.
 */
export function reseal(pdu: Pdu, changed: Uint8Array): void {
  const { layout, start, end, release } = pdu;
  const payload = pdu.isEmpty ? null : pdu.decodedTree?.tree ?? null;
  if (payload !== null) {
    for (let depth = deepestSeal(payload, 0); depth > 0; depth--) {
      const seals = sealsAt(payload, depth);
      if (seals.length === 0) continue;
      // What was sealed inside is a value of what is sealed outside.
      const { tree } = decode(layout!, changed, release, { start, end, tree: true });
      const now = sealsAt(tree!, depth);
      seals.forEach((seal, i) => put(seal, now[i], pdu, changed));
    }
  }
  const header = pdu.headerTree?.tree ?? null;
  if (header === null) return;
  // A checksum of a header covers those that stand behind it, so the last comes first.
  for (const seal of sealsAt(header, 1).reverse()) put(seal, seal, pdu, changed);
}

function deepestSeal(node: FieldNode, depth: number): number {
  const own = node.kind.seal === undefined ? 0 : depth;
  return Math.max(own, ...node.children.map((child) => deepestSeal(child, depth + 1)));
}

function sealsAt(parent: FieldNode, depth: number): Seal[] {
  if (depth > 1) return parent.children.flatMap((child) => sealsAt(child, depth - 1));
  return parent.children.filter(({ kind }) => kind.seal !== undefined)
    .map((node) => ({ node, parent }));
}

function put(seal: Seal, now: Seal | undefined, pdu: Pdu, changed: Uint8Array): void {
  const { kind, value, offset } = seal.node;
  if (
    now === undefined || value === 0n || sealOf(seal, pdu.bytes, pdu.release) !== value
  ) return;
  const right = sealOf(now, changed, pdu.release);
  if (right === null) return;
  const writer = new Writer();
  kind.write(writer, right, pdu.release, {});
  changed.set(writer.finish(), offset);
}

function sealOf({ node, parent }: Seal, bytes: Uint8Array, release: number): unknown {
  const end = parent.offset + parent.length;
  const scope = parent.value as Fields;
  return node.kind.seal!(bytes, parent.offset, {
    end,
    offset: node.offset,
    scope,
    release,
  });
}
