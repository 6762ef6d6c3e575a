import type { Transaction } from "../dissect/transaction.ts";
import type { Pdu } from "../framing/pdu.ts";
import type { Fields } from "../schema/mod.ts";
import { carriesMessages, type Head, headOf } from "./head.ts";

/** Messages of one transaction. */
export interface MessageTraffic {
  readonly messages: number;
  /** Of their payloads, without headers and user headers. */
  readonly payloadBytes: number;
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
const NO_MESSAGES: MessageTraffic = { messages: 0, payloadBytes: 0 };

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

  get #asked(): Head | null {
    if (this.#requestHead === undefined) {
      const { request } = this.#transaction;
      this.#requestHead = request === null ? null : headOf(request);
    }
    return this.#requestHead;
  }

  get #came(): Head | null {
    if (this.#responseHead === undefined) {
      const { response } = this.#transaction;
      this.#responseHead = response?.status === 0 ? headOf(response) : null;
    }
    return this.#responseHead;
  }

  /** The messages that were sent, where the server took them. */
  get produced(): MessageTraffic | null {
    if (this.#transaction.response?.status !== 0) return null;
    return this.#asked?.hasMessages ? this.#asked : null;
  }

  /** The messages that were polled. */
  get consumed(): MessageTraffic | null {
    const { command, response } = this.#transaction;
    if (response?.status !== 0 || command === null) return null;
    if (!carriesMessages(command.response)) return null;
    return this.#came ?? NO_MESSAGES;
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
    return textOf(this.#request("stream_id"));
  }

  /** `stream/topic` */
  get topic(): string | null {
    const topic = textOf(this.#request("topic_id"));
    return topic === null ? null : `${this.stream}/${topic}`;
  }

  /** `stream/topic/partition`, the partition as the client chose it, else as the server says. */
  get partition(): string | null {
    const { topic } = this;
    if (topic === null) return null;
    const { kind, value } = (this.#request("partitioning") ?? NO_FIELDS) as Fields;
    const chosen = textOf(this.#request("partition_id")) ??
      (kind === "partition_id" ? textOf(value) : null);
    const partition = chosen ?? this.#serversPartition();
    return partition === null ? null : `${topic}/${partition}`;
  }

  #serversPartition(): string | null {
    const confirmations = this.#response("confirmations");
    const [first] = Array.isArray(confirmations) ? confirmations as Fields[] : [];
    return textOf(this.#response("partition_id")) ?? textOf(first?.partition_id);
  }

  /** `stream/topic consumer 1`, or `stream/topic group workers`. */
  get consumer(): string | null {
    const consumer = this.#request("consumer") as Fields | undefined;
    const id = textOf(consumer?.id);
    if (id === null) return null;
    const kind = consumer?.kind === "consumer_group" ? "group" : "consumer";
    return `${this.topic} ${kind} ${id}`;
  }

  /** `stream/topic group`, of those who poll as a group and those who join and leave it. */
  get group(): string | null {
    const { kind, id } = (this.#request("consumer") ?? NO_FIELDS) as Fields;
    const group = textOf(this.#request("group_id")) ??
      (kind === "consumer_group" ? textOf(id) : null);
    return group === null ? null : `${this.topic} ${group}`;
  }

  /** How far the consumer got with this transaction; null where that is not its subject. */
  get progress(): Progress | null {
    if (this.#transaction.response?.status !== 0) return null;
    if (this.#request("consumer") === undefined) return null;
    const head = this.#came;
    const first = head?.firstOffset ?? null;
    return {
      polled: first === null ? null : first + BigInt(head!.messages) - 1n,
      stored: bigintOf(this.#request("offset")) ??
        bigintOf(this.#response("stored_offset")),
      newest: bigintOf(this.#response("current_offset")),
    };
  }
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
