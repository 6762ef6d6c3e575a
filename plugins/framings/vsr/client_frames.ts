import {
  basisOf,
  byRelease,
  enumeration,
  type Fields,
  type Kind,
  planned,
  plannedCheck,
  type ReadContext,
  since,
  u128,
  u32,
  u64,
  upTo,
  zeros,
} from "../../../core/schema/mod.ts";
import { type FrameKind, frameKind } from "./frames.ts";
import {
  client,
  clock,
  commit,
  incarnation,
  ofBody,
  op,
  requestNumber,
  ruled,
  shortChecksum,
} from "./header_parts.ts";
import { EVICTION_REASONS, INCOMPATIBLE_PROTOCOL } from "./names.ts";
import { filled, VSR_TEXTS } from "../texts.ts";

/** The code of a command that is not replicated; 0 in every other request. */
const commandCode: Kind<number> = planned({
  ...basisOf(u32("Command code, where the operation is non_replicated.")),
  read(cursor, context: ReadContext, scope) {
    const code = cursor.u32();
    if (code !== 0 && scope.operation !== "non_replicated") {
      const message = filled(VSR_TEXTS.code_beside, code);
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

/**
 * What a server checks before it reads a request; one that fails is dropped in silence. Rust
 * clients since 0.9.1-edge.2 do not count what they send before the login (`counts` is false);
 * earlier ones give it the next number.
 *
 * Source: src/vsr.rs and src/driver.rs of the crate iggy 0.11.1-edge.9, and of 0.11.0.
 */
const requestSession = (counts: boolean): Kind<bigint> =>
  plannedCheck({
    ...u64("Session: from the answer to the login; 0 before."),
    verify(session, _bytes, _start, _end, scope, context, offset) {
      const registers = scope.operation === "register";
      const early = scope.operation === "non_replicated" && session === 0n;
      if (early && (scope.request !== 0n) !== counts) context.doubt();
      const wrong = scope.client === 0n
        ? VSR_TEXTS.no_client
        : scope.operation === "reserved"
        ? VSR_TEXTS.no_operation
        : registers && (session !== 0n || scope.request !== 0n)
        ? VSR_TEXTS.numbered_login
        : !registers && scope.operation !== "non_replicated" &&
            (session === 0n || scope.request === 0n)
        ? VSR_TEXTS.no_session
        : null;
      if (wrong === null) return;
      context.problem("protocol", wrong, offset);
    },
    luaVerify: [
      counts ? "counting_session" : "request_session",
      "client",
      "operation",
      "request",
    ],
    // A sample has to be one that servers take.
    sample: (_context, scope) => scope.operation === "register" ? 0n : 7n,
  }, {
    check: "sound",
    where: {
      all: [
        { field: "client", not: 0n },
        { field: "operation", not: "reserved" },
        { field: "operation", not: "register" },
        { field: "self", not: 0n },
        {
          any: [
            { field: "operation", is: "non_replicated" },
            { field: "request", not: 0n },
          ],
        },
      ],
    },
  });

/** Whether a reply carries the final result: a flag; other bytes have no meaning. */
const committedResult: Kind<boolean | number> = planned<boolean | number>({
  type: "boolean",
  wire: "u8",
  doc: "The result is final and committed.",
  minSize: 1,
  read(cursor) {
    const value = cursor.u8();
    return value > 1 ? value : value === 1;
  },
  lua: ({ make }) => make("bool"),
  write: (writer, value) => writer.u8(Number(value)),
  sample: ({ random }) => random.below(2) === 1,
}, { op: "bool" });

/** Command bytes that are defined, and sent by nobody. */
const unused = (name: string, number: number) =>
  frameKind({
    number,
    name,
    doc: "Defined, and sent by nobody.",
    fields: () => ({ _reserved_command: zeros(128) }),
  });

const windowRule = (value: number, { reason, server_protocol_version_min }: Fields) => {
  const least = server_protocol_version_min as number;
  if (reason === EVICTION_REASONS[INCOMPATIBLE_PROTOCOL]) {
    return least >= 1 && least <= value ? null : "no range of protocol versions";
  }
  return value === 0 && least === 0
    ? null
    : "protocol versions, which only reason 14 has";
};

const E1 = "0.9.1-edge.1";
const E2 = "0.9.1-edge.2";

/**
 * The frames of a client's link: requests, replies and the end of a session. Checksums are
 * verified where one was made; bytes that are reserved and not zero are reported.
 *
 * Source: apache/iggy core/binary_protocol/src/consensus/header.rs at server-0.9.0-edge.5, and
 * src/consensus/header.rs of the crate iggy_binary_protocol 0.11.1-edge.2.
 */
export const CLIENT_FRAMES: readonly FrameKind[] = Object.freeze([
  ...["reserved", "ping", "pong", "ping_client", "pong_client"].map(unused),
  frameKind({
    number: 5,
    name: "request",
    doc: "What a client asks.",
    fields: ({ operation }) => ({
      client: {
        ...ruled(
          client,
          (id) => id === 0n ? "a client id is needed" : null,
          { field: "self", not: 0n },
        ),
        sample: () => 99n,
      },
      request_checksum: byRelease(
        since(E2, { ...u128("Random id of the request, kept when it is sent again.") }),
        upTo(
          E1,
          shortChecksum(
            "request_checksum",
            "Checksum of the body, made by some clients.",
            ofBody,
          ),
        ),
      ),
      timestamp: clock,
      request: { ...requestNumber, sample: () => 0n },
      operation: { ...operation(), sample: () => "register" },
      _padding: zeros(7),
      session: byRelease(
        since(E2, requestSession(false)),
        upTo(E1, requestSession(true)),
      ),
      user_id: u32("0; servers fill it in."),
      _code: commandCode,
      partition_incarnation: since(E2, incarnation),
      owner_generation: since(
        E2,
        u64("Generation of the group's owner of the partition; 0 is none."),
      ),
      minimum_metadata_op: since(
        E2,
        u64("Metadata operation that the server has to know first."),
      ),
      _reserved: byRelease(since(E2, zeros(32)), upTo(E1, zeros(56))),
    }),
  }),
  frameKind({
    number: 8,
    name: "reply",
    doc: "What a server answers.",
    fields: ({ operation }) => ({
      request_checksum: u128("The request's, echoed."),
      context: u128("0."),
      client: u128("The client's id, or the server's own number for its connection."),
      op: op("Committed operation; the session in answers to logins and reads."),
      commit,
      timestamp: clock,
      request: u64("Number of the request it answers."),
      operation: operation(
        "The request's operation, or the one replicated in its place.",
      ),
      _padding: zeros(7),
      status: u32("0, or why the request was refused before it was replicated."),
      committed_result: since(E2, committedResult),
      _align: since(E2, zeros(3)),
      partition_incarnation: since(E2, incarnation),
      _reserved: byRelease(since(E2, zeros(24)), upTo(E1, zeros(36))),
    }),
  }),
  frameKind({
    number: 13,
    name: "eviction",
    doc: "Ends a client's session.",
    fields: () => ({
      client: ruled(
        u128("The client's id, or the server's own number for its connection."),
        (id) => id === 0n ? "a client id is needed" : null,
      ),
      server_protocol_version: ruled(
        u32("Newest version taken: 12, 10 and 10 bits."),
        windowRule,
      ),
      server_protocol_version_min: u32("Oldest version taken: 12, 10 and 10 bits."),
      _reserved: zeros(103),
      reason: ruled(
        enumeration(EVICTION_REASONS, "Why the session ends."),
        (reason) => reason === "reserved" ? "a reason is needed" : null,
      ),
    }),
  }),
]);
