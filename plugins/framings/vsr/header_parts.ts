import { u32le } from "../../../core/bytes/integers.ts";
import {
  bytes,
  enumeration,
  exactly,
  type Fields,
  type Kind,
  planned,
  plannedCheck,
  type Shape,
  struct,
  timestamp,
  u128,
  u32,
  u64,
  u8,
  xxh3,
  zeros,
} from "../../../core/schema/mod.ts";
import { COMMAND_NAMES, OPERATION_NAMES, PREPARE } from "./names.ts";

/** Bytes of every header. */
export const VSR_HEADER = 256;

/** Computes the checksum of a frame that begins at `start`; null where bytes are lost. */
export type Seal = (bytes: Uint8Array, start: number) => bigint | null;

const hex = (value: bigint): string => `0x${value.toString(16).padStart(16, "0")}`;

/** XXH3-64 in 16 bytes; 0 says that none was made. A value that differs is reported. */
export function checksum(name: string, doc: string, seal: Seal | null): Kind<bigint> {
  const kind: Kind<bigint> = {
    ...u128(doc),
    sample: () => 0n,
    seal: seal ?? undefined,
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
  return plannedCheck(kind, { check: "sound", where: { field: "self", is: 0n } });
}

/** Over the header behind its own field. */
export const ofHeader: Seal = (bytes, start) =>
  xxh3(bytes.subarray(start + 16, start + VSR_HEADER));

/** A prepare's seal leaves out what changes when it is sent again: view and command. */
export const ofPrepare: Seal = (bytes, start) => {
  // A copy whatever the bytes are: the `slice` of a Node Buffer is a view.
  const header = new Uint8Array(bytes.subarray(start, start + VSR_HEADER));
  header.fill(0, 0, 16);
  header.fill(0, 52, 56);
  header[60] = PREPARE;
  return xxh3(header);
};

/** The body behind the header; null where bytes of it are lost. */
export const ofBody: Seal = (bytes, start) => {
  const end = start + u32le(bytes, start + 48);
  return end > bytes.length ? null : xxh3(bytes.subarray(start + VSR_HEADER, end));
};

const command = enumeration(COMMAND_NAMES, "What the frame is.");
/** What is asked for or replicated. */
export const operation = (doc = "What is asked for or replicated.") =>
  enumeration(OPERATION_NAMES, doc);
/** Which log a frame is about. */
export const group = u64(
  "Consensus group: 2^63 metadata, else stream, topic and partition.",
);
/** A place in that log. */
export const op = (doc = "Number of the operation in its group.") => u64(doc);
/** How far that log is committed. */
export const commit = u64("Highest operation known to be committed.");
/** What ties an answer to its question. */
export const nonce = u128("Ties an answer to its question.");
/** Who asks. */
export const client = u128("Id of the client, chosen by it at login.");
/** Which of the client's requests. */
export const requestNumber = u64("Number of the request in its session.");
/** When, by the server's clock. */
export const clock = timestamp(
  "Server's clock, µs since the epoch; 0 where none was taken.",
);

/** As many bytes as `length`. */
export function fixedBytes(length: number, doc: string): Kind<Uint8Array> {
  return planned({
    ...bytes(doc),
    wire: `${length} bytes`,
    minSize: length,
    read: (cursor) => cursor.take(length),
    lua: ({ make }) => make("fixed_bytes", length),
    sample: ({ random }) => Uint8Array.from({ length }, () => random.below(256)),
  }, { op: "bytes", length: { fixed: length } });
}

/** The header of a command byte: the fields all headers begin with, then its own. */
export function frame(
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

/** Checksums of frames whose header is sealed, and of those whose body is too. */
export const sealed = { header: ofHeader };
/** Header and body. */
export const sealedWithBody = { header: ofHeader, body: ofBody };
