import type { Pdu } from "../framing/pdu.ts";
import { type FieldNode, type Kind, SecretBytes, walkFields } from "../schema/mod.ts";

/** Bytes from `start` up to `end` of a PDU. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const secretLayouts = new WeakMap<Kind<unknown>, boolean>();

function hasSecrets(layout: Kind<unknown>): boolean {
  let found = secretLayouts.get(layout);
  if (found === undefined) {
    found = false;
    walkFields(
      layout,
      "",
      ({ kind }) => found ||= kind.secret === true || kind.secretIf !== undefined,
    );
    secretLayouts.set(layout, found);
  }
  return found;
}

/**
 * The bytes of a PDU that must not be shown; the length before a text is none of them. Where a layout has secrets and the bytes do not
 * fit it exactly, nobody knows where they stand: the whole payload counts. So it does in a
 * response of which the request, and hence the layout, is unknown.
 */
export function secretRanges(pdu: Pdu, isOrphan: boolean): ByteRange[] {
  const payload = { start: pdu.start, end: pdu.bytes.length };
  const header = headerSecrets(pdu);
  if (pdu.isEmpty) return header;
  const { layout } = pdu;
  if (layout === null) return isOrphan ? [...header, payload] : header;
  if (!hasSecrets(layout)) return header;
  const decoded = pdu.decodedTree!;
  if (!pdu.whole || decoded.problems > 0) return [...header, payload];
  return [...header, ...nodeSecrets(decoded.tree!)];
}

function headerSecrets({ headerKind, headerTree, start }: Pdu): ByteRange[] {
  if (headerKind === null || !hasSecrets(headerKind)) return [];
  const { tree, complete } = headerTree!;
  return complete ? nodeSecrets(tree!) : [{ start: 0, end: start }];
}

function nodeSecrets({ kind, value, offset, length, children }: FieldNode): ByteRange[] {
  if (!kind.secret && !(value instanceof SecretBytes)) {
    return children.flatMap(nodeSecrets);
  }
  const start = offset + Math.min(length, kind.prefix ?? 0);
  return start === offset + length ? [] : [{ start, end: offset + length }];
}
