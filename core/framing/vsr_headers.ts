import { u32le } from "../bytes/integers.ts";
import {
  bool,
  bytes,
  enumeration,
  exactly,
  type Fields,
  type Kind,
  type ReadContext,
  secret,
  type Shape,
  size,
  struct,
  timestamp,
  u128,
  u32,
  u64,
  u8,
  xxh3,
  zeros,
} from "../schema/mod.ts";
import {
  COMMAND_NAMES,
  EVICTION_REASONS,
  OPERATION_NAMES,
  PREPARE,
  REPAIR_PREPARE,
} from "./vsr_names.ts";

/** Bytes of every header. */
export const VSR_HEADER = 256;

type Seal = (bytes: Uint8Array, start: number) => bigint | null;

const hex = (value: bigint): string => `0x${value.toString(16).padStart(16, "0")}`;

/** XXH3-64 in 16 bytes; 0 says that none was made. A value that differs is reported. */
function checksum(name: string, doc: string, seal: Seal | null): Kind<bigint> {
  return {
    ...u128(doc),
    sample: () => 0n,
    verify: seal === null
      ? undefined
      : (value, bytes, start, _end, _scope, context, offset) => {
        if (value === 0n) return;
        const actual = seal(bytes, start);
        if (actual === null || actual === value) return;
        const message = `${name} ${hex(value)}, but the bytes give ${hex(actual)}`;
        context.problem("protocol", message, offset);
      },
  };
}

const ofHeader: Seal = (bytes, start) =>
  xxh3(bytes.subarray(start + 16, start + VSR_HEADER));

/** A prepare's seal leaves out what changes when it is sent again: view and command. */
const ofPrepare: Seal = (bytes, start) => {
  const header = bytes.slice(start, start + VSR_HEADER);
  header.fill(0, 0, 16);
  header.fill(0, 52, 56);
  header[60] = PREPARE;
  return xxh3(header);
};

/** The body behind the header; null where bytes of it are lost. */
const ofBody: Seal = (bytes, start) => {
  const end = start + u32le(bytes, start + 48);
  return end > bytes.length ? null : xxh3(bytes.subarray(start + VSR_HEADER, end));
};

const command = enumeration(COMMAND_NAMES, "What the frame is.");
const operation = (doc = "What is asked for or replicated.") =>
  enumeration(OPERATION_NAMES, doc);
const group = u64("Consensus group: 2^63 metadata, else stream, topic and partition.");
const op = (doc = "Number of the operation in its group.") => u64(doc);
const commit = u64("Highest operation known to be committed.");
const nonce = u128("Ties an answer to its question.");
const client = u128("Id of the client, chosen by it at login.");
const requestNumber = u64("Number of the request in its session.");
const clock = timestamp("Server's clock, µs since the epoch; 0 where none was taken.");

function fixedBytes(length: number, doc: string): Kind<Uint8Array> {
  return {
    ...bytes(doc),
    wire: `${length} bytes`,
    minSize: length,
    read: (cursor) => cursor.take(length),
    lua: ({ make }) => make("fixed_bytes", `${length}`),
    sample: ({ random }) => Uint8Array.from({ length }, () => random.below(256)),
  };
}

function frame(
  number: number,
  fields: Shape,
  seals: { header?: Seal; body?: Seal } = {},
): Kind<Fields> {
  const name = COMMAND_NAMES[number]!;
  return struct({
    checksum: checksum("checksum", "Checksum of the header.", seals.header ?? null),
    checksum_body: checksum(
      "checksum_body",
      "Checksum of the body.",
      seals.body ?? null,
    ),
    cluster: u128("Id of the cluster: hash of its name."),
    size: { ...u32("Length of header and body.", "bytes"), sample: () => VSR_HEADER },
    view: u32("View of the group; each view has one primary."),
    release: exactly(u32("Always 0."), 0),
    command: { ...command, sample: () => name },
    replica: u8("Id of the replica that made the frame."),
    _reserved_frame: zeros(66),
    ...fields,
  }) as Kind<Fields>;
}

const sealed = { header: ofHeader };
const sealedWithBody = { header: ofHeader, body: ofBody };

/** The code of a command that is not replicated; 0 in every other request. */
const commandCode: Kind<number> = {
  ...u32("Command code, where the operation is non_replicated."),
  read(cursor, context: ReadContext, scope) {
    const code = cursor.u32();
    if (code !== 0 && scope.operation !== "non_replicated") {
      const message = `command code ${code} beside an operation that has none`;
      context.problem("protocol", message, cursor.offset - 4);
    }
    return code;
  },
  lua: () => "R.command_code",
  write: (writer, code) => writer.u32(code ?? 0),
};

/** What a server checks before it reads a request; one that fails is dropped in silence. */
const requestSession: Kind<bigint> = {
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
  luaVerify: ["request_session"],
  // A sample has to be one that servers take.
  sample: (_context, scope) => scope.operation === "register" ? 0n : 7n,
};

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

const prepareFields = {
  client: u128("Client that asked; all ones for what a server made itself."),
  parent: u128("Checksum of the prepare before it in the group."),
  request_checksum: u128("The request's."),
  op: op(),
  commit,
  timestamp: clock,
  request: requestNumber,
  operation: operation(),
  _padding: zeros(7),
  group,
  user_id: u32("Acting user."),
  _reserved: zeros(28),
};

/** A prepare's header where its body does not follow: in bodies of view changes. */
export const prepareHeader: Kind<Fields> = frame(PREPARE, prepareFields, {
  header: ofPrepare,
});

