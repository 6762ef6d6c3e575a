import type { Transaction } from "../dissect/transaction.ts";
import type { Pdu } from "../framing/pdu.ts";
import type { Fields } from "../schema/mod.ts";
import { carriesMessages, type Head, readHead } from "./head.ts";

/** Messages of one transaction. */
export interface MessageTraffic {
  readonly messages: number;
  readonly bytes: number;
}

/** How far a consumer is in a partition; each offset null where nothing told it. */
export interface Progress {
  /** Last offset it was given. */
  readonly polled: bigint | null;
  /** Last offset it stored, or the server said it had. */
  readonly stored: bigint | null;
  /** Newest offset of the partition. */
  readonly newest: bigint | null;
}

const NO_FIELDS: Fields = {};

/**
 * What a transaction is about, told by the names of its fields and so for every command alike:
 * `stream_id`, `topic_id`, `partition_id`, `partitioning`, `consumer`, `group_id`, lists of
 * `messages`. Nothing is decoded before it is asked for, and messages never are.
 */
export class Traffic {
  readonly #transaction: Transaction;
  #requestHead: Head | null | undefined;
  #responseHead: Head | null | undefined;

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  /** The messages that were sent, where the server took them. */
  get produced(): MessageTraffic | null {
    const { request, response } = this.#transaction;
    if (response?.status !== 0 || request === null) return null;
    const head = this.#requestHead ??= messagesHead(request);
    return head === null ? null : messagesOf(head);
  }

  /** The messages that were polled. */
  get consumed(): MessageTraffic | null {
    const { response } = this.#transaction;
    if (response === null || response.status !== 0) return null;
    const layout = this.#transaction.command?.response;
    if (layout === undefined || !carriesMessages(layout)) return null;
    if (response.isEmpty) return { messages: 0, bytes: 0 };
    const head = this.#responseHead ??= messagesHead(response);
    return head === null ? null : messagesOf(head);
  }

  get #request(): Fields {
    const { request } = this.#transaction;
    if (request === null) return NO_FIELDS;
    this.#requestHead ??= messagesHead(request);
    return this.#requestHead?.fields ?? fieldsOf(request);
  }

  get #response(): Fields {
    const { response } = this.#transaction;
    if (response === null || response.status !== 0) return NO_FIELDS;
    this.#responseHead ??= messagesHead(response);
    return this.#responseHead?.fields ?? fieldsOf(response);
  }

  get stream(): string | null {
    return textOf(this.#request.stream_id);
  }

  /** `stream/topic` */
  get topic(): string | null {
    const topic = textOf(this.#request.topic_id);
    return topic === null ? null : `${this.stream}/${topic}`;
  }

  /** `stream/topic/partition`, the partition as the client chose it, else as the server says. */
  get partition(): string | null {
    const { topic } = this;
    if (topic === null) return null;
    const request = this.#request;
    const { kind, value } = (request.partitioning ?? NO_FIELDS) as Fields;
    const chosen = textOf(request.partition_id) ??
      (kind === "partition_id" ? textOf(value) : null);
    const partition = chosen ?? this.#serversPartition();
    return partition === null ? null : `${topic}/${partition}`;
  }

  #serversPartition(): string | null {
    const { partition_id, confirmations } = this.#response;
    const [first] = Array.isArray(confirmations) ? confirmations as Fields[] : [];
    return textOf(partition_id) ?? textOf(first?.partition_id);
  }

  /** `stream/topic consumer 1`, or `stream/topic group workers`. */
  get consumer(): string | null {
    const consumer = this.#request.consumer as Fields | undefined;
    const id = textOf(consumer?.id);
    if (id === null) return null;
    const kind = consumer?.kind === "consumer_group" ? "group" : "consumer";
    return `${this.topic} ${kind} ${id}`;
  }

  /** `stream/topic group`, of those who poll as a group and those who join and leave it. */
  get group(): string | null {
    const { consumer, group_id } = this.#request;
    const { kind, id } = (consumer ?? NO_FIELDS) as Fields;
    const group = textOf(group_id) ?? (kind === "consumer_group" ? textOf(id) : null);
    return group === null ? null : `${this.topic} ${group}`;
  }

  /** How far the consumer got with this transaction; null where that is not its subject. */
  get progress(): Progress | null {
    if (this.#transaction.response?.status !== 0) return null;
    const request = this.#request;
    if (request.consumer === undefined) return null;
    const response = this.#response;
    const newest = bigintOf(response.current_offset);
    const head = this.#responseHead ?? null;
    const messages = head === null ? 0 : messagesOf(head).messages;
    const first = messages === 0 ? null : head?.firstOffset() ?? null;
    return {
      polled: first === null ? null : first + BigInt(messages) - 1n,
      stored: bigintOf(request.offset) ?? bigintOf(response.stored_offset),
      newest,
    };
  }
}

function messagesHead(pdu: Pdu): Head | null {
  return pdu.layout === null || !carriesMessages(pdu.layout) ? null : readHead(pdu);
}

function messagesOf({ fields, messageBytes }: Head): MessageTraffic {
  const messages = Number(fields.messages_count ?? 0);
  return { messages, bytes: messages === 0 ? 0 : messageBytes };
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
