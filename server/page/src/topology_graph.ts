import type { Topology } from "../../api.ts";
import { quoteText } from "./url_state.ts";

type Item = Topology["items"][number];

/** A client, a stream or a topic. */
export interface GraphNode {
  readonly id: string;
  readonly column: 0 | 1 | 2;
  readonly name: string;
  readonly detail: string;
  count: number;
  errors: number;
  bytes: number;
  /** How transactions call it: by name, by number, or now so and now so. */
  readonly calls: Set<string>;
  /** Place from the top, once laid out. */
  y: number;
}

/** Traffic between two nodes. */
export interface GraphEdge {
  readonly from: GraphNode;
  readonly to: GraphNode;
  count: number;
  errors: number;
}

/** Who works on what. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Nodes left out, the least busy ones. */
  readonly hidden: number;
  readonly height: number;
}

const PER_COLUMN = 40;
/** Distance of nodes from top to top. */
const STEP = 56;

/** Sums up traffic by client, stream and topic, and gives each a place. */
export function graphOf({ items, names }: Topology): Graph {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  const node = (
    column: 0 | 1 | 2,
    [name, call]: readonly [string, string],
    detail: string,
    item: Item,
  ) => {
    const id = JSON.stringify([column, name, column === 1 ? "" : detail]);
    let found = nodes.get(id);
    if (found === undefined) {
      const none = { count: 0, errors: 0, bytes: 0, y: 0 };
      found = { id, column, name, detail, ...none, calls: new Set() };
      nodes.set(id, found);
    }
    found.count += item.count;
    found.errors += item.errors;
    found.bytes += item.bytes;
    found.calls.add(call);
    return found;
  };
  const edge = (from: GraphNode, to: GraphNode, item: Item) => {
    const id = `${from.id} ${to.id}`;
    const found = edges.get(id) ?? { from, to, count: 0, errors: 0 };
    found.count += item.count;
    found.errors += item.errors;
    edges.set(id, found);
  };
  for (const item of items) {
    const client = node(0, [item.client, item.client], item.user ?? "", item);
    if (item.stream === null) {
      edge(client, node(1, [item.server, item.server], "server", item), item);
      continue;
    }
    const name = names[item.stream] ?? item.stream;
    const stream = node(1, [name, item.stream], "stream", item);
    edge(client, stream, item);
    if (item.topic === null) continue;
    const call = topicName(item.stream, item.topic);
    const topic = topicName(name, names[`${name}/${call}`] ?? `${name}/${call}`);
    edge(stream, node(2, [topic, item.topic], name, item), item);
  }
  const kept = new Set<GraphNode>();
  let height = 0;
  for (const column of [0, 1, 2] as const) {
    const own = [...nodes.values()].filter((each) => each.column === column)
      .sort((a, b) => b.count - a.count).slice(0, PER_COLUMN);
    if (column === 2) {
      const place = (each: GraphNode) => nodes.get(streamId(each))?.y ?? 0;
      own.sort((a, b) => place(a) - place(b));
    }
    own.forEach((each, i) => {
      each.y = i * STEP;
      kept.add(each);
    });
    height = Math.max(height, own.length * STEP);
  }
  return {
    nodes: [...kept],
    edges: [...edges.values()].filter(({ from, to }) => kept.has(from) && kept.has(to)),
    hidden: nodes.size - kept.size,
    height,
  };
}

/** Id of the stream that a topic is in. */
function streamId(topic: GraphNode): string {
  return JSON.stringify([1, topic.detail, ""]);
}

/** The topic without the stream, which the server puts before it. */
function topicName(stream: string, topic: string): string {
  return topic.startsWith(`${stream}/`) ? topic.slice(stream.length + 1) : topic;
}

/** The filter that finds the transactions of a node. */
export function filterOf({ column, name, detail, calls }: GraphNode): string {
  if (column === 0) {
    const address = name.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    const user = detail === "" ? "!iggy.user" : `iggy.user == ${quoteText(detail)}`;
    return `iggy.client matches ${quoteText(`^${address}:`)} && ${user}`;
  }
  if (column === 2) return `iggy.topic ${isOneOf([...calls])}`;
  return detail === "server"
    ? `iggy.server == ${quoteText(name)} && !iggy.stream`
    : `iggy.stream ${isOneOf([...calls])}`;
}

function isOneOf(texts: readonly string[]): string {
  return texts.length === 1
    ? `== ${quoteText(texts[0]!)}`
    : `in {${texts.map(quoteText).join(", ")}}`;
}
