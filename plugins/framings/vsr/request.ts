import type { Stamp } from "../../../core/flow/mod.ts";
import { u32le } from "../../../core/bytes/integers.ts";
import { issue } from "../../../core/issue.ts";
import {
  type Command,
  type CommandTable,
  decode,
  type ReleaseSet,
} from "../../../core/schema/mod.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import { NON_REPLICATED, OPERATION_NAMES, REGISTER } from "./names.ts";
import type { PendingRequest } from "./pairing.ts";
import { framePdu } from "./reply.ts";

const NUMBER_AT = 168;
const OPERATION_AT = 176;
const SESSION_AT = 184;
const CODE_AT = 196;
const CLIENT_AT = 128;

function u64le(bytes: Uint8Array, at: number): bigint {
  return BigInt(u32le(bytes, at)) | BigInt(u32le(bytes, at + 4)) << 32n;
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
  commands: CommandTable,
  releases: ReleaseSet,
): PendingRequest {
  const pdu = framePdu(stamp, bytes, length);
  const operation = bytes[OPERATION_AT]!;
  const sent = operation === NON_REPLICATED ? u32le(bytes, CODE_AT) : null;
  const command = sent === null
    ? commandOf(operation, pdu, commands, releases)
    : commands.byCode(sent) ?? null;
  if (command !== null) pdu.interpret(command.request, releases);
  else if (sent !== null) {
    pdu.report(
      issue("warn", "protocol", `unknown command code ${sent}`, stamp.packet, CODE_AT),
    );
  }
  return {
    operation,
    number: u64le(bytes, NUMBER_AT),
    command,
    code: sent ?? command?.code ?? null,
    pdu,
    issues: [],
    client: clientOf(bytes, CLIENT_AT),
  };
}

/** The one command of an operation, or the one of several whose layout fits the body best. */
function commandOf(
  operation: number,
  { bytes, start, end }: Pdu,
  commands: CommandTable,
  releases: ReleaseSet,
): Command | null {
  const candidates = commands.byOperation(operation);
  const exact = candidates.length < 2
    ? undefined
    : candidates.find(({ request }) =>
      decode(request, bytes, releases.newest, { start, end }).problems === 0
    );
  return exact ?? candidates[0] ?? null;
}

/** A client's id as a header has it, as hexadecimal text. */
export function clientOf(bytes: Uint8Array, at: number): string {
  return bytes.subarray(at, at + 16).toHex();
}

/** Whether servers drop a request for its header, without an answer. */
export function isDropped(bytes: Uint8Array): boolean {
  const operation = bytes[OPERATION_AT]!;
  const number = u64le(bytes, NUMBER_AT);
  const session = u64le(bytes, SESSION_AT);
  if (bytes.subarray(CLIENT_AT, CLIENT_AT + 16).every((byte) => byte === 0)) return true;
  if (operation === 0 || OPERATION_NAMES[operation] === undefined) return true;
  if (operation === REGISTER) return number !== 0n || session !== 0n;
  return operation !== NON_REPLICATED && (number === 0n || session === 0n);
}

/** What a reply echoes of its request: the number, and the operation as replicated. */
export function replyKey(bytes: Uint8Array, commands: CommandTable) {
  const replicated = bytes[208]!;
  const [command] = commands.byOperation(replicated);
  const rewritten = command?.replicatedAs === replicated && command.operation !== null;
  return {
    number: u64le(bytes, 200),
    operation: rewritten ? command.operation! : replicated,
    replicated,
  };
}
