import {
  enumeration,
  type Fields,
  type Kind,
  planned,
  plannedCheck,
  type ReadContext,
  u128,
  u32,
  u64,
  zeros,
} from "../../../core/schema/mod.ts";
import {
  checksum,
  client,
  clock,
  commit,
  frame,
  ofBody,
  op,
  operation,
  requestNumber,
} from "./header_parts.ts";
import { EVICTION, EVICTION_REASONS, LAST_COMMAND, REPLY, REQUEST } from "./names.ts";
import { REPLICA_HEADERS } from "./replica_headers.ts";

/** The code of a command that is not replicated; 0 in every other request. */
const commandCode: Kind<number> = planned({
  ...u32("Command code, where the operation is non_replicated."),
  read(cursor, context: ReadContext, scope) {
    const code = cursor.u32();
    if (code !== 0 && scope.operation !== "non_replicated") {
      const message = `command code ${code} beside an operation that has none`;
      context.problem("protocol", message, cursor.offset - 4);
    }
    return code;
  },
  lua: ({ make }) => make("call", "command_code", "operation"),
  write: (writer, code) => writer.u32(code ?? 0),
}, {
  op: "sound",
  inner: u32() as Kind<unknown>,
  where: {
    any: [{ field: "self", is: 0 }, { field: "operation", is: "non_replicated" }],
  },
});

/** What a server checks before it reads a request; one that fails is dropped in silence. */
const requestSession: Kind<bigint> = plannedCheck({
  ...u64("Session: from the answer to the login; 0 before."),
  verify(session, _bytes, _start, _end, scope, context, offset) {
    const registers = scope.operation === "register";
    const wrong = scope.client === 0n
      ? "no client id"
      : scope.operation === "reserved"
      ? "no operation"
      : registers && (session !== 0n || scope.request !== 0n)
      ? "a login with a session or request number"
      : !registers && scope.operation !== "non_replicated" &&
          (session === 0n || scope.request === 0n)
      ? "no session or request number"
      : null;
    if (wrong === null) return;
    context.problem("protocol", `${wrong}: servers drop such a request`, offset);
  },
  luaVerify: ["request_session", "client", "operation", "request"],
  // A sample has to be one that servers take.
  sample: (_context, scope) => scope.operation === "register" ? 0n : 7n,
}, {
  check: "sound",
  where: {
    all: [
      { field: "client", not: 0n },
      { field: "operation", not: "reserved" },
      { field: "operation", not: "register" },
      {
        any: [
          { field: "operation", is: "non_replicated" },
          { all: [{ field: "self", not: 0n }, { field: "request", not: 0n }] },
        ],
      },
    ],
  },
});

const request = frame(5, {
  client: { ...client, sample: () => 99n },
  request_checksum: checksum(
    "request_checksum",
    "Checksum of the body, made by some clients.",
    ofBody,
  ),
  timestamp: clock,
  request: { ...requestNumber, sample: () => 0n },
  operation: { ...operation(), sample: () => "register" },
  _padding: zeros(7),
  session: requestSession,
  user_id: u32("0; servers fill it in."),
  _code: commandCode,
  _reserved: zeros(56),
});

const reply = frame(8, {
  request_checksum: checksum("request_checksum", "The request's, echoed.", null),
  context: u128("0."),
  client: u128("The client's id, or the server's own number for its connection."),
  op: op("Committed operation; the session in answers to logins and reads."),
  commit,
  timestamp: clock,
  request: u64("Number of the request it answers."),
  operation: operation("The request's operation, or the one replicated in its place."),
  _padding: zeros(7),
  status: u32("0, or why the request was refused before it was replicated."),
  _reserved: zeros(36),
});

const eviction = frame(13, {
  client: u128("The client's id, or the server's own number for its connection."),
  server_protocol_version: u32("Newest version taken: 12, 10 and 10 bits."),
  server_protocol_version_min: u32("Oldest version taken: 12, 10 and 10 bits."),
  _reserved: zeros(103),
  reason: enumeration(EVICTION_REASONS, "Why the session ends."),
});

/** Command bytes that are defined, and sent by nobody. */
const unused = (number: number) => frame(number, { _reserved_command: zeros(128) });

/**
 * The header of every command byte from 0 to 29, by that byte: all 256 bytes, reserved ones
 * included. Checksums are verified where one was made; bytes that are reserved and not zero
 * are reported.
 *
 * Source: apache/iggy core/binary_protocol/src/consensus/header.rs at server-0.9.0-edge.5.
 */
export const VSR_HEADERS: readonly Kind<Fields>[] = Object.freeze(
  Array.from({ length: LAST_COMMAND + 1 }, (_, number) => {
    if (number === REQUEST) return request;
    if (number === REPLY) return reply;
    if (number === EVICTION) return eviction;
    return REPLICA_HEADERS[number] ?? unused(number);
  }),
);
