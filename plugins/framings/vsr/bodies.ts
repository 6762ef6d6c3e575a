import { Malformed } from "../../../core/bytes/cursor.ts";
import {
  basisOf,
  bytes,
  enumeration,
  type Fields,
  fixedText,
  type Kind,
  list,
  secret,
  size,
  struct,
  u128,
  u32,
  u64,
  u8,
  xxh3,
} from "../../../core/schema/mod.ts";
import { VSR_HEADER } from "./header_parts.ts";
import type { FrameTools } from "./frames.ts";
import { PREPARE } from "./names.ts";

const MAGIC = "ISM1";
const ENTRY = 25;

const manifestEntry = struct({
  kind: enumeration({
    0: "metadata_snapshot",
    1: "client_table",
    2: "segment_log",
    3: "consumer_offsets",
  }, "What the artifact is."),
  frontier: u64("Operation or offset it reaches to."),
  len: size("Its length."),
  checksum: u64("XXH3-64 of the artifact."),
});

/** A count and an entry length, then the entries; bytes that later releases add are skipped. */
const manifestEntries: Kind<Fields[]> = {
  ...basisOf(list(manifestEntry as Kind<Fields>, undefined, "The artifacts to fetch.")),
  wire: "u32 count, u8 entry length, entries",
  minSize: 5,
  read(cursor, context, scope, outer) {
    const offset = cursor.offset;
    const count = cursor.u32();
    const length = cursor.u8();
    if (length < ENTRY || count * length > cursor.remaining) {
      throw new Malformed(`${count} entries of ${length} bytes`, offset);
    }
    if (length > ENTRY) {
      context.note("undecoded", `${length - ENTRY} more bytes in each entry`, offset + 4);
    }
    const entries: Fields[] = [];
    for (let i = 0; i < count; i++) {
      const outerLimit = cursor.narrow(length);
      entries.push(manifestEntry.read(cursor, context, scope, outer));
      cursor.offset = cursor.limit;
      cursor.limit = outerLimit;
    }
    return entries;
  },
  lua: ({ make, reader }) =>
    make("measured_list", reader(manifestEntry as Kind<unknown>), ENTRY),
  write(writer, entries, release, scope) {
    u32().write(writer, entries.length, release, scope);
    u8().write(writer, ENTRY, release, scope);
    for (const entry of entries) {
      manifestEntry.write(writer, entry as never, release, scope);
    }
  },
};

const manifestChecksum: Kind<bigint> = {
  ...u64("XXH3-64 of all before it."),
  verify(value, bytes, start, _end, _scope, context, offset) {
    const actual = xxh3(bytes.subarray(start, offset));
    if (actual === null || actual === value) return;
    context.problem(
      "protocol",
      `checksum ${value}, but the bytes give ${actual}`,
      offset,
    );
  },
};

const magic: Kind<string> = {
  ...basisOf(fixedText(4, "ISM1.")),
  read(cursor, context) {
    const text = String.fromCharCode(...cursor.take(4));
    if (text !== MAGIC) context.problem("malformed", `no ${MAGIC}`, cursor.offset - 4);
    return text;
  },
  lua: ({ make }) => make("magic", MAGIC),
  write: (writer) => writer.text(MAGIC),
  sample: () => MAGIC,
};

/** The body of view changes. */
export const viewSuffix = ({ header }: FrameTools): Kind<unknown> =>
  struct({
    prepare_headers: {
      ...list(
        header(PREPARE),
        undefined,
        "Headers of the latest prepares, newest first.",
      ),
      minSize: VSR_HEADER,
    },
  });

/**
 * What there is to fetch of a group's state.
 *
 * Source: apache/iggy core/consensus/src/ at server-0.9.0-edge.5.
 */
export const manifest = (): Kind<unknown> =>
  struct({ _magic: magic, entries: manifestEntries, checksum: manifestChecksum });

/** A part of a state's artifact. */
export const stateChunk = (): Kind<unknown> =>
  struct({ data: secret(bytes("Part of an artifact, with secrets in it.")) });

const session = struct({
  client_id: u128("Client of the session."),
  session: u64("Session: the op of the login."),
});

/**
 * Sessions to the end of the body.
 *
 * Source: src/consensus/header.rs of the crate iggy_binary_protocol 0.11.1-edge.1.
 */
export const sessionList = (): Kind<unknown> =>
  struct({ sessions: list(session, undefined, "Sessions, at most 1024.") });
