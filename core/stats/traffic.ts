import type { Transaction } from "../dissect/transaction.ts";
import type { Pdu } from "../framing/pdu.ts";
import type { RoleRoute, TrafficRoles } from "../schema/mod.ts";
import { JoinedTexts } from "./joined_texts.ts";
import {
  type Deed,
  firstOffsetIn,
  messagesIn,
  NO_DEEDS,
  payloadIn,
  type RolePlaceAt,
  type RolePlaces,
  type RoleReader,
  roleReader,
  type RoleValues,
} from "./role_values.ts";

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

const NO_MESSAGES: MessageTraffic = { messages: 0, payloadBytes: 0 };
const NOTHING: RoleValues = [];
const NONE: readonly RolePlaceAt[] = [];

const paths = new JoinedTexts("/");
const groups = new JoinedTexts(" ");
const members = new JoinedTexts(" group ");
const consumers = new JoinedTexts(" consumer ");
const places = new JoinedTexts(" ");

/** The two parts of a transaction. */
export type Part = RoleRoute["part"];

/**
 * What a transaction is about, told by the roles that the registry gives to fields: without
 * roles it is about nothing. Nothing is decoded before it is asked for, and messages never
 * are.
 */
export class Traffic {
  protected readonly transaction: Transaction;
  readonly #roles: TrafficRoles | null;
  /** Reads what has a role; null where nothing has. */
  protected readonly roleReader: RoleReader | null;
  /** The places of roles. */
  readonly #places: RolePlaces | undefined;
  #requestValues: RoleValues | null = null;
  #responseValues: RoleValues | null = null;
  // What several readers ask for is told once: undefined until then.
  #isPoll: boolean | undefined;
  #produced: MessageTraffic | null | undefined;
  #consumed: MessageTraffic | null | undefined;
  #stream: string | null | undefined;
  #topic: string | null | undefined;
  #partition: string | null | undefined;
  #consumer: string | null | undefined;
  #group: string | null | undefined;
  #polled: PolledRange | null | undefined;
  #newest: bigint | null | undefined;
  #deeds: readonly Deed[] | undefined;

  constructor(transaction: Transaction) {
    this.transaction = transaction;
    this.#roles = transaction.conversation.registry.traffic;
    this.roleReader = this.#roles === null ? null : roleReader(this.#roles);
    this.#places = this.roleReader?.places;
  }

  /** Whether the server did what it was asked. */
  get isOk(): boolean {
    return this.transaction.response?.status === 0;
  }

