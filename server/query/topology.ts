import { hostOf } from "../../core/net/endpoint.ts";
import { isError } from "../../core/dissect/outcome.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { Traffic } from "../../core/stats/traffic.ts";
import type { Topology } from "../api.ts";
import type { ConversationFacts } from "../store/batch.ts";
import { eachChosen } from "./aggregate.ts";
import type { Breath } from "./limiter.ts";
import { NameBook } from "./name_book.ts";
import type { Selection } from "./selection.ts";

/** Most edges told; what further ones do is left out. */
const MAX_EDGES = 5000;
/** Clients whose hosts are kept at most; then all are found anew. */
const MAX_HOSTS = 10_000;

type Edge = Topology["items"][number];
/** Edges by the parts of what tells them apart, one after the other. */
type Found = Map<string | null, Found | Edge>;

/** Who works on which stream and topic, as transactions come. */
export class TopologyBuilder {
  readonly #edges: Edge[] = [];
  readonly #found: Found = new Map();
  readonly #names = new NameBook();
  readonly #hosts = new Map<string, string>();

  /** Takes a transaction with its traffic; `conversation` as it was then. */
  add(
    transaction: Transaction,
    { stream, topic }: Traffic,
    conversation: ConversationFacts = transaction.conversation,
  ): void {
    const { request, response, name } = transaction;
    if (transaction.isRemark) return;
    this.#names.learn(transaction);
    const { client, server, user } = conversation;
    const address = this.#hostOf(client);
    const parts = [address, user, server, name, stream];
    let found = this.#found;
    for (const part of parts) {
      let next = found.get(part) as Found | undefined;
      if (next === undefined) {
        if (this.#edges.length >= MAX_EDGES) return;
        found.set(part, next = new Map());
      }
      found = next;
    }
    let edge = found.get(topic) as Edge | undefined;
    if (edge === undefined) {
      if (this.#edges.length >= MAX_EDGES) return;
      const none = { count: 0, errors: 0, bytes: 0 };
      const place = { client: address, user, server, command: name, stream, topic };
      edge = { ...place, ...none };
      this.#edges.push(edge);
      found.set(topic, edge);
    }
    edge.count++;
    edge.bytes += (request?.length ?? 0) + (response?.length ?? 0);
    if (isError(transaction.outcome)) edge.errors++;
  }

  /** The same text each time, of which a map has the hash already. */
  #hostOf(client: string): string {
    let host = this.#hosts.get(client);
    if (host === undefined) {
      if (this.#hosts.size >= MAX_HOSTS) this.#hosts.clear();
      this.#hosts.set(client, host = hostOf(client));
    }
    return host;
  }

  finish(): Topology {
    const items = this.#edges.sort((a, b) => b.count - a.count);
    return { items, names: this.#names.finish() };
  }
}

/** The same of the transactions chosen. */
export async function topologyOf(
  selection: Selection,
  transactionOf: (n: number) => Transaction,
  breath: Breath,
): Promise<Topology> {
  const builder = new TopologyBuilder();
  await eachChosen(selection, transactionOf, breath, (transaction) => {
    builder.add(transaction, new Traffic(transaction));
  });
  return builder.finish();
}
