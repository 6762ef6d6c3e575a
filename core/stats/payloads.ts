import { u32le } from "../bytes/integers.ts";
import type { Pdu } from "../framing/pdu.ts";
import { isIn, type Kind, type MessageRoles } from "../schema/mod.ts";

/** Where the lengths stand in a message, and how long its header is. */
interface MessageShape {
  readonly header: number;
  readonly payload: number;
  readonly userHeaders: number;
}

/** Where the length of a batch stands, how long its header is, and what it holds. */
interface BatchShape {
  readonly header: number;
  readonly length: number;
  readonly message: MessageShape;
}

/** Bytes of each index entry before the messages, and how the messages follow. */
interface BodyShape {
  readonly index: number;
  readonly message: MessageShape | null;
  readonly batch: BatchShape | null;
}

const shapes = new WeakMap<Kind<unknown>, Map<number, BodyShape>>();

/**
 * Payload bytes of the messages that stand from `at` on, their headers and user headers left
 * out. Nothing is decoded: the layout says where the lengths stand. Messages that are cut, or
 * not captured, count as far as they are there.
 */
export function payloadBytes(
  pdu: Pdu,
  at: number,
  messages: number,
  roles: MessageRoles,
): number {
  const { index, message, batch } = shapeOf(pdu.layout!, pdu.release, roles);
  const { bytes, end } = pdu;
  if (message !== null) return sumOf(bytes, at + messages * index, end, message);
  let sum = 0;
  while (batch !== null && at + batch.header <= end) {
    const length = u32le(bytes, at + batch.length);
    if (length < batch.header) break;
    sum += sumOf(bytes, at + batch.header, Math.min(end, at + length), batch.message);
    at += length;
  }
  return sum;
}

function sumOf(bytes: Uint8Array, at: number, end: number, shape: MessageShape): number {
  let sum = 0;
  while (at + shape.header <= end) {
    const payload = u32le(bytes, at + shape.payload);
    at += shape.header + payload + u32le(bytes, at + shape.userHeaders);
    sum += at <= end ? payload : 0;
  }
  return sum;
}

function shapeOf(
  layout: Kind<unknown>,
  release: number,
  roles: MessageRoles,
): BodyShape {
  const known = shapes.get(layout) ?? new Map<number, BodyShape>();
  shapes.set(layout, known);
  let shape = known.get(release);
  if (shape === undefined) {
    const itemIn = (name: string) => {
      const list = layout.fields?.find(([field]) => field === name)?.[1];
      return list === undefined || !isIn(list, release) ? null : itemOf(list);
    };
    const [indexes, message, batch] = [roles.indexes, roles.list, roles.batches].map(
      itemIn,
    );
    shape = {
      index: indexes?.minSize ?? 0,
      message: message ? messageShape(message, release, roles) : null,
      batch: batch ? batchShape(batch, release, roles) : null,
    };
    known.set(release, shape);
  }
  return shape;
}

function messageShape(
  message: Kind<unknown>,
  release: number,
  roles: MessageRoles,
): MessageShape {
  return {
    header: placeOf(message, roles.payload, release),
    payload: placeOf(message, roles.payloadLength, release),
    userHeaders: placeOf(message, roles.userHeadersLength, release),
  };
}

function batchShape(
  batch: Kind<unknown>,
  release: number,
  roles: MessageRoles,
): BatchShape {
  const list = batch.fields!.find(([name]) => name === roles.list)![1];
  return {
    header: placeOf(batch, roles.list, release),
    length: placeOf(batch, roles.batchLength, release),
    message: messageShape(itemOf(list), release, roles),
  };
}

/** Offset of a field behind others of fixed size, as a release has them. */
function placeOf(
  { fields = [] }: Kind<unknown>,
  wanted: string,
  release: number,
): number {
  let at = 0;
  for (const [name, kind] of fields) {
    if (name === wanted) return at;
    if (isIn(kind, release)) at += kind.minSize;
  }
  return at;
}

/** The structure that a list repeats, however deep the list is wrapped. */
export function itemOf(list: Kind<unknown>): Kind<unknown> {
  let kind = list;
  while (kind.fields === undefined && (kind.forms ?? kind.inner) !== undefined) {
    kind = kind.forms?.[0] ?? kind.inner!;
  }
  return kind;
}
