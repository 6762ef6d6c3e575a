import { portOf } from "../../core/net/endpoint.ts";
import { compareAddresses, endpointAddress } from "../../core/filter/address.ts";
import type { CaptureIndex } from "../store/capture_index.ts";
import type { RowColumn } from "../store/row_file.ts";
import type { Breath } from "./limiter.ts";
import { sortedPlaces } from "./radix.ts";
import type { Selection } from "./selection.ts";

/** Rows that are read at once. */
const ROWS = 65_536;
/** Numbers kept of all orders; four bytes each. */
const MAX_KEPT = 8 * 1024 * 1024;

/** What of a row is sorted by: one column, or the sum of two; null is least. */
const NUMBERS = {
  time: ["time"],
  packet: ["requestPacket"],
  conversation: ["conversation"],
  response_time: ["responseTime"],
  code: ["code"],
  status: ["status"],
  sent: ["requestBytes"],
  received: ["responseBytes"],
  bytes: ["requestBytes", "responseBytes"],
  arguments: ["arguments"],
} as const satisfies Record<string, readonly RowColumn[]>;
const ENDS = ["client", "server"] as const;
const COLUMNS = [
  "transaction",
  ...Object.keys(NUMBERS) as (keyof typeof NUMBERS)[],
  ...ENDS,
  "command",
] as const;
type Column = typeof COLUMNS[number];

/** What a list may be sorted by; with `-`, the largest come first. */
export type Sort = Column | `-${Column}`;

/** All of {@link Sort}. */
export const SORTS = COLUMNS.flatMap((name) => [name, `-${name}`] as const) as [
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
    column: Exclude<Column, "transaction">,
    breath: Breath,
  ): Promise<Uint32Array> {
    const keys = new Float64Array(this.#index(id).count);
    let place = 0;
    for (const part of keysOf(() => this.#index(id), column)) {
      keys.set(part, place);
      place += part.length;
      if (breath.due) await breath.take();
    }
    const sorting = sortedPlaces(keys);
    let step = sorting.next();
    for (; !step.done; step = sorting.next()) if (breath.due) await breath.take();
    return step.value;
  }
}

/** What transactions are sorted by, as numbers, part by part. */
function* keysOf(
  index: () => CaptureIndex,
  column: Exclude<Column, "transaction">,
): Generator<Float64Array, void> {
  const { count } = index();
  const ranks = column === "client" || column === "server"
    ? endpointRanks(index(), column)
    : null;
  for (let from = 0; from < count; from += ROWS) {
    const to = Math.min(count, from + ROWS);
    const read = (name: RowColumn) => index().column(name, from, to);
    if (ranks !== null) {
      yield read("conversation").map((number) => ranks.get(number) ?? NaN);
    } else if (column === "command") {
      yield commandKeys(index(), read("name"));
    } else {
      const [first, second] =
        NUMBERS[column as keyof typeof NUMBERS] as readonly RowColumn[];
      const keys = read(first!);
      if (second === undefined) yield keys;
      else {
        const others = read(second);
        yield keys.map((key, i) => (key || 0) + (others[i]! || 0));
      }
    }
  }
}

/** The place of each conversation's endpoint among all: by address, then by port. */
function endpointRanks(
  index: CaptureIndex,
  end: typeof ENDS[number],
): ReadonlyMap<number, number> {
  const parted = index.endpoints(end).map(({ n, endpoint }) => {
    return { n, endpoint, port: portOf(endpoint), address: endpointAddress(endpoint) };
  });
  parted.sort((a, b) => {
    if (a.address === null || b.address === null) return a.endpoint < b.endpoint ? -1 : 1;
    return compareAddresses(a.address, b.address) || a.port - b.port;
  });
  let rank = -1, last = "";
  return new Map(parted.map(({ n, endpoint }) => {
    if (endpoint !== last) rank++;
    last = endpoint;
    return [n, rank];
  }));
}

/** The place of each row's command among the names of all; a bare code is least. */
function commandKeys(index: CaptureIndex, names: Float64Array): Float64Array {
  const texts = index.texts();
  const ranks = new Float64Array(texts.length);
  const inOrder = texts.map((text, id) => ({ text, id })).sort((a, b) =>
    a.text < b.text ? -1 : 1
  );
  inOrder.forEach(({ id }, rank) => ranks[id] = rank);
  return names.map((id) => ranks[id] ?? NaN);
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