const prepareSeals = { header: ofPrepare, body: ofBody };
const unused = (number: number) => frame(number, { _reserved_command: zeros(128) });
const outcome = (names: Record<number, string>) =>
  enumeration(names, "What became of it.");

/**
 * The header of every command byte from 0 to 29, by that byte: all 256 bytes, reserved ones
 * included. Checksums are verified where one was made; bytes that are reserved and not zero
 * are reported.
 *
 * Source: apache/iggy core/binary_protocol/src/consensus/header.rs at server-0.9.0-edge.5.
 */
export const VSR_HEADERS: readonly Kind<Fields>[] = Object.freeze([
  unused(0),
  unused(1),
  unused(2),
  unused(3),
  unused(4),
  request,
  frame(PREPARE, prepareFields, prepareSeals),
  frame(7, {
    parent: u128("The prepare's parent."),
    prepare_checksum: u128("The prepare's checksum."),
    op: op(),
    commit,
    timestamp: clock,
    request: requestNumber,
    operation: operation(),
    _padding: zeros(7),
    group,
    _reserved: zeros(48),
  }, sealed),
  reply,
  frame(9, {
    commit_checksum: u128("0."),
    timestamp_monotonic: u64("Sender's clock since its start."),
    commit,
    checkpoint_op: u64("0."),
    group,
    _reserved: zeros(80),
  }, sealed),
  frame(10, { group, _reserved: zeros(120) }, sealed),
  frame(11, {
    op: op("Operation of the first header in the body."),
    commit,
    group,
    log_view: u32("View in which the sender's log was last in order."),
    _reserved: zeros(68),
    nack_bitset: u128("Bit i: operation op - i was never prepared here."),
    present_bitset: u128("Bit i: the body of operation op - i is here."),
  }, sealedWithBody),
  frame(12, {
    op: op("Operation of the first header in the body."),
    commit,
    group,
    _reserved: zeros(88),
    incarnation: u128("The asking replica's; 0 where none asked."),
  }, sealedWithBody),
  eviction,
  frame(14, {
    nonce: secret(fixedBytes(32, "Dialer's nonce; 0 without authentication.")),
    _reserved: zeros(96),
  }),
  frame(15, {
    nonce: secret(fixedBytes(32, "Acceptor's nonce.")),
    mac: secret(fixedBytes(32, "Acceptor's keyed hash.")),
    status: enumeration({
      0: "ok",
      1: "unknown_command",
      2: "cluster_mismatch",
      3: "directional_rule",
      4: "auth_required",
      5: "mac_mismatch",
    }, "What the acceptor says to the dialer."),
    _reserved: zeros(63),
  }),
  frame(16, {
    _no_nonce: zeros(32),
    mac: secret(fixedBytes(32, "Dialer's keyed hash.")),
    _reserved: zeros(64),
  }),
  frame(17, {
    group,
    _reserved: zeros(104),
    incarnation: u128("Number of this start of the replica."),
  }, sealed),
  frame(18, {
    nonce,
    from_op: u64("First operation wanted."),
    to_op: u64("Last operation wanted."),
    group,
    _reserved: zeros(88),
  }, sealed),
  frame(REPAIR_PREPARE, prepareFields, prepareSeals),
  frame(20, {
    nonce,
    op: op("Last operation served."),
    group,
    _reserved: zeros(96),
  }, sealed),
  frame(21, {
    nonce,
    op: op("Oldest operation kept."),
    group,
    _reserved: zeros(96),
  }, sealed),
  frame(22, { nonce, group, _reserved: zeros(104) }, sealed),
  frame(23, {
    nonce,
    commit_op: u64("Operation that the state stands for."),
    group,
    available: bool("There is a state to fetch."),
    unavailable_transient: bool("There is none now, but may be later."),
    _align: zeros(6),
    commit_max: u64("Highest operation known to be committed anywhere."),
    _reserved: zeros(80),
  }, sealed),
  frame(24, {
    nonce,
    offset: size("Where the chunk begins in its artifact."),
    group,
    len: u32("Bytes wanted.", "bytes"),
    artifact: u32("Index of the artifact in the manifest."),
    _reserved: zeros(88),
  }, sealed),
  frame(25, {
    nonce,
    offset: size("Where the chunk begins in its artifact."),
    group,
    artifact: u32("Index of the artifact in the manifest."),
    _reserved: zeros(92),
  }, sealed),
  frame(26, {
    client,
    nonce,
    user_id: u32("User whose credentials the backup verified."),
    _reserved: zeros(92),
  }, sealed),
  frame(27, {
    nonce,
    client,
    epoch: u64("The session; 0 unless ok."),
    watermark: u64("Last request number of the session; 0 unless ok."),
    _reserved: zeros(79),
    outcome: outcome({
      0: "ok",
      1: "not_primary",
      2: "not_caught_up",
      3: "pipeline_full",
      4: "in_progress",
      5: "canceled",
      6: "client_id_owned_by_another_user",
    }),
  }, sealed),
  frame(28, {
    client,
    nonce,
    session: u64("The session that ends."),
    request: u64("Number of the logout; 2^64 - 1 where the connection closed."),
    _reserved: zeros(80),
  }, sealed),
  frame(29, {
    nonce,
    client,
    commit: u64("The logout's operation; 0 unless ok."),
    _reserved: zeros(87),
    outcome: outcome({
      0: "ok",
      1: "not_primary",
      2: "pipeline_full",
      3: "in_progress",
      4: "canceled",
    }),
  }, sealed),
]);
