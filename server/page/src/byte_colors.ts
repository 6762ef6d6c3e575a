import type { Node } from "../../api.ts";

/** Colours that fields take in turn, so that neighbours differ. */
export const FIELD_COLORS = 6;

/** Which colour each field has, and which each byte: 0 is none. */
export interface ByteColors {
  readonly bytes: Uint8Array;
  readonly nodes: ReadonlyMap<Node, number>;
}

/**
 * Colours the bytes of a PDU by the innermost field they belong to.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const leaf = (offset: number, length: number) => ({ offset, length, children: [] });
 * const tree = [leaf(0, 2), leaf(3, 1)] as never;
 * assertEquals([...byteColors(tree, 5).bytes], [1, 1, 0, 2, 0]);
 * ```
 */
export function byteColors(tree: readonly Node[], length: number): ByteColors {
  const bytes = new Uint8Array(length);
  const nodes = new Map<Node, number>();
  let fields = 0;
  const walk = (node: Node) => {
    if (node.children.length > 0) return node.children.forEach(walk);
    if (node.length === 0) return;
    const color = fields++ % FIELD_COLORS + 1;
    nodes.set(node, color);
    bytes.fill(color, node.offset, node.offset + node.length);
  };
  tree.forEach(walk);
  return { bytes, nodes };
}
