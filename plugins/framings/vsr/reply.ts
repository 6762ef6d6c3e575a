import type { Stamp } from "../../../core/flow/mod.ts";
import { u32le } from "../../../core/bytes/integers.ts";
import { issue } from "../../../core/issue.ts";
import type { Command, ReleaseSet } from "../../../core/schema/mod.ts";
import { Pdu } from "../../../core/framing/pdu.ts";
import { VSR_HEADER } from "./header_parts.ts";
import type { FrameTable } from "./frames.ts";
import { EVICTION_REASONS } from "./names.ts";
import { filled, VSR_TEXTS } from "../texts.ts";

const REASON_AT = 255;
const STATUS_AT = 216;
const RESULT = 8;
const COUNT = 4;

/** What a frame is read with. */
export interface Reading {
  readonly frames: FrameTable;
  readonly releases: ReleaseSet;
}

/** A PDU of any frame, with the layout of its header; the payload begins behind `start`. */
export function framePdu(
  stamp: Stamp,
  bytes: Uint8Array,
  length: number,
  { frames, releases }: Reading,
  status: number | null = null,
  start = VSR_HEADER,
): Pdu {
  const pdu = new Pdu(stamp, bytes, length, Math.min(start, bytes.length), status);
  const header = frames.byNumber(bytes[60]!)?.header ?? frames.unknown;
  pdu.interpretHeader(header, VSR_HEADER, releases);
  return pdu;
}

/**
 * A reply as the PDU that plugins see: its status is the header's, or the first result of the
 * result section, which is taken off the payload where the command has one.
 *
 * Source: apache/iggy core/binary_protocol/src/consensus/ at server-0.9.0-edge.5.
 */
export function replyPdu(
  stamp: Stamp,
  bytes: Uint8Array,
  length: number,
  command: Command | null,
  reading: Reading,
): Pdu {
  const denied = u32le(bytes, STATUS_AT);
  let problem: string | null = null;
  let status = denied;
  let start = VSR_HEADER;
  const body = bytes.length - VSR_HEADER;
  if (denied !== 0) {
    if (body > 0) problem = filled(VSR_TEXTS.refusal_body, body);
    start = bytes.length;
  } else if (command?.resultSection && body >= COUNT) {
    const count = u32le(bytes, VSR_HEADER);
    start = VSR_HEADER + COUNT;
    if (count > 0) {
      const first = VSR_HEADER + COUNT;
      if (first + RESULT <= bytes.length) status = u32le(bytes, first + COUNT);
      if (count * RESULT !== length - first) {
        problem = filled(VSR_TEXTS.results, count, length - first);
      }
      start = bytes.length;
    }
  } else if (command?.resultSection && body > 0) {
    problem = filled(VSR_TEXTS.result_section, body);
    start = bytes.length;
  }
  const pdu = framePdu(stamp, bytes, length, reading, status, start);
  if (problem !== null) {
    pdu.report(issue("warn", "malformed", problem, stamp.packet, VSR_HEADER));
  }
  return pdu;
}

/** An eviction as a response without status: it says why the session ends. */
export function evictionPdu(
  stamp: Stamp,
  bytes: Uint8Array,
  length: number,
  reading: Reading,
): Pdu {
  const pdu = framePdu(stamp, bytes, length, reading);
  const reason = bytes[REASON_AT]!;
  pdu.evicted = EVICTION_REASONS[reason] ?? String(reason);
  const body = bytes.length - VSR_HEADER;
  if (body > 0) {
    const message = filled(VSR_TEXTS.eviction_body, body);
    pdu.report(issue("warn", "malformed", message, stamp.packet, VSR_HEADER));
  }
  return pdu;
}

/** The protocol versions that a server says it takes, oldest and newest. */
export function acceptedVersions(bytes: Uint8Array): { oldest: number; newest: number } {
  return { newest: u32le(bytes, 144), oldest: u32le(bytes, 148) };
}

/** The reason byte of an eviction. */
export function evictionReason(bytes: Uint8Array): number {
  return bytes[REASON_AT] ?? 0;
}
