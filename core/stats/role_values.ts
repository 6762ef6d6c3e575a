import type { Pdu } from "../framing/pdu.ts";
import {
  type Fields,
  type Kind,
  type Role,
  type RoleRoute,
  routesOf,
  type TrafficRoles,
  type ValueReader,
  valueReader,
  type Wanted,
} from "../schema/mod.ts";

/** Values of one PDU, each at the place that {@link RoleReader} gives its path. */
export type RoleValues = readonly unknown[];

/** One place of a role's value, as an index into the values of a PDU. */
export interface RolePlaceAt {
  readonly part: RoleRoute["part"];
  readonly index: number;
  readonly when: (RolePlaceAt & { readonly value: unknown }) | null;
}

type RoleName = {
  [K in keyof TrafficRoles]: TrafficRoles[K] extends Role ? K : never;
}[keyof TrafficRoles];

/** The places of each role's value. */
export type RolePlaces = Readonly<Record<RoleName, readonly RolePlaceAt[]>>;

/** What a command may do to consumers, or for clients. */
export type Deed = keyof TrafficRoles["commands"];

/** What most commands do. */
export const NO_DEEDS: readonly Deed[] = [];

/** Where the number of messages, their payload bytes and their first offset are. */
const COUNT = 0, PAYLOAD = 1, BATCHED_PAYLOAD = 2, OFFSET = 3, BATCH_OFFSET = 4;

const NOTHING: RoleValues = [];

interface LayoutReaders {
  readonly hasMessages: boolean;
  /** By release; null where only the careful reader reads it. */
  readonly readers: Map<number, ValueReader | null>;
}

/**
 * Reads of a PDU what roles say something about, and no more: messages are passed over, only
 * counted and their lengths added up.
 */
export class RoleReader {
  /** What the values of a part are, in their order. */
  readonly wanted: Readonly<Record<RoleRoute["part"], readonly Wanted[]>>;
  readonly places: RolePlaces;
  /** What commands do, by name; most do nothing of it. */
  readonly #deeds = new Map<string, Deed[]>();
  readonly #roles: TrafficRoles;
  readonly #layouts = new WeakMap<Kind<unknown>, LayoutReaders>();

  /** Use {@link roleReader}. */
  constructor(roles: TrafficRoles) {
    this.#roles = roles;
    const { count, list, batches, payloadLength, offset, baseOffset } = roles.messages;
    const messages: Wanted[] = [
      { path: count, take: "first" },
      { path: `${list}.${payloadLength}`, take: "sum" },
      { path: `${batches}.${list}.${payloadLength}`, take: "sum" },
      { path: `${list}.${offset}`, take: "first" },
      { path: `${batches}.${baseOffset}`, take: "first" },
    ];
    const wanted = { request: [...messages], response: [...messages] };
    this.wanted = wanted;
    const places: Partial<Record<RoleName, readonly RolePlaceAt[]>> = {};
    for (const [name, role] of Object.entries(roles)) {
      if (!Array.isArray(role)) continue;
      places[name as RoleName] = routesOf(role).map((route) => placeOf(route, wanted));
    }
    this.places = places as RolePlaces;
    for (const [deed, names] of Object.entries(roles.commands)) {
      for (const name of names) {
        const known = this.#deeds.get(name);
        if (known === undefined) this.#deeds.set(name, [deed as Deed]);
        else known.push(deed as Deed);
      }
    }
  }

  /** What a command does to consumers, or for clients. */
  deedsOf(name: string | null): readonly Deed[] {
    return (name === null ? undefined : this.#deeds.get(name)) ?? NO_DEEDS;
  }

  /** Whether a layout carries messages: a list of them with a count before. */
  carriesMessages(layout: Kind<unknown>): boolean {
    return this.#layout(layout).hasMessages;
  }

  /** What the roles say something about. */
  valuesOf(pdu: Pdu, part: RoleRoute["part"]): RoleValues {
    const { layout, release } = pdu;
    if (layout === null || pdu.isEmpty) return NOTHING;
    const { readers } = this.#layout(layout);
    let reader = readers.get(release);
    if (reader === undefined) {
      reader = valueReader(layout, release, this.wanted[part], { hasty: true });
      readers.set(release, reader);
    }
    return reader?.(pdu.bytes, pdu.start, pdu.end) ?? this.#carefully(pdu, part);
  }

  #layout(layout: Kind<unknown>): LayoutReaders {
    let known = this.#layouts.get(layout);
    if (known === undefined) {
      const { count, list, batches } = this.#roles.messages;
      const names = new Set(layout.fields?.map(([name]) => name));
      const hasMessages = names.has(count) && (names.has(list) || names.has(batches));
      known = { hasMessages, readers: new Map() };
      this.#layouts.set(layout, known);
    }
    return known;
  }

  /** The same by the reading of everything: what is cut counts as far as it is there. */
  #carefully(pdu: Pdu, part: RoleRoute["part"]): RoleValues {
    const { payload, payloadLength } = this.#roles.messages;
    const fields = pdu.decoded!.fields as Fields;
    return this.wanted[part].map(({ path, take }) => {
      const names = path.split(".");
      if (take === "first") return valuesAt(fields, names)[0];
      const last = names.pop() === payloadLength ? payload : payloadLength;
      return valuesAt(fields, [...names, last])
        .reduce<number>(
          (sum, one) => sum + (one instanceof Uint8Array ? one.length : 0),
          0,
        );
    });
  }
}

/** The place of a route's value among what is wanted; one that is not wanted yet comes last. */
function placeOf(
  { part, names, when }: RoleRoute,
  wanted: Readonly<Record<RoleRoute["part"], Wanted[]>>,
): RolePlaceAt {
  const path = names.join(".");
  let index = wanted[part].findIndex((one) => one.path === path);
  if (index < 0) index = wanted[part].push({ path, take: "first" }) - 1;
  return {
    part,
    index,
    when: when === null ? null : { ...placeOf(when.route, wanted), value: when.value },
  };
}

/** The values under a value, all items of lists on the way one after another. */
function valuesAt(value: unknown, [name, ...rest]: readonly string[]): unknown[] {
  if (value === undefined || value === null && name !== undefined) return [];
  if (name === undefined) return [value];
  if (Array.isArray(value)) {
    return value.flatMap((item) => valuesAt(item, [name, ...rest]));
  }
  return typeof value === "object" ? valuesAt((value as Fields)[name], rest) : [];
}

const readers = new WeakMap<TrafficRoles, RoleReader>();

/** The reader of a registry's roles; made once. */
export function roleReader(roles: TrafficRoles): RoleReader {
  let reader = readers.get(roles);
  if (reader === undefined) readers.set(roles, reader = new RoleReader(roles));
  return reader;
}

/** Messages, as counted before them. */
export function messagesIn(values: RoleValues): number {
  return Number(values[COUNT] ?? 0);
}

/** Bytes of the messages' payloads. */
export function payloadIn(values: RoleValues): number {
  return Number(values[PAYLOAD] ?? 0) + Number(values[BATCHED_PAYLOAD] ?? 0);
}

/** Offset of the first message, where there is one and it was captured. */
export function firstOffsetIn(values: RoleValues): bigint | null {
  const offset = values[OFFSET] ?? values[BATCH_OFFSET];
  return typeof offset === "bigint" && messagesIn(values) > 0 ? offset : null;
}
