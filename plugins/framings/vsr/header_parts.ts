import { u32le } from "../../../core/bytes/integers.ts";
import {
  type Condition,
  type Fields,
  type Kind,
  planned,
  plannedCheck,
  timestamp,
  u128,
  u64,
  xxh3,
} from "../../../core/schema/mod.ts";
import { PREPARE } from "./names.ts";

/** Bytes of every header. */
export const VSR_HEADER = 256;

/** Computes the checksum of a frame that begins at `start`; null where bytes are lost. */
export type Seal = (bytes: Uint8Array, start: number) => bigint | null;

const hex = (value: bigint): string => `0x${value.toString(16).padStart(16, "0")}`;

/**
 * XXH3-64 in 16 bytes; 0 says that none was made, which is reported where there is `always`
 * one. A value that differs is reported.
 */
export function checksum(
  name: string,
  doc: string,
  seal: Seal | null,
  always = false,
): Kind<bigint> {
  const kind: Kind<bigint> = {
    ...u128(doc),
    sample: () => 0n,
    seal: seal ?? undefined,
    verify: seal === null
      ? undefined
      : (value, bytes, start, _end, _scope, context, offset) => {
        if (value === 0n) {
          if (always) {
            context.warn(
              "protocol",
              `${name} 0: the frame is not sealed`,
              offset,
            );
          }
          return;
        }
        const actual = seal(bytes, start);
        if (actual === null || actual === value) return;
        const message = `${name} ${hex(value)}, but the bytes give ${hex(actual)}`;
        context.warn("protocol", message, offset);
      },
  };
  return always
    ? kind
    : plannedCheck(kind, { check: "sound", where: { field: "self", is: 0n } });
}

/** As {@link checksum}; more than 8 bytes speak against it: an identifier stands there. */
export function shortChecksum(name: string, doc: string, seal: Seal): Kind<bigint> {
  return planned({
    ...checksum(name, doc, seal),
    read(cursor, context) {
      const value = cursor.u128();
      if (value >> 64n !== 0n) {
        context.problem("protocol", `${name} of more than 8 bytes`, cursor.offset - 16);
      }
      return value;
    },
    lua: ({ make }) => make("u128"),
  }, { op: "sound", inner: u128() as Kind<unknown>, where: { field: "self", is: 0n } });
}

/**
 * A field with a rule of its own: `broken` says what is wrong with a value, or null; nothing is
 * where `sound` holds.
 */
export function ruled<T>(
  kind: Kind<T>,
  broken: (value: T, scope: Fields) => string | null,
  sound?: Condition,
): Kind<T> {
  const made: Kind<T> = {
    ...kind,
    verify(value, _bytes, _start, _end, scope, context, offset) {
      const wrong = broken(value, scope);
      if (wrong !== null) context.warn("protocol", wrong, offset);
    },
  };
  return sound === undefined
    ? made
    : plannedCheck(made, { check: "sound", where: sound });
}

/** A value that has to be set. */
export const notZero = <T extends number | bigint>(kind: Kind<T>): Kind<T> =>
  ruled(kind, (value) => Number(value) === 0 ? "0, where a value is needed" : null);

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

/** Checksums of frames whose header is sealed, and of those whose body is too. */
export const sealed = { header: ofHeader, always: true };
/** Header and body. */
export const sealedWithBody = { header: ofHeader, body: ofBody, always: true };
/** Which life of a partition a frame is about. */
export const incarnation = u64(
  "Revision of the partition's creation; 0 for the metadata group and where none is named.",
);
