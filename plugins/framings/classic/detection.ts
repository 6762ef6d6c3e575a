import { u32le } from "../../../core/bytes/integers.ts";
import type { Side } from "../../../core/flow/mod.ts";
import type { Opening, OpeningSegment, Verdict } from "../../../core/framing/framing.ts";
import { isTls } from "../../../core/framing/tls/record_reader.ts";
import {
  type CommandTable,
  firstOf,
  type Kind,
  lastOf,
  layoutBorders,
  ReleaseSet,
} from "../../../core/schema/mod.ts";
import { detectVsr } from "../vsr/shape.ts";
import {
  HEADER,
  LENGTH,
  MAX_CONTROL_PAYLOAD,
  MAX_GUESSED,
  MAX_STATUS,
  responseVerdict,
  SINCE,
  UP_TO,
} from "./shape.ts";

/** Bytes looked at on a port that is not known for Iggy. */
const MAX_OPENING = 4096;
/** Packets of nothing but responses that prove the framing where no request is seen. */
const ENOUGH_RESPONSES = 3;

/**
 * Whether a conversation opens in classic framing. Bytes that show VSR framing are never taken
 * for it, though their zeros look like it.
 */
export function detectClassic(opening: Opening, commands: CommandTable): Verdict {
  // A client may begin TLS with a server that answers it in classic errors.
  const tls = isTls(opening.server) || isTls(opening.client) && opening.server.length < 5;
  if (tls) return isTls(opening.server) || opening.ended ? "no" : "more";
  const vsr = detectVsr(opening);
  if (vsr === "yes" || vsr === "swapped") return "no";
  const certain = requestVerdict(opening.client, commands, opening.expected) === "yes";
  const verdict = detectAlone(opening, commands);
  return verdict === "yes" && !certain && vsr === "more" ? "more" : verdict;
}

function detectAlone(opening: Opening, commands: CommandTable): Verdict {
  const { client, server, fromStart, expected, ended } = opening;
  const request = requestVerdict(client, commands, expected);
  const response = responseVerdict(server);
  if (fromStart) {
    if (request === "yes") return "yes";
    if (!expected) return request === "no" ? "no" : ended ? "no" : "more";
    if (response !== "more") return response;
    if (client.length >= HEADER && request === "no" && ended) return "no";
    return ended ? (client.length > 0 ? "no" : "yes") : "more";
  }
  return fromTheMiddle(opening, commands);
}

/**
 * From the middle each packet is weighed: requests of known commands, and responses, that end
 * where their packets do. One plausible length proves nothing: zeros are everywhere.
 */
function fromTheMiddle(opening: Opening, commands: CommandTable): Verdict {
  const { expected, ended, sided } = opening;
  const segments = segmentsOf(opening);
  const straight = weigh(segments, "client", commands);
  const swapped = weigh(sided ? [] : segments, "server", commands);
  if (straight.requests > 0 || swapped.requests > 0) {
    return straight.requests >= swapped.requests ? "yes" : "swapped";
  }
  const size = opening.client.length + opening.server.length;
  if (!expected) return ended || size > MAX_OPENING ? "no" : "more";
  if (straight.responses >= ENOUGH_RESPONSES && straight.others === 0) return "yes";
  if (!ended) return "more";
  if (straight.responses > 0 && straight.others === 0) return "yes";
  // Inside a long PDU nothing shows; cut packets would show at least their headers.
  const isCut = segments.some(({ bytes, length }) => length > bytes.length);
  return size >= HEADER && !isCut && straight.requestBytes + straight.responses > 0
    ? "yes"
    : "no";
}

function segmentsOf({ segments, client, server }: Opening): readonly OpeningSegment[] {
  return segments ?? [
    { side: "client", bytes: client, length: client.length },
    { side: "server", bytes: server, length: server.length },
  ];
}

/** What speaks for classic framing if this side is the client. */
function weigh(
  segments: readonly OpeningSegment[],
  client: Side,
  commands: CommandTable,
): { requests: number; responses: number; others: number; requestBytes: number } {
  const found = { requests: 0, responses: 0, others: 0, requestBytes: 0 };
  for (const segment of segments) {
    if (segment.side === client) {
      found.requestBytes += segment.bytes.length;
      if (opensWithRequest(segment, commands)) found.requests++;
    } else if (segment.bytes.length >= HEADER) {
      if (opensWithResponse(segment)) found.responses++;
      else found.others++;
    }
  }
  return found;
}

/** Whether a packet begins with a request of a known command whose payload could be one. */
function opensWithRequest(
  { bytes, length }: OpeningSegment,
  commands: CommandTable,
): boolean {
  if (bytes.length < HEADER) return false;
  const command = commands.byCode(u32le(bytes, 4));
  const total = LENGTH + u32le(bytes, 0);
  if (command === undefined || total < HEADER) return false;
  const payload = total - HEADER;
  const most = command.staged == null ? MAX_CONTROL_PAYLOAD : 4 * MAX_CONTROL_PAYLOAD;
  if (payload < command.request.minSize || payload > most) return false;
  if (command.request.fields!.length === 0 && payload > 0) return false;
  const end = Math.min(bytes.length, total);
  if (!fitsSomeRelease(command.request, bytes, end, end < total)) return false;
  return total >= length || total < length && bytes.length < total + HEADER ||
    commands.byCode(u32le(bytes, total + LENGTH)) !== undefined;
}

/** Whether a packet is one response or several, and nothing else. */
function opensWithResponse({ bytes, length }: OpeningSegment): boolean {
  for (let at = 0; bytes.length - at >= HEADER;) {
    const status = u32le(bytes, at);
    const payload = u32le(bytes, at + 4);
    if (status > MAX_STATUS || status !== 0 && payload > 0) return false;
    at += HEADER + payload;
    if (at === length) return true;
  }
  return false;
}

function requestVerdict(
  bytes: Uint8Array,
  commands: CommandTable,
  expected: boolean,
): "yes" | "no" | "more" {
  if (bytes.length < HEADER) return "more";
  const payload = u32le(bytes, 0) - LENGTH;
  const command = commands.byCode(u32le(bytes, 4));
  if (command === undefined) {
    const alone = payload >= 0 && payload <= MAX_GUESSED &&
      payload + HEADER === bytes.length;
    return expected && alone ? "yes" : "no";
  }
  if (payload > 4 * MAX_CONTROL_PAYLOAD) return "no";
  if (expected) return "yes";
  // Elsewhere a few small numbers prove nothing: the payload has to read as the command's.
  if (payload < command.request.minSize) return "no";
  const end = Math.min(bytes.length, HEADER + payload);
  const begun = end < HEADER + payload;
  return fitsSomeRelease(command.request, bytes, end, begun) ? "yes" : "no";
}

function fitsSomeRelease(
  layout: Kind<unknown>,
  bytes: Uint8Array,
  end: number,
  begun: boolean,
): boolean {
  const borders = [...layoutBorders(layout)].filter((border) => border <= lastOf(UP_TO));
  const releases = new ReleaseSet([firstOf(SINCE), ...borders].sort((a, b) => a - b));
  return releases.fits(layout, bytes, HEADER, end, begun);
}