  /** Values of the request. */
  get #asked(): RoleValues {
    const { request } = this.transaction;
    return this.#requestValues ??= request === null
      ? NOTHING
      : this.read(request, "request");
  }

  /** Values of a response that says ok. */
  get #came(): RoleValues {
    return this.#responseValues ??= this.isOk
      ? this.read(this.transaction.response!, "response")
      : NOTHING;
  }

  /** Reads the values that have roles out of a PDU; others may follow them. */
  protected read(pdu: Pdu, part: Part): RoleValues {
    return this.roleReader?.valuesOf(pdu, part) ?? NOTHING;
  }

  /** What was read of a part. */
  protected valuesOf(part: Part): RoleValues {
    return part === "request" ? this.#asked : this.#came;
  }

  /** The messages that were sent, where the server took them. */
  get produced(): MessageTraffic | null {
    return this.#produced === undefined ? this.#produced = this.#sent() : this.#produced;
  }

  #sent(): MessageTraffic | null {
    const { request } = this.transaction;
    if (!this.isOk || request === null || request.isEmpty) return null;
    return this.#carries(request.layout) ? messageTraffic(this.#asked) : null;
  }

  /** Whether the command is one that reads messages, whatever came of it. */
  get isPoll(): boolean {
    return this.#isPoll ??= this.#carries(this.transaction.command?.response ?? null);
  }

  #carries(layout: Pdu["layout"]): boolean {
    return layout !== null && (this.roleReader?.carriesMessages(layout) ?? false);
  }

  /** The messages that were polled. */
  get consumed(): MessageTraffic | null {
    return this.#consumed === undefined
      ? this.#consumed = this.isOk && this.isPoll ? messageTraffic(this.#came) : null
      : this.#consumed;
  }

  /** The value of a role, by its places; undefined where there is none. */
  #value(places: readonly RolePlaceAt[] = NONE): unknown {
    for (const place of places) {
      const { when } = place;
      if (when !== null && this.#at(when) !== when.value) continue;
      const value = this.#at(place);
      if (value !== undefined && value !== null) return value;
    }
    return undefined;
  }

  #at({ part, index }: RolePlaceAt): unknown {
    return this.valuesOf(part)[index];
  }

  get stream(): string | null {
    return this.#stream === undefined
      ? this.#stream = textOf(this.#value(this.#places?.stream))
      : this.#stream;
  }

  /** `stream/topic` */
  get topic(): string | null {
    return this.#topic === undefined ? this.#topic = this.#topicText() : this.#topic;
  }

  /** The topic within its stream. */
  get topicName(): string | null {
    return textOf(this.#value(this.#places?.topic));
  }

  #topicText(): string | null {
    const topic = this.topicName;
    return topic === null ? null : paths.of(`${this.stream}`, topic);
  }

  /** `stream/topic/partition`, the partition as the client chose it, else as the server says. */
  get partition(): string | null {
    return this.#partition === undefined
      ? this.#partition = this.#partitionText()
      : this.#partition;
  }

  #partitionText(): string | null {
    const { topic, partitionName } = this;
    if (topic === null || partitionName === null) return null;
    return paths.of(topic, partitionName);
  }

  /** The partition within its topic. */
  get partitionName(): string | null {
    const partition = this.#value(this.#places?.partition);
    return partition === this.#roles?.noPartition ? null : textOf(partition);
  }

  /** The key that chooses the partition of sent messages. */
  get key(): Uint8Array | null {
    const key = this.#value(this.#places?.key);
    return key instanceof Uint8Array ? key : null;
  }

  /** Whether it sends messages, whatever came of it. */
  get sends(): boolean {
    return this.#carries(this.transaction.command?.request ?? null);
  }

  /** The partition that the request itself names. */
  get chosenPartition(): string | null {
    for (const place of this.#places?.partition ?? NONE) {
      if (place.part === "response") continue;
      if (place.when !== null && this.#at(place.when) !== place.when.value) continue;
      const value = this.#at(place);
      if (value !== undefined && value !== null) return textOf(value);
    }
    return null;
  }

  /** Whether the server says that the client has no partition to read. */
  get hasNoPartition(): boolean {
    return this.#roles !== null &&
      this.#value(this.#places?.partition) === this.#roles.noPartition;
  }

  /** `stream/topic consumer 1`, or `stream/topic group workers`: who reads or stores. */
  get consumer(): string | null {
    return this.#consumer === undefined
      ? this.#consumer = this.#consumerText()
      : this.#consumer;
  }

  #consumerText(): string | null {
    const group = textOf(this.#value(this.#places?.member));
    if (group !== null) return members.of(`${this.topic}`, group);
    const id = this.consumerName;
    return id === null ? null : consumers.of(`${this.topic}`, id);
  }

  /** The {@link consumer} in the {@link partition}, which comes first. */
  get place(): string | null {
    const { partition, consumer } = this;
    return partition === null || consumer === null
      ? null
      : places.of(partition, consumer);
  }

  /** Who reads by itself, within its topic. */
  get consumerName(): string | null {
    return textOf(this.#value(this.#places?.consumer));
  }

  /** The group that reads, joins or is asked about, within its topic. */
  get groupName(): string | null {
    return textOf(this.#value(this.#places?.group)) ??
      textOf(this.#value(this.#places?.member));
  }

  /** `stream/topic group`, of those who poll as a group and those who join and leave it. */
  get group(): string | null {
    return this.#group === undefined ? this.#group = this.#groupText() : this.#group;
  }

  #groupText(): string | null {
    const group = this.groupName;
    return group === null ? null : groups.of(`${this.topic}`, group);
  }

  /** Offsets of the messages that were polled. */
  get polled(): PolledRange | null {
    return this.#polled === undefined ? this.#polled = this.#polledRange() : this.#polled;
  }

  #polledRange(): PolledRange | null {
    if (!this.isPoll) return null;
    const first = firstOffsetIn(this.#came);
    if (first === null) return null;
    return { first, last: first + BigInt(messagesIn(this.#came)) - 1n };
  }

  /** The offset that the request stores, whatever the server says to it. */
  get stores(): bigint | null {
    return bigintOf(this.#value(this.#places?.stores));
  }

  /** Whether a poll goes on behind the stored offset. */
  get follows(): boolean {
    return this.#value(this.#places?.follows) !== undefined;
  }

  /** Whether a poll stores the offset of its last message. */
  get commits(): boolean {
    return this.#value(this.#places?.commits) === true;
  }

  /** The stored offset as the server tells it. */
  get stored(): bigint | null {
    return bigintOf(this.#value(this.#places?.stored));
  }

  /** The newest offset of the partition. */
  get newest(): bigint | null {
    return this.#newest === undefined
      ? this.#newest = bigintOf(this.#value(this.#places?.newest))
      : this.#newest;
  }

  /** Offset of the first message that the request appended, where the server tells. */
  get appended(): bigint | null {
    return bigintOf(this.#value(this.#places?.appended));
  }

  /** The number of the assignment of the group. */
  get generation(): bigint | null {
    return bigintOf(this.#value(this.#places?.generation));
  }

  /** Most messages that a poll asks for. */
  get wanted(): number | null {
    const wanted = this.isPoll ? this.#value(this.#places?.wanted) : undefined;
    return typeof wanted === "number" ? wanted : null;
  }

  /** Whether the command does this to consumers, or for clients. */
  does(deed: Deed): boolean {
    this.#deeds ??= this.roleReader?.deedsOf(this.transaction.name) ?? NO_DEEDS;
    return this.#deeds.includes(deed);
  }
}

function messageTraffic(values: RoleValues): MessageTraffic {
  if (values.length === 0) return NO_MESSAGES;
  return { messages: messagesIn(values), payloadBytes: payloadIn(values) };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

function bigintOf(value: unknown): bigint | null {
  return typeof value === "bigint" ? value : null;
}
