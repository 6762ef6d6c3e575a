import { u32le } from "../bytes/integers.ts";
import type { Pdu } from "../framing/pdu.ts";
import {
  decode,
  type Fields,
  type Kind,
  type MessageRoles,
  routesOf,
  struct,
  type TrafficRoles,
} from "../schema/mod.ts";
import { itemOf, payloadBytes } from "./payloads.ts";
import { type Prefix, PrefixCache } from "./prefix_cache.ts";

/** Names that roles give to fields, as far as a head needs them. */
interface Names {
  readonly messages: MessageRoles;
  /** Fields that say what a PDU is about. */
  readonly subjects: ReadonlySet<string>;
  readonly layouts: WeakMap<Kind<unknown>, HeadLayout>;
}

const namesOfRoles = new WeakMap<TrafficRoles, Names>();

function namesOf(roles: TrafficRoles): Names {
  let names = namesOfRoles.get(roles);
  if (names === undefined) {
    const { messages, stream, topic, partition, consumer, member, group } = roles;
    const subjects = [stream, topic, partition, consumer, member, group].flatMap(routesOf)
      .map((route) => route.names[0]!);
    names = { messages, subjects: new Set(subjects), layouts: new WeakMap() };
    namesOfRoles.set(roles, names);
  }
  return names;
}

type NamedKind = readonly [name: string, kind: Kind<unknown>];

/** The part of a layout before its messages. */
interface HeadLayout {
  readonly fields: Kind<unknown>;
  /** Fields up to the last that says what a PDU is about. */
  readonly prefix: Kind<unknown>;
  /** Where the fields behind those stand, counted from there, where they are integers. */
  readonly tail: Places | null;
  /** Where the offset stands in a message, for each form that releases have. */
  readonly offsets: readonly { readonly list: Kind<unknown>; readonly at: number }[];
  readonly hasMessages: boolean;
  readonly prefixes: PrefixCache;
}

/** An integer at a place that is always the same. */
interface Place {
  readonly at: number;
  readonly size: number;
}

/** Integers that stand one after another, and the bytes they take together. */
interface Places {
  readonly byName: ReadonlyMap<string, Place>;
  readonly size: number;
}

/** A layout that says nothing of streams and messages. */
const NO_HEAD = {} as HeadLayout;

/** Whether a layout carries messages: a list of them with a count before. */
export function carriesMessages(layout: Kind<unknown>, roles: TrafficRoles): boolean {
  return headLayout(layout, roles)?.hasMessages ?? false;
}

/** The head of a PDU; null where its layout says nothing of streams, and where it has no bytes. */
export function headOf(pdu: Pdu, roles: TrafficRoles): Head | null {
  const layout = pdu.layout === null ? null : headLayout(pdu.layout, roles);
  return layout === null || pdu.isEmpty ? null : new Head(pdu, layout, roles.messages);
}

/**
 * The fields of a PDU before its messages. The messages are not read, so that counting costs
 * the same for one as for a thousand; and bytes that were read before are known again, so that
 * a client that says the same over and over costs less still.
 */
export class Head {
  readonly #pdu: Pdu;
  readonly #layout: HeadLayout;
  readonly #roles: MessageRoles;
  readonly #prefix: Prefix;
  #fields: Fields | null = null;
  /** Where the messages begin. */
  #end = 0;

  /** Use {@link headOf}. */
  constructor(pdu: Pdu, layout: HeadLayout, roles: MessageRoles) {
    this.#pdu = pdu;
    this.#roles = roles;
    this.#layout = layout;
    this.#prefix = layout.prefixes.of(pdu, layout.prefix);
    if (layout.tail === null) this.#end = NaN;
    else this.#end = pdu.start + this.#prefix.length + layout.tail.size;
  }

