import { u32le } from "../bytes/integers.ts";
import type { Pdu } from "../framing/pdu.ts";
import { decode, type Fields, type Kind, struct } from "../schema/mod.ts";

/** Names of lists whose items are messages or batches of them. */
const MESSAGE_LISTS = new Set(["messages", "batches"]);
/** Lists that repeat what the messages say. */
const INDEXES = new Set(["indexes"]);
/** Names of the field of a message, or of a batch, that says where in its partition it is. */
const PLACES = new Set(["offset", "base_offset"]);

type NamedKind = readonly [name: string, kind: Kind<unknown>];

/** The part of a layout before its messages. */
interface HeadLayout {
  readonly fields: Kind<unknown>;
  /** Where its fields stand, and behind them the messages, if that is the same in every PDU. */
  readonly places: ReadonlyMap<string, Place> | null;
  readonly size: number;
  /** Where the offset stands in a message, for each form that releases have. */
  readonly offsets: readonly { readonly list: Kind<unknown>; readonly at: number }[];
}

/** An integer at a fixed place. */
interface Place {
  readonly at: number;
  readonly size: number;
}

const layouts = new WeakMap<Kind<unknown>, HeadLayout | null>();

/** Whether a layout carries messages: a list of them with a count before. */
export function carriesMessages(layout: Kind<unknown>): boolean {
  return headLayout(layout) !== null;
}

/** The head of a PDU; null where its layout has no messages or it has no bytes. */
export function headOf(pdu: Pdu): Head | null {
  const layout = pdu.layout === null ? null : headLayout(pdu.layout);
  return layout === null || pdu.isEmpty ? null : new Head(pdu, layout);
}

/**
 * The fields before the messages of a PDU. The messages are not read, so that counting costs
 * the same for one as for a thousand, and neither is a field at a place that is always the
 * same, before it is asked for.
 */
export class Head {
  readonly #pdu: Pdu;
  readonly #layout: HeadLayout;
  #fields: Fields | null = null;
  /** Where the messages begin. */
  #end = 0;

  /** Use {@link headOf}. */
  constructor(pdu: Pdu, layout: HeadLayout) {
    this.#pdu = pdu;
    this.#layout = layout;
    if (layout.places !== null) this.#end = pdu.start + layout.size;
    else this.#decode();
  }

  #decode(): void {
    const { bytes, start, end, release } = this.#pdu;
    const read = decode(this.#layout.fields, bytes, release, { start, end });
    this.#fields = read.fields as Fields;
    this.#end = end - read.trailing;
  }

  /** The value of a field; undefined where there is none. */
  get(name: string): unknown {
    if (this.#fields !== null) return this.#fields[name];
    const place = this.#layout.places?.get(name);
    return place && integerAt(this.#pdu, this.#pdu.start + place.at, place.size);
  }

  /** Messages, as counted before them. */
  get messages(): number {
    return Number(this.get("messages_count") ?? 0);
  }

  /** Bytes of the messages on the wire, indexes before them included. */
  get messageBytes(): number {
    return this.messages === 0 ? 0 : Math.max(0, this.#pdu.length - this.#end);
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

function headLayout(layout: Kind<unknown>): HeadLayout | null {
  let head = layouts.get(layout);
  if (head === undefined) {
    head = makeHead(layout);
    layouts.set(layout, head);
  }
  return head;
}

function makeHead({ fields = [] }: Kind<unknown>): HeadLayout | null {
  const end = fields.findIndex(([name]) => MESSAGE_LISTS.has(name) || INDEXES.has(name));
  const before = end < 0 ? [] : fields.slice(0, end);
  if (!before.some(([name]) => name === "messages_count")) return null;
  const lists = fields.filter(([name]) => MESSAGE_LISTS.has(name));
  if (lists.length === 0) return null;
  return {
    fields: partOf(before),
    ...placesOf(before),
    offsets: lists.flatMap(([, list]) => {
      const item = itemOf(list)?.fields ?? [];
      const place = item.findIndex(([name]) => PLACES.has(name));
      const { places, size } = placesOf(item.slice(0, place + 1));
      return place < 0 || places === null ? [] : [{ list, at: size - 8 }];
    }),
  };
}

/** Where integers stand one after another; no places where a field is of another kind. */
function placesOf(
  fields: readonly NamedKind[],
): { places: ReadonlyMap<string, Place> | null; size: number } {
  const places = new Map<string, Place>();
  let at = 0;
  for (const [name, kind] of fields) {
    const size = integerSize(kind);
    if (size === null) return { places: null, size: 0 };
    places.set(name, { at, size });
    at += size;
  }
  return { places, size: at };
}

/** Bytes of an integer that every release has in the same size, or null. */
function integerSize({ type, minSize, names, from, to }: Kind<unknown>): number | null {
  const size = Number(/^uint(8|32|64|128)$/.exec(type)?.[1] ?? 0) / 8;
  const isPlain = names === undefined && from === undefined && to === undefined;
  return size > 0 && isPlain && minSize === size ? size : null;
}

/** The structure that a list repeats, however deep the list is wrapped. */
function itemOf(list: Kind<unknown>): Kind<unknown> | null {
  let kind: Kind<unknown> | undefined = list;
  while (kind !== undefined && kind.fields === undefined) kind = kind.inner;
  return kind ?? null;
}

/** Some fields of a structure, unverified: sums over the whole are not to be computed. */
function partOf(fields: readonly NamedKind[]): Kind<unknown> {
  const shape = fields.map(([name, kind]) => [name, { ...kind, verify: undefined }]);
  return struct(
    Object.fromEntries(shape) as Record<string, Kind<unknown>>,
  ) as Kind<unknown>;
}
