import type { Stamp } from "../../../core/flow/mod.ts";
import { u32le, u64le } from "../../../core/bytes/integers.ts";
import { issue } from "../../../core/issue.ts";
import {
  type Command,
  type CommandTable,
  type ReleaseSet,
} from "../../../core/schema/mod.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import { filled, VSR_TEXTS } from "../texts.ts";
import { tellLifespan } from "./lifespan.ts";
import { NON_REPLICATED, REGISTER } from "./names.ts";
import type { PendingRequest } from "./pairing.ts";
import { framePdu, type Reading } from "./reply.ts";
import { ANSWERS_UNKNOWN, clientReleases } from "./versions.ts";

const NUMBER_AT = 168;
const OPERATION_AT = 176;
const SESSION_AT = 184;
const CODE_AT = 196;
const CLIENT_AT = 128;
const CLIENT_BYTES = 16;
const NO_COMMANDS: readonly Command[] = [];
const NOBODY = new Uint8Array(CLIENT_BYTES);

/** What a request is read with. */
export interface RequestReading extends Reading {
  readonly commands: CommandTable;
  /** Every release of the framing: what a client is tells itself at login. */
  readonly every: ReleaseSet;
}

/**
 * A client's request with its command, told by the operation, the code that requests without
 * replication carry, or, for logins, the shape of the body.
 *
 * Source: apache/iggy core/binary_protocol/src/consensus/header.rs at server-0.9.0-edge.5.
 */
export function readRequest(
  stamp: Stamp,
  bytes: Uint8Array,
  length: number,
  reading: RequestReading,
): PendingRequest {
  const { commands, releases } = reading;
  const pdu = framePdu(stamp, bytes, length, reading);
  const operation = bytes[OPERATION_AT]!;
  const code = operation === NON_REPLICATED ? u32le(bytes, CODE_AT) : null;
  const candidates = code === null ? commands.byOperation(operation) : NO_COMMANDS;
  const first = code === null ? candidates[0] : commands.byCode(code, releases);
  const own = first !== undefined && statesVersion(first)
    ? releasesOfLogin(pdu, reading)
    : releases;
  const command = candidates.length < 2
    ? first ?? null
    : candidates.find(({ request }) => own.fits(request, bytes, pdu.start, pdu.end)) ??
      first ?? null;
  if (command !== null) {
    pdu.interpret(command.request, own);
    tellLifespan(pdu, command, releases, code === null ? OPERATION_AT : CODE_AT);
  } else if (code !== null) {
    const message = filled(VSR_TEXTS.unknown_code, code);
    pdu.report(issue("warn", "protocol", message, stamp.packet, CODE_AT));
  }
  // A login says itself what its client is; only its answer says what the server is.
  pdu.readHeaderBy(own.newest);
  return {
    operation,
    number: u64le(bytes, NUMBER_AT),
    command,
    code: code ?? command?.code ?? null,
    pdu,
    issues: [],
  };
}

/** Whether a command's request begins with what the client is. */
export function statesVersion({ request }: Command): boolean {
  return request.fields?.[0]?.[0] === "version_info";
}

/** The protocol version that a login or bind_session states; null where bytes are missing. */
export function statedProtocol({ bytes, start }: Pdu): number | null {
  return start + 4 > bytes.length ? null : u32le(bytes, start);
}

/** The releases of a client by the protocol version that its login states. */
function releasesOfLogin(pdu: Pdu, { every, releases }: RequestReading): ReleaseSet {
  const protocol = statedProtocol(pdu);
  const range = protocol === null ? null : clientReleases(protocol);
  return range === null ? releases : every.within(range.first, range.last);
}

/** A client's id as a header has it: by default that of a request. */
export function clientOf(bytes: Uint8Array, at = CLIENT_AT): Uint8Array {
  return bytes.slice(at, at + CLIENT_BYTES);
}

/** Whether a request is of that client. */
export function isClient(bytes: Uint8Array, client: Uint8Array): boolean {
  for (let i = 0; i < CLIENT_BYTES; i++) {
    if (bytes[CLIENT_AT + i] !== client[i]) return false;
  }
  return true;
}

/** Whether servers drop a request for its header, without an answer. */
export function isDropped(bytes: Uint8Array, { frames, releases }: Reading): boolean {
  const operation = bytes[OPERATION_AT]!;
  const number = u64le(bytes, NUMBER_AT);
  const session = u64le(bytes, SESSION_AT);
  if (isClient(bytes, NOBODY)) return true;
  if (operation === 0) return true;
  if (frames.operations[operation] === undefined) {
    // Later servers say that the operation is invalid.
    return releases.newest < ANSWERS_UNKNOWN;
  }
  if (operation === REGISTER) return number !== 0n || session !== 0n;
  return operation !== NON_REPLICATED && (number === 0n || session === 0n);
}

/** What a reply echoes of its request: the number, and the operation as replicated. */
export function replyKey(bytes: Uint8Array, commands: CommandTable) {
  const replicated = bytes[208]!;
  const [asked] = commands.answeredBy(replicated);
  return {
    number: u64le(bytes, 200),
    operation: asked?.operation ?? replicated,
    replicated,
  };
}
