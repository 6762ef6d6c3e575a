import type { FramingPart } from "../../../core/framing/framing.ts";
import {
  type CommandTable,
  EARLIEST,
  enumeration,
  exactly,
  type Fields,
  firstOf,
  fixedBytes,
  type Kind,
  lastOf,
  LATEST,
  nothing,
  type Shape,
  struct,
  u128,
  u32,
  u8,
  zeros,
} from "../../../core/schema/mod.ts";
import { checksum, type Seal, VSR_HEADER } from "./header_parts.ts";
import { OTHER_OPERATIONS } from "./names.ts";

/** What the layouts of a frame are made with. */
export interface FrameTools {
  /** The operation field; it names the operations of all commands that are known. */
  operation(doc?: string): Kind<string | number>;
  /** The header of a command byte, for bodies that hold headers. */
  header(number: number): Kind<Fields>;
}

/** What a plugin says of a kind of frame: data only. */
export interface FrameSpec {
  /** The command byte. */
  readonly number: number;
  /** Upstream's name in snake_case. */
  readonly name: string;
  /** What it is for, in one sentence. */
  readonly doc: string;
  /** First and last release that has it. */
  readonly since?: string;
  readonly upTo?: string;
  /** The header from byte 128 to 255; releases mark its fields. */
  readonly fields: (tools: FrameTools) => Shape;
  /** What its checksums cover, where it has any. */
  readonly seals?: {
    readonly header?: Seal;
    readonly body?: Seal;
    /** Every such frame has a checksum of its header. */
    readonly always?: boolean;
  };
  /** The body; left out where there is none, or where a command says how it reads. */
  readonly body?: (tools: FrameTools) => Kind<unknown>;
  /** The byte of the operation whose command the body is of, where it is one's. */
  readonly operationAt?: number;
}

/** A kind of frame, as plugins export it and the framing takes it. */
export interface FrameKind extends FramingPart {
  readonly spec: FrameSpec;
}

/**
 * Makes a kind of frame. A plugin exports it as it does commands: it is read, filtered,
 * printed and exported like those of upstream.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { u64, zeros } from "../../../core/schema/mod.ts";
 * const greeting = frameKind({
 *   number: 99,
 *   name: "greeting",
 *   doc: "Greets a replica.",
 *   since: "0.9.1-edge.8",
 *   fields: () => ({ times: u64("How often."), _reserved: zeros(120) }),
 * });
 * assertEquals(greeting.framing, "vsr");
 * ```
 */
export function frameKind(spec: FrameSpec): FrameKind {
  return Object.freeze({
    framing: "vsr",
    name: spec.name,
    from: spec.since === undefined ? EARLIEST : firstOf(spec.since),
    to: spec.upTo === undefined ? LATEST : lastOf(spec.upTo),
    spec,
  });
}

/** A kind of frame with its layouts made. */
export interface Frame extends FrameKind {
  readonly header: Kind<Fields>;
  readonly body: Kind<unknown>;
  readonly operationAt: number | null;
}

/** All that the framing knows of frames and operations. */
export interface FrameTable {
  readonly all: readonly Frame[];
  /** By command byte. */
  byNumber(number: number): Frame | undefined;
  /** The header of frames that nobody knows: what all headers begin with, and the rest. */
  readonly unknown: Kind<Fields>;
  /** The largest command byte that is known. */
  readonly last: number;
  /** Names of command bytes and of operations. */
  readonly names: Readonly<Record<number, string>>;
  readonly operations: Readonly<Record<number, string>>;
}

/** Makes the table. Throws `TypeError` that lists every command byte and name used twice. */
export function frameTable(
  kinds: readonly FrameKind[],
  commands: CommandTable,
): FrameTable {
  const specs = new Map<number, FrameKind>();
  const twice: string[] = [];
  for (const kind of kinds) {
    const { spec: { number }, name } = kind;
    if (!(Number.isInteger(number) && number >= 0 && number <= 0xff)) {
      throw new TypeError(`${name} has command byte ${number}, which is no byte`);
    }
    const other = specs.get(number);
    if (other !== undefined) {
      twice.push(`command byte ${number}: ${other.name} and ${name}`);
    } else if ([...specs.values()].some((one) => one.name === name)) {
      twice.push(`frame ${name}`);
    }
    specs.set(number, kind);
  }
  if (twice.length > 0) throw new TypeError(`registered twice: ${twice.join("; ")}`);
  const names = Object.freeze(
    Object.fromEntries([...specs].map(([number, { name }]) => [number, name])),
  );
  const operations = Object.freeze(operationNames(commands));
  const headers = new Map<number, Kind<Fields>>();
  const tools: FrameTools = {
    operation: (doc = "What is asked for or replicated.") =>
      enumeration(operations, doc, true),
    header(number) {
      let header = headers.get(number);
      if (header === undefined) {
        const { spec } = specs.get(number)!;
        header = headerOf(spec.name, names, spec.fields(tools), spec.seals);
        headers.set(number, header);
      }
      return header;
    },
  };
  const frames = new Map([...specs].map(([number, kind]) => {
    const body = kind.spec.body?.(tools) ?? nothing;
    const operationAt = kind.spec.operationAt ?? null;
    const header = tools.header(number);
    return [number, Object.freeze<Frame>({ ...kind, header, body, operationAt })];
  }));
  return Object.freeze({
    all: Object.freeze([...frames.values()]),
    byNumber: (number: number) => frames.get(number),
    unknown: headerOf(null, names, {
      rest: fixedBytes(128, "What this program does not know."),
    }),
    last: Math.max(...specs.keys()),
    names,
    operations,
  });
}

function operationNames({ all }: CommandTable): Record<number, string> {
  const names: Record<number, string> = { ...OTHER_OPERATIONS };
  for (const { operation, operationName } of all) {
    if (operation !== null) names[operation] = operationName;
  }
  return names;
}

/** The fields all headers begin with, then those of one kind of frame. */
function headerOf(
  name: string | null,
  names: Readonly<Record<number, string>>,
  fields: Shape,
  seals: FrameSpec["seals"] = {},
): Kind<Fields> {
  const command = enumeration(names, "What the frame is.", true);
  return struct({
    checksum: checksum(
      "checksum",
      "Checksum of the header.",
      seals.header ?? null,
      seals.always,
    ),
    checksum_body: checksum(
      "checksum_body",
      "Checksum of the body.",
      seals.body ?? null,
    ),
    cluster: u128("Id of the cluster: hash of its name."),
    size: { ...u32("Length of header and body.", "bytes"), sample: () => VSR_HEADER },
    view: u32("View of the group; each view has one primary."),
    release: exactly(u32("Always 0."), 0),
    command: name === null ? command : { ...command, sample: () => name },
    replica: u8("Id of the replica that made the frame."),
    _reserved_frame: zeros(66),
    ...fields,
  }) as Kind<Fields>;
}
