import { isError } from "../../core/dissect/outcome.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import type { Topology } from "../api.ts";
import { pathOf } from "./detail.ts";
import type { Breath } from "./limiter.ts";
import type { Selection } from "./selection.ts";

/** Most edges told; what further ones do is left out. */
const MAX_EDGES = 5000;

/** A transaction and what it works on. */
export interface Place {
  readonly transaction: Transaction;
  readonly stream: string | null;
  readonly topic: string | null;
}

type Edge = Topology["items"][number];

/** Who works on which stream and topic. */
export async function topologyOf(
  selection: Selection,
  placeOf: (n: number) => Place,
  breath: Breath,
): Promise<Topology> {
  const edges = new Map<string, Edge>();
  for (let place = 0; place < selection.total; place++) {
    add(edges, placeOf(selection.at(place)));
    if (breath.due) await breath.take();
  }
  return { items: [...edges.values()].sort((a, b) => b.count - a.count) };
}

function add(edges: Map<string, Edge>, { transaction, stream, topic }: Place): void {
  const { conversation, request, response, name } = transaction;
  if (request === null && response === null) return;
  const { client, server, user } = conversation;
  const address = client.slice(0, client.lastIndexOf(":"));
  const path = request === null ? null : pathOf(transaction, "request");
  const key = JSON.stringify([address, user, server, name, path, stream, topic]);
  let edge = edges.get(key);
  if (edge === undefined) {
    if (edges.size >= MAX_EDGES) return;
    const none = { count: 0, errors: 0, bytes: 0 };
    edge = { client: address, user, server, command: name, path, stream, topic, ...none };
    edges.set(key, edge);
  }
  edge.count++;
  edge.bytes += (request?.length ?? 0) + (response?.length ?? 0);
  if (isError(transaction.outcome)) edge.errors++;
}
