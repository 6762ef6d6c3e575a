/**
 * Where a value stands in a transaction: `request.` or `response.` and the names of fields,
 * outermost first, with dots between. A list on the way is entered at its first item.
 */
export type RolePath = `${"request" | "response"}.${string}`;

/** One place of a role's value. */
export interface RolePlace {
  readonly at: RolePath;
  /** It stands there only where this other field has this value. */
  readonly when?: readonly [at: RolePath, value: unknown];
}

/** The places of a role, the first that has a value is the one that counts. */
export type Role = readonly (RolePath | RolePlace)[];

/** What the fields of messages, and of batches of them, are called. */
export interface MessageRoles {
  /** The field before the messages that says how many there are. */
  readonly count: string;
  /** The list of messages, in a PDU or in a batch. */
  readonly list: string;
  /** The list of batches, where messages come in batches. */
  readonly batches: string;
  /** The list that says where each message is, which repeats what the messages say. */
  readonly indexes: string;
  /** Of a batch: its length in bytes, and the offset of its first message. */
  readonly batchLength: string;
  readonly baseOffset: string;
  /** Of a message: its offset, its payload, and the lengths of payload and user headers. */
  readonly offset: string;
  readonly payload: string;
  readonly payloadLength: string;
  readonly userHeadersLength: string;
}

/**
 * What the fields of a protocol mean to statistics: data that the protocol's plugins declare,
 * so that counting by topic or following a consumer knows no field by name.
 */
export interface TrafficRoles {
  readonly stream: Role;
  /** A topic within a stream. */
  readonly topic: Role;
  /** A partition of a topic, as the client chose it, else as the server says. */
  readonly partition: Role;
  /** The key of a message that chooses its partition. */
  readonly key: Role;
  /** The number of a partition that says that there is none. */
  readonly noPartition: number;
  /** Who reads by itself. */
  readonly consumer: Role;
  /** The group as which a member reads. */
  readonly member: Role;
  /** The group that a request joins, leaves or asks about. */
  readonly group: Role;
  /** The offset that a request stores. */
  readonly stores: Role;
  /** There where a poll goes on behind the stored offset, as a consumer at work does. */
  readonly follows: Role;
  /** Whether a poll stores the offset of its last message. */
  readonly commits: Role;
  /** The offset that the server has stored. */
  readonly stored: Role;
  /** The newest offset of the partition. */
  readonly newest: Role;
  /** The offset of the first message that a request appended. */
  readonly appended: Role;
  /** A number that counts the assignments of a group. */
  readonly generation: Role;
  /** Most messages that a poll asks for. */
  readonly wanted: Role;
  readonly messages: MessageRoles;
  /** Commands by what they do to consumers and for clients. */
  readonly commands: {
    /** They delete a stored offset. */
    readonly forget: readonly string[];
    /** They make the client a member of a group, and end that. */
    readonly join: readonly string[];
    readonly leave: readonly string[];
    /** They only look up what streams, topics and the like there are. */
    readonly lookup: readonly string[];
    /** They only keep a connection alive. */
    readonly keepAlive: readonly string[];
  };
}

/** A place taken apart, as readers want it. */
export interface RoleRoute {
  readonly part: "request" | "response";
  readonly names: readonly string[];
  readonly when: { readonly route: RoleRoute; readonly value: unknown } | null;
}

/**
 * The places of a role, taken apart.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(routesOf(["request.consumer.id"]), [
 *   { part: "request", names: ["consumer", "id"], when: null },
 * ]);
 * ```
 */
export function routesOf(role: Role): readonly RoleRoute[] {
  return role.map((place) => {
    const { at, when } = typeof place === "string" ? { at: place } : place;
    const [part, ...names] = at.split(".");
    return {
      part: part as RoleRoute["part"],
      names,
      when: when === undefined
        ? null
        : { route: routesOf([when[0]])[0]!, value: when[1] },
    };
  });
}
