import type { Pdu } from "../framing/pdu.ts";
import { decode, type Fields, type Kind, struct } from "../schema/mod.ts";

/** Names of lists whose items are messages or batches of them. */
const MESSAGE_LISTS = new Set(["messages", "batches"]);
/** Lists that repeat what the messages say. */
const INDEXES = new Set(["indexes"]);
/** Names of the field of a message, or of a batch, that says where in its partition it is. */
const PLACES = new Set(["offset", "base_offset"]);

/** The part of a layout before its messages. */
interface HeadLayout {
  readonly fields: Kind<unknown>;
  /** The start of each message up to its offset, for the forms of each release. */
  readonly first: readonly Kind<unknown>[];
}

/** What the start of a PDU with messages says. */
export interface Head {
  readonly fields: Fields;
  /** Bytes of the messages on the wire, indexes before them included. */
  readonly messageBytes: number;
  /** Offset of the first message, where there is one and it was captured. */
  firstOffset(): bigint | null;
}

const layouts = new WeakMap<Kind<unknown>, HeadLayout | null>();

/** Whether a layout carries messages: a list of them with a count before. */
export function carriesMessages(layout: Kind<unknown>): boolean {
  return headLayout(layout) !== null;
}

/**
 * Reads the fields before the messages of a PDU without reading the messages, so that counting
 * costs the same for a message as for a thousand; null where its layout has none.
 */
export function readHead(pdu: Pdu): Head | null {
  const { layout, bytes, start, end, release } = pdu;
  const head = layout === null ? null : headLayout(layout);
  if (head === null || pdu.isEmpty) return null;
  const { fields, trailing } = decode(head.fields, bytes, release, { start, end });
  const at = end - trailing;
  return {
    fields: fields as Fields,
    messageBytes: Math.max(0, pdu.length - at),
    firstOffset() {
      for (const first of head.first) {
        if (!isOf(first, release) || trailing === 0) continue;
        const item = decode(first, bytes, release, { start: at, end });
        const found = item.fields as Fields;
        const place = found.base_offset ?? found.offset;
        if (item.complete && typeof place === "bigint") return place;
      }
      return null;
    },
  };
}

function isOf(kind: Kind<unknown>, release: number): boolean {
  return (kind.from ?? 0) <= release && release <= (kind.to ?? Infinity);
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
  const isList = ([name]: readonly [string, Kind<unknown>]) =>
    MESSAGE_LISTS.has(name) || INDEXES.has(name);
  const end = fields.findIndex(isList);
  const before = end < 0 ? [] : fields.slice(0, end);
  if (!before.some(([name]) => name === "messages_count")) return null;
  const lists = fields.filter(([name]) => MESSAGE_LISTS.has(name));
  if (lists.length === 0) return null;
  return {
    fields: partOf(before),
    first: lists.flatMap(([, list]) => {
      const item = itemOf(list);
      const place = item?.fields?.findIndex(([name]) => PLACES.has(name)) ?? -1;
      if (place < 0) return [];
      return [{
        ...partOf(item!.fields!.slice(0, place + 1)),
        from: list.from,
        to: list.to,
      }];
    }),
  };
}

/** The structure that a list repeats, however deep the list is wrapped. */
function itemOf(list: Kind<unknown>): Kind<unknown> | null {
  let kind: Kind<unknown> | undefined = list;
  while (kind !== undefined && kind.fields === undefined) kind = kind.inner;
  return kind ?? null;
}

/** Some fields of a structure, unverified: sums over the whole are not to be computed. */
function partOf(fields: readonly (readonly [string, Kind<unknown>])[]): Kind<unknown> {
  const shape = fields.map(([name, kind]) => [name, { ...kind, verify: undefined }]);
  return struct(Object.fromEntries(shape) as Record<string, Kind<unknown>>) as Kind<
    unknown
  >;
}
