import { type ByteRange, reseal } from "../../core/export/mod.ts";
import type { Pdu } from "../../core/framing/pdu.ts";

/** The bytes of a PDU with its secrets masked; checksums that were right are made right again. */
export function maskedPdu(
  pdu: Pdu,
  ranges: readonly ByteRange[],
  mask: number,
): Uint8Array {
  const masked = pdu.bytes.slice();
  for (const { start, end } of ranges) masked.fill(mask, start, end);
  if (pdu.whole) reseal(pdu, masked);
  return masked;
}
