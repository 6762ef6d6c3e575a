import type { Transaction } from "../dissect/transaction.ts";
import type { Pdu } from "../framing/pdu.ts";
import {
  type Fields,
  type Role,
  type RoleRoute,
  routesOf,
  type TrafficRoles,
} from "../schema/mod.ts";
import { carriesMessages, type Head, headOf } from "./head.ts";

/** Messages of one transaction. */
export interface MessageTraffic {
  readonly messages: number;
  /** Of their payloads, without headers and user headers. */
  readonly payloadBytes: number;
}

/** The messages that a poll gave, by their offsets. */
export interface PolledRange {
  readonly first: bigint;
  readonly last: bigint;
}

const NO_FIELDS: Fields = {};
const NO_MESSAGES: MessageTraffic = { messages: 0, payloadBytes: 0 };

/**
 * What a transaction is about, told by the roles that the registry gives to fields: without
 * roles it is about nothing. Nothing is decoded before it is asked for, and messages never
 * are.
 */
export class Traffic {
  readonly #transaction: Transaction;
  readonly #roles: TrafficRoles | null;
  #requestHead: Head | null | undefined;
  #responseHead: Head | null | undefined;

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
    this.#roles = transaction.conversation.registry.traffic;
  }

  /** Whether the server did what it was asked. */
  get isOk(): boolean {
    return this.#transaction.response?.status === 0;
  }

  get #asked(): Head | null {
    if (this.#requestHead === undefined) {
      const { request } = this.#transaction;
      this.#requestHead = request === null || this.#roles === null
        ? null
        : headOf(request, this.#roles);
    }
    return this.#requestHead;
  }

  get #came(): Head | null {
    if (this.#responseHead === undefined) {
      const { response } = this.#transaction;
      this.#responseHead = response?.status !== 0 || this.#roles === null
        ? null
        : headOf(response, this.#roles);
    }
    return this.#responseHead;
  }

  /** The messages that were sent, where the server took them. */
  get produced(): MessageTraffic | null {
    if (!this.isOk) return null;
    return this.#asked?.hasMessages ? this.#asked : null;
  }

  /** Whether the command is one that reads messages, whatever came of it. */
  get isPoll(): boolean {
    const { command } = this.#transaction;
    return command !== null && this.#roles !== null &&
      carriesMessages(command.response, this.#roles);
  }

  /** The messages that were polled. */
  get consumed(): MessageTraffic | null {
    if (!this.isOk || !this.isPoll) return null;
    return this.#came ?? NO_MESSAGES;
  }

  /** The value of a role; undefined where there is none. */
  #value(role: keyof TrafficRoles): unknown {
    if (this.#roles === null) return undefined;
    for (const route of routes(this.#roles[role] as Role)) {
      const { when } = route;
      if (when !== null && this.#at(when.route) !== when.value) continue;
      const value = this.#at(route);
      if (value !== undefined && value !== null) return value;
    }
    return undefined;
  }

  #at({ part, names }: RoleRoute): unknown {
    let value = part === "request" ? this.#request(names[0]!) : this.#response(names[0]!);
    for (const name of names.slice(1)) {
      if (Array.isArray(value)) value = value[0];
      if (typeof value !== "object" || value === null) return undefined;
      value = (value as Fields)[name];
    }
    return value;
  }

  /** A field of the request by name. */
  #request(name: string): unknown {
    const head = this.#asked;
    if (head !== null) return head.get(name);
    const { request } = this.#transaction;
    return request === null ? undefined : fieldsOf(request)[name];
  }

  /** A field of a response that says ok. */
  #response(name: string): unknown {
    const head = this.#came;
    if (head !== null) return head.get(name);
    const { response } = this.#transaction;
    return response?.status === 0 ? fieldsOf(response)[name] : undefined;
  }

  get stream(): string | null {
    return textOf(this.#value("stream"));
  }

  /** `stream/topic` */
  get topic(): string | null {
    const topic = textOf(this.#value("topic"));
    return topic === null ? null : `${this.stream}/${topic}`;
  }

  /** `stream/topic/partition`, the partition as the client chose it, else as the server says. */
  get partition(): string | null {
    const { topic } = this;
    const partition = topic === null ? undefined : this.#value("partition");
    if (partition === this.#roles?.noPartition) return null;
    const text = textOf(partition);
    return text === null ? null : `${topic}/${text}`;
  }

  /** Whether the server says that the client has no partition to read. */
  get hasNoPartition(): boolean {
    return this.#roles !== null && this.#value("partition") === this.#roles.noPartition;
  }

  /** `stream/topic consumer 1`, or `stream/topic group workers`: who reads or stores. */
  get consumer(): string | null {
    const group = textOf(this.#value("member"));
    if (group !== null) return `${this.topic} group ${group}`;
    const id = textOf(this.#value("consumer"));
    return id === null ? null : `${this.topic} consumer ${id}`;
  }

  /** `stream/topic group`, of those who poll as a group and those who join and leave it. */
  get group(): string | null {
    const group = textOf(this.#value("group")) ?? textOf(this.#value("member"));
    return group === null ? null : `${this.topic} ${group}`;
  }

  /** Offsets of the messages that were polled. */
  get polled(): PolledRange | null {
    const head = this.#came;
    if (head === null || !this.isPoll) return null;
    const first = head.firstOffset;
    if (first === null) return null;
    return { first, last: first + BigInt(head.messages) - 1n };
  }

  /** The offset that the request stores, whatever the server says to it. */
  get stores(): bigint | null {
    return bigintOf(this.#value("stores"));
  }

  /** Whether a poll goes on behind the stored offset. */
  get follows(): boolean {
    return this.#value("follows") !== undefined;
  }

  /** Whether a poll stores the offset of its last message. */
  get commits(): boolean {
    return this.#value("commits") === true;
  }

  /** The stored offset as the server tells it. */
  get stored(): bigint | null {
    return bigintOf(this.#value("stored"));
  }

  /** The newest offset of the partition. */
  get newest(): bigint | null {
    return bigintOf(this.#value("newest"));
  }

  /** Offset of the first message that the request appended, where the server tells. */
  get appended(): bigint | null {
    return bigintOf(this.#value("appended"));
  }

  /** The number of the assignment of the group. */
  get generation(): bigint | null {
    return bigintOf(this.#value("generation"));
  }

  /** Most messages that a poll asks for. */
  get wanted(): number | null {
    const wanted = this.isPoll ? this.#value("wanted") : undefined;
    return typeof wanted === "number" ? wanted : null;
  }

  /** Whether the command does this to consumers, or for clients. */
  does(deed: keyof TrafficRoles["commands"]): boolean {
    const { name } = this.#transaction;
    return name !== null && (this.#roles?.commands[deed].includes(name) ?? false);
  }
}

const routesByRole = new WeakMap<Role, readonly RoleRoute[]>();

function routes(role: Role): readonly RoleRoute[] {
  let known = routesByRole.get(role);
  if (known === undefined) {
    known = routesOf(role);
    routesByRole.set(role, known);
  }
  return known;
}

function fieldsOf(pdu: Pdu): Fields {
  if (pdu.layout === null || pdu.isEmpty) return NO_FIELDS;
  return pdu.decoded!.fields as Fields;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

function bigintOf(value: unknown): bigint | null {
  return typeof value === "bigint" ? value : null;
}
