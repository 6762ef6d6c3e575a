import { u32le } from "../../../core/bytes/integers.ts";
import { sequenceAdd, type Stamp } from "../../../core/flow/mod.ts";
import { mayAnswer } from "../../../core/framing/order.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import type { Issue } from "../../../core/issue.ts";
import type { Command, ReleaseSet } from "../../../core/schema/mod.ts";
import { CLASSIC_TEXTS, filled } from "../texts.ts";
import { HEADER, LENGTH } from "./shape.ts";

/** A request from its header on, until it is paired. */
export interface Pending {
  readonly code: number;
  readonly command: Command | null;
  /** Where it begins in the client's flow, counted since the last loss of sync. */
  readonly offset: number;
  readonly length: number;
  /** The packet with its first bytes. */
  readonly begun: Stamp;
  readonly issues: Issue[];
  pdu: Pdu | null;
  response: Pdu | null;
}

/** A server that refuses a request may do so before it has all of it. */
export function isAllowed({ pdu, begun, length }: Pending, response: Pdu): boolean {
  return mayAnswer(
    pdu?.stamp ?? begun,
    response.status === 0 ? length : HEADER,
    response.stamp,
  );
}

/** Whether a response reads as one to a command. */
export function readsAs(
  command: Command | null,
  response: Pdu,
  releases: ReleaseSet,
): boolean {
  if (command === null || response.status !== 0) return true;
  const { minSize, fields } = command.response;
  if (response.length <= HEADER) return command.emptyIfMissing || minSize === 0;
  if (fields?.length === 0) return false;
  const { bytes, start, end, whole } = response;
  return releases.fits(command.response, bytes, start, end, !whole);
}

/** Where the PDU ends that begins there, as 32 bits with a sign; null where TCP does not tell. */
export function endOf({ sequence, carried }: Stamp, length: number): number | null {
  if (sequence === undefined || carried !== undefined) return null;
  return sequenceAdd(sequence, length) | 0;
}

/** What is wrong with a request's frame, whatever its payload. */
export function frameProblem(
  bytes: Uint8Array,
  { code, command, length }: Pending,
): string | null {
  const stated = u32le(bytes, 0);
  if (stated < LENGTH) return filled(CLASSIC_TEXTS.short_length, stated);
  if (LENGTH + stated !== length) return filled(CLASSIC_TEXTS.long_length, stated);
  return command === null ? filled(CLASSIC_TEXTS.unknown_code, code) : null;
}