  /** The value of a field; undefined where there is none. */
  get(name: string): unknown {
    const { tail } = this.#layout;
    if (name in this.#prefix.fields) return this.#prefix.fields[name];
    if (tail === null) return this.#all[name];
    const place = tail.byName.get(name);
    if (place === undefined) return undefined;
    const at = this.#pdu.start + this.#prefix.length + place.at;
    return integerAt(this.#pdu, at, place.size);
  }

  /** All fields before the messages, read one by one. */
  get #all(): Fields {
    if (this.#fields === null) {
      const { bytes, start, end, release } = this.#pdu;
      const read = decode(this.#layout.fields, bytes, release, { start, end });
      this.#fields = read.fields as Fields;
      this.#end = end - read.trailing;
    }
    return this.#fields;
  }

  /** Whether the PDU's layout has messages. */
  get hasMessages(): boolean {
    return this.#layout.hasMessages;
  }

  /** Messages, as counted before them. */
  get messages(): number {
    return this.hasMessages ? Number(this.get(this.#roles.count) ?? 0) : 0;
  }

  /** Bytes of the messages' payloads. */
  get payloadBytes(): number {
    const { messages } = this;
    if (messages === 0) return 0;
    return payloadBytes(this.#pdu, this.#end, messages, this.#roles);
  }

  /** Offset of the first message, where there is one and it was captured. */
  get firstOffset(): bigint | null {
    const { release } = this.#pdu;
    const place = this.#layout.offsets.find(({ list }) =>
      (list.from ?? 0) <= release && release <= (list.to ?? Infinity)
    );
    if (place === undefined || this.messages === 0) return null;
    const offset = integerAt(this.#pdu, this.#end + place.at, 8);
    return typeof offset === "bigint" ? offset : null;
  }
}

/** A little-endian integer of 1 to 8 bytes, the largest as a bigint. */
function integerAt({ bytes, end }: Pdu, at: number, size: number): unknown {
  if (size > 8 || at + size > end) return undefined;
  if (size === 1) return bytes[at];
  if (size === 4) return u32le(bytes, at);
  const [low, high] = [u32le(bytes, at), u32le(bytes, at + 4)];
  return high < 1 << 21
    ? BigInt(high * 2 ** 32 + low)
    : BigInt(high) << 32n | BigInt(low);
}

function headLayout(layout: Kind<unknown>, roles: TrafficRoles): HeadLayout | null {
  const names = namesOf(roles);
  let head = names.layouts.get(layout);
  if (head === undefined) {
    head = makeHead(layout, names) ?? NO_HEAD;
    names.layouts.set(layout, head);
  }
  return head === NO_HEAD ? null : head;
}

function makeHead(
  { fields = [] }: Kind<unknown>,
  { messages, subjects }: Names,
): HeadLayout | null {
  const isList = (name: string) => name === messages.list || name === messages.batches;
  const end = fields.findIndex(([name]) => isList(name) || name === messages.indexes);
  const before = end < 0 ? fields : fields.slice(0, end);
  const lists = fields.filter(([name]) => isList(name));
  const hasMessages = lists.length > 0 &&
    before.some(([name]) => name === messages.count);
  const keys = before.findLastIndex(([name]) => subjects.has(name)) + 1;
  if (!hasMessages && keys === 0) return null;
  return {
    fields: partOf(before),
    prefix: partOf(before.slice(0, keys)),
    tail: placesOf(before.slice(keys)),
    offsets: lists.flatMap(([, list]) => {
      const item = itemOf(list).fields ?? [];
      const place = item.findIndex(([name]) =>
        name === messages.offset || name === messages.baseOffset
      );
      const places = placesOf(item.slice(0, place + 1));
      return place < 0 || places === null ? [] : [{ list, at: places.size - 8 }];
    }),
    hasMessages,
    prefixes: new PrefixCache(),
  };
}

/** Where integers stand one after another; null where a field is of another kind. */
function placesOf(fields: readonly NamedKind[]): Places | null {
  const byName = new Map<string, Place>();
  let at = 0;
  for (const [name, kind] of fields) {
    // The end of a part, which takes no bytes.
    if (name.startsWith("_") && kind.minSize === 0) continue;
    const size = integerSize(kind);
    if (size === null) return null;
    byName.set(name, { at, size });
    at += size;
  }
  return { byName, size: at };
}

/** Bytes of an integer that every release has in the same size, or null. */
function integerSize({ type, minSize, names, from, to }: Kind<unknown>): number | null {
  const size = Number(/^uint(8|32|64|128)$/.exec(type)?.[1] ?? 0) / 8;
  const isPlain = names === undefined && from === undefined && to === undefined;
  return size > 0 && isPlain && minSize === size ? size : null;
}

/** Some fields of a structure, unverified: sums over the whole are not to be computed. */
function partOf(fields: readonly NamedKind[]): Kind<unknown> {
  const shape = fields.map(([name, kind]) => [name, { ...kind, verify: undefined }]);
  return struct(
    Object.fromEntries(shape) as Record<string, Kind<unknown>>,
  ) as Kind<unknown>;
}
