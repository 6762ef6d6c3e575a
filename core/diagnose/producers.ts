import { hostOf } from "../net/endpoint.ts";
import { MAX_BUSY_THINK_US } from "./consumers.ts";
import type { CaptureFinding, Rule, Seen } from "./finding.ts";
import { Evidence, finding, kept } from "./finding.ts";

/** Sends without a pause from which on their size says something. */
const MIN_SENDS = 200;
/** Sends to a topic from which on their shares say something, and partitions compared. */
const MIN_SHARED = 100;
const MIN_PARTITIONS = 3;
/** The busiest partition is hot from so many times the next one on. */
const HOT = 3;
/** Partitions of a topic that are told apart. */
const MAX_PARTITIONS = 1000;

/** Messages sent one by one although the next is ready. */
export class TinyBatchRule implements Rule {
  readonly #senders = new Map<string, { single: Evidence; busy: number }>();

  add({ transaction, traffic, thinkUs }: Seen): void {
    const { produced } = traffic;
    if (produced === null || thinkUs === null || thinkUs >= MAX_BUSY_THINK_US) return;
    const sender = kept(
      this.#senders,
      transaction.conversation.client,
      () => ({ single: new Evidence(), busy: 0 }),
    );
    if (sender === null) return;
    sender.busy++;
    if (produced.messages === 1) sender.single.add(transaction);
  }

  finish(): CaptureFinding[] {
    const hosts = new Map<string, { clients: number; count: number; first: Evidence }>();
    for (const [client, { single, busy }] of this.#senders) {
      if (single.count < MIN_SENDS || single.count <= busy / 2) continue;
      const host = hosts.get(hostOf(client)) ?? { clients: 0, count: 0, first: single };
      host.clients++;
      host.count += single.count;
      hosts.set(hostOf(client), host);
    }
    return [...hosts].map(([host, { clients, count, first }]) => {
      const where = clients === 1 ? "one connection" : `${clients} connections`;
      const message = `${count} sends of one message without a pause, on ${where}`;
      const { transactions, packets } = first;
      return finding("tiny_batches", host, message, { count, transactions, packets });
    });
  }
}

/** Topics of which one partition gets most. */
export class HotPartitionRule implements Rule {
  readonly #topics = new Map<string, Map<string, Evidence>>();

  add({ transaction, traffic }: Seen): void {
    const { produced, topic, partition } = traffic;
    if (produced === null || topic === null || partition === null) return;
    const partitions = kept(this.#topics, topic, () => new Map<string, Evidence>());
    if (partitions === null) return;
    let evidence = partitions.get(partition);
    if (evidence === undefined) {
      if (partitions.size >= MAX_PARTITIONS) return;
      evidence = new Evidence();
      partitions.set(partition, evidence);
    }
    evidence.add(transaction);
  }

  finish(): CaptureFinding[] {
    return [...this.#topics].flatMap(([topic, partitions]) => {
      const sorted = [...partitions.values()].sort((a, b) => b.count - a.count);
      const total = sorted.reduce((sum, { count }) => sum + count, 0);
      const [first, second] = sorted;
      if (sorted.length < MIN_PARTITIONS || total < MIN_SHARED) return [];
      if (first!.count < second!.count * HOT) return [];
      const partition = [...partitions].find(([, one]) => one === first)![0];
      const message = `${first!.count} of ${total} sends went to partition ` +
        `${partition.slice(partition.lastIndexOf("/") + 1)} of ${sorted.length}`;
      return [finding("hot_partition", topic, message, first!)];
    });
  }
}
