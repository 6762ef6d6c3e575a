import { type CaptureIndex, ORDERS } from "../store/capture_index.ts";
import type { Breath } from "./limiter.ts";
import type { Selection } from "./selection.ts";

/** Rows of an order that are asked for at once. */
const ROWS = 10_000;
/** Numbers kept of all orders; four bytes each. */
const MAX_KEPT = 8 * 1024 * 1024;

type Column = keyof typeof ORDERS | "transaction";
const COLUMNS = ["transaction", ...Object.keys(ORDERS) as (keyof typeof ORDERS)[]];

/** What a list may be sorted by; with `-`, the largest come first. */
export type Sort = Column | `-${Column}`;

/** All of {@link Sort}. */
export const SORTS = (COLUMNS as Column[]).flatMap((name) =>
  [name, `-${name}`] as const
) as [
  Sort,
  ...Sort[],
];

/** The orders of finished captures' transactions; those used last are kept. */
export class Orders {
  readonly #index: (id: string) => CaptureIndex;
  readonly #kept = new Map<string, Uint32Array>();

  constructor(index: (id: string) => CaptureIndex) {
    this.#index = index;
  }

  /** Numbers of all transactions, the smallest of the column first; null: as numbered. */
  async of(id: string, sort: Sort, breath: Breath): Promise<Uint32Array | null> {
    const column = sort.replace("-", "") as Column;
    if (column === "transaction") return null;
    const key = `${id} ${column}`;
    const known = this.#kept.get(key);
    this.#kept.delete(key);
    const order = known ?? await this.#make(id, column, breath);
    this.#kept.set(key, order);
    let total = this.#kept.values().reduce((sum, { length }) => sum + length, 0);
    for (const [oldest, { length }] of this.#kept) {
      if (total <= MAX_KEPT || oldest === key) break;
      this.#kept.delete(oldest);
      total -= length;
    }
    return order;
  }

  async #make(
    id: string,
    column: keyof typeof ORDERS,
    breath: Breath,
  ): Promise<Uint32Array> {
    const order = new Uint32Array(this.#index(id).count);
    for (let place = 0; place < order.length; place += ROWS) {
      order.set(this.#index(id).ordered(column, place, ROWS), place);
      if (breath.due) await breath.take();
    }
    return order;
  }
}

/** A complete selection in an order of all transactions. */
export function inOrder(
  selection: Selection,
  order: Uint32Array | null,
  isDescending: boolean,
): Selection {
  const { total } = selection;
  const numbers = order === null
    ? Uint32Array.from({ length: total }, (_, place) => selection.at(place))
    : selection.isEverything
    ? order
    : chosenOf(order, selection);
  const turned = (place: number) => isDescending ? total - 1 - place : place;
  return {
    ...selection,
    isSorted: true,
    at: (place) => numbers[turned(place)]!,
    placeOf(n) {
      const place = numbers.indexOf(n);
      return place < 0 ? total : turned(place);
    },
  };
}

function chosenOf(order: Uint32Array, selection: Selection): Uint32Array {
  const isChosen = new Uint8Array(order.length);
  for (let place = 0; place < selection.total; place++) isChosen[selection.at(place)] = 1;
  return order.filter((n) => isChosen[n] === 1);
}
