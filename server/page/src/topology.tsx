import type { Topology as Answer } from "../../api.ts";
import { useMemo, useRef, useState } from "preact/hooks";
import { amount, bytes, count, visible } from "./format.ts";
import { filterOf, type GraphEdge, type GraphNode, graphOf } from "./topology_graph.ts";
import { bothFilters, type Navigate, type PageState, selection } from "./url_state.ts";
import { Failure, useLoad } from "./use_load.tsx";

const WIDTH = 1000;
const NODE = { width: 230, height: 42 };
const LEFT = [0, (WIDTH - NODE.width) / 2, WIDTH - NODE.width] as const;

/** What {@link Topology} shows and tells. */
export interface TopologyProps {
  readonly capture: string;
  readonly state: PageState;
  readonly navigate: Navigate;
}

/** Clients, the streams they use, and the topics in these. */
export function Topology({ capture, state, navigate }: TopologyProps) {
  const { data, error } = useLoad<Answer>(
    `captures/${capture}/topology`,
    selection(state),
  );
  const [lit, light] = useState<GraphNode | null>(null);
  const graph = useMemo(() => data === null ? null : graphOf(data), [data]);
  const svg = useRef<SVGSVGElement>(null);
  if (error !== null) return <Failure error={error} />;
  if (graph === null) return <div class="view" aria-busy="true" />;
  if (graph.nodes.length === 0) {
    return <p class="empty">No transaction passes the filter.</p>;
  }
  const choose = (node: GraphNode) =>
    navigate({
      view: "transactions",
      filter: bothFilters(state.filter, filterOf(node)),
      transaction: null,
    });
  const isLit = ({ from, to }: GraphEdge) => lit === null || from === lit || to === lit;
  return (
    <div class="scroll pad topology" tabIndex={0} role="group" aria-label="Topology">
      <p class="muted">
        Who works on which stream and topic; lines are as thick as they are busy, red
        where errors came back. Choose a box to see its transactions.
        {graph.hidden > 0 && ` The ${count(graph.hidden)} least busy ones are left out.`}
      </p>
      <svg
        ref={svg}
        viewBox={`-4 -30 ${WIDTH + 8} ${graph.height + 34}`}
        role="group"
        aria-label="Clients, streams and topics"
      >
        {["Clients", "Server and streams", "Topics"].map((name, column) => (
          <text key={name} class="heading" x={LEFT[column]! + 2} y={-12}>{name}</text>
        ))}
        {graph.edges.map((edge) => (
          <path
            key={`${edge.from.id} ${edge.to.id}`}
            class={`edge${edge.errors > 0 ? " bad" : ""}${isLit(edge) ? "" : " faint"}`}
            d={curve(edge)}
            stroke-width={1 + Math.log10(1 + edge.count) * 1.6}
          />
        ))}
        {graph.nodes.map((node) => (
          <Box
            key={node.id}
            node={node}
            onChoose={() => choose(node)}
            onLight={(on) => light(on ? node : null)}
          />
        ))}
      </svg>
    </div>
  );
}

function Box({ node, onChoose, onLight }: {
  readonly node: GraphNode;
  readonly onChoose: () => void;
  readonly onLight: (on: boolean) => void;
}) {
  const { column, name, detail, errors } = node;
  const kind = column === 0
    ? (detail === "" ? "" : `as ${detail}`)
    : column === 1
    ? detail
    : "topic";
  const facts = `${count(node.count)} · ${bytes(node.bytes)}` +
    (errors > 0 ? ` · ${amount(errors, "error")}` : "");
  const title = `${visible(name)} ${visible(kind)}: ${facts}`;
  return (
    <g
      class={`node column-${column}`}
      transform={`translate(${LEFT[column]} ${node.y})`}
      role="button"
      tabIndex={0}
      onClick={onChoose}
      onKeyDown={(event) => event.key === "Enter" && onChoose()}
      onMouseEnter={() => onLight(true)}
      onMouseLeave={() => onLight(false)}
      onFocus={() => onLight(true)}
      onBlur={() => onLight(false)}
    >
      <rect width={NODE.width} height={NODE.height} rx={7}>
        <title>{title}</title>
      </rect>
      <text class="name" x={12} y={18}>{shorten(visible(name), 24)}</text>
      <text class="kind" x={12} y={34}>
        {shorten(`${visible(kind)}${kind === "" ? "" : " · "}${facts}`, 38)}
      </text>
    </g>
  );
}

function curve({ from, to }: GraphEdge): string {
  const x1 = LEFT[from.column] + NODE.width;
  const x2 = LEFT[to.column];
  const [y1, y2] = [from.y + NODE.height / 2, to.y + NODE.height / 2];
  const bend = (x2 - x1) / 2;
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

function shorten(text: string, length: number): string {
  const chars = [...text];
  return chars.length <= length ? text : `${chars.slice(0, length - 1).join("")}…`;
}
