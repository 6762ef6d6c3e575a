import type { Repair } from "../tcp/analysis_facts.ts";
import type { SequenceGraph, SequenceSegment } from "../tcp/sequence_graph.ts";
import { shortSize, shortTime } from "./human.ts";

const WIDTH = 960, LEFT = 84, RIGHT = 16, TOP = 40;
/** Heights of the plot of bytes and of that of round trips, and what lies below each. */
const BYTES = 230, TRIPS = 64, GAP = 46;
const TICKS = 6;

/** Colours that stand out on light and dark ground. */
const NEW = "#4c8dff", ACK = "#3fa45b", WINDOW = "#c9952b", SACK = "#a06cd5";
const TRIP = "#5aa7a7", INK = "#808890";
const REPAIRS: Readonly<Record<Repair, readonly [colour: string, name: string]>> = {
  timeout: ["#e5484d", "by the timer"],
  fast: ["#f2762e", "fast"],
  tail_loss_probe: ["#d6409f", "tail loss probe"],
  spurious: ["#9b6a3c", "not needed"],
  retransmission: ["#c0392b", "sent again"],
  out_of_order: ["#7d8590", "out of order"],
};

/** Places of a plot. */
interface Scale {
  x(at: number): string;
  y(value: number): string;
}

/**
 * Draws time-sequence graphs, as tcptrace and Wireshark do: segments as bars from their first
 * byte to their last, the line of what was acknowledged, that of the window, SACK blocks, and
 * below them the round trips. Times are µs from the conversation's begin.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * const graph = {
 *   side: "client", segments: [{ at: 0, from: 0, to: 10, packet: 1, repair: null }],
 *   acknowledgments: [], selective: [], roundTrips: [], leftOut: 0,
 * } as const;
 * assert(sequenceSvg([graph], "a conversation").startsWith("<svg"));
 * ```
 */
export function sequenceSvg(graphs: readonly SequenceGraph[], title: string): string {
  const end = Math.max(1, ...graphs.map(lastTime));
  let top = TOP;
  const panels = graphs.map((graph) => {
    const panel = flowPanel(graph, top, end);
    top += BYTES + GAP + (graph.roundTrips.length > 0 ? TRIPS + GAP : 0);
    return panel;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" ` +
    `font-family="system-ui, sans-serif" font-size="11" fill="${INK}">` +
    `<title>${escaped(title)}</title>` +
    `<text x="${LEFT}" y="14" font-size="13" font-weight="600">${escaped(title)}</text>` +
    legend(graphs) + panels.join("") + "</svg>\n";
}

function flowPanel(graph: SequenceGraph, top: number, end: number): string {
  const { side, segments, acknowledgments, selective, roundTrips, leftOut } = graph;
  const high = Math.max(1, ...segments.map(({ to }) => to));
  const scale = scaleOf(top, BYTES, end, high);
  const within = (value: number) => Math.min(high, Math.max(0, value));
  const last = (segment: SequenceSegment) => segment.repair === null ? 0 : 1;
  const bars = segments.toSorted((a, b) => last(a) - last(b))
    .map((segment) => bar(segment, scale)).join("");
  const blocks = selective.map(({ at, from, to }) =>
    `<path stroke="${SACK}" stroke-width="1.5" d="M${scale.x(at)} ${
      scale.y(within(from))
    }V${scale.y(within(to))}"/>`
  ).join("");
  const note = leftOut > 0 ? `, ${leftOut} points joined or left out` : "";
  const bytes = frame(top, BYTES, end, high, shortSize) +
    `<text x="${LEFT + 6}" y="${top + 14}" font-weight="600">sent by the ${side}${note}` +
    "</text>" +
    steps(acknowledgments.map(({ at, window }) => [at, within(window)]), WINDOW, scale) +
    steps(acknowledgments.map(({ at, to }) => [at, within(to)]), ACK, scale) +
    blocks + bars;
  if (roundTrips.length === 0) return bytes;
  const low = top + BYTES + GAP;
  const longest = roundTrips.reduce((most, { time }) => Math.max(most, time), 1e-3);
  const trips = scaleOf(low, TRIPS, end, longest);
  const points = roundTrips.map(({ at, time }) => `M${trips.x(at)} ${trips.y(time)}h0`)
    .join("");
  return bytes + frame(low, TRIPS, end, longest, shortTime) +
    `<text x="${LEFT + 6}" y="${low + 14}">round trips</text>` +
    `<path stroke="${TRIP}" stroke-width="3" stroke-linecap="round" d="${points}"/>`;
}

function bar({ at, from, to, packet, repair }: SequenceSegment, scale: Scale): string {
  const why = repair === null ? "" : `, ${REPAIRS[repair][1]}`;
  const title = `<title>packet ${packet}, bytes ${from} to ${to}${why}</title>`;
  const line = `d="M${scale.x(at)} ${scale.y(from)}V${scale.y(to)}">${title}</path>`;
  if (repair === null) return `<path stroke="${NEW}" stroke-width="2" ${line}`;
  // Round ends make a point of what is too short for a bar.
  return `<path stroke="${
    REPAIRS[repair][0]
  }" stroke-width="6" stroke-linecap="round" ${line}`;
}

/** A line that keeps each value until the next. */
function steps(
  points: readonly (readonly [number, number])[],
  colour: string,
  scale: Scale,
) {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  const line = rest.map(([at, value]) => `H${scale.x(at)}V${scale.y(value)}`).join("");
  return `<path fill="none" stroke="${colour}" d="M${scale.x(first[0])} ${
    scale.y(first[1])
  }${line}"/>`;
}

/** Border, grid and numbers of a plot. */
function frame(
  top: number,
  height: number,
  end: number,
  high: number,
  text: (value: number) => string,
): string {
  const { x, y } = scaleOf(top, height, end, high);
  const rows = height > TRIPS ? 4 : 2;
  const across = Array.from({ length: rows + 1 }, (_, i) => high * i / rows).map((
    value,
  ) =>
    `<path stroke="${INK}" stroke-opacity="0.25" d="M${LEFT} ${y(value)}H${
      WIDTH - RIGHT
    }"/><text x="${LEFT - 6}" y="${y(value)}" dy="4" text-anchor="end">${
      text(Math.round(value))
    }</text>`
  );
  const along = Array.from({ length: TICKS + 1 }, (_, i) => end * i / TICKS).map((at) =>
    `<text x="${x(at)}" y="${top + height + 16}" text-anchor="middle">${
      shortTime(at)
    }</text>`
  );
  return across.join("") + along.join("");
}

function scaleOf(top: number, height: number, end: number, high: number): Scale {
  const width = WIDTH - LEFT - RIGHT;
  return {
    x: (at) => (LEFT + width * at / end).toFixed(1),
    y: (value) => (top + height - height * value / high).toFixed(1),
  };
}

/** What the colours of these graphs mean. */
function legend(graphs: readonly SequenceGraph[]): string {
  const used = new Set(
    graphs.flatMap(({ segments }) => segments.map(({ repair }) => repair)),
  );
  const entries: (readonly [string, string])[] = [
    [NEW, "sent"],
    [ACK, "acknowledged"],
    [WINDOW, "window"],
    ...graphs.some(({ selective }) => selective.length > 0)
      ? [[SACK, "SACK"] as const]
      : [],
    ...Object.entries(REPAIRS).filter(([repair]) => used.has(repair as Repair))
      .map(([, entry]) => entry),
  ];
  let x = LEFT;
  return entries.map(([colour, name]) => {
    const at = x;
    x += 26 + name.length * 6.2;
    return `<rect x="${at}" y="21" width="10" height="10" fill="${colour}"/>` +
      `<text x="${at + 14}" y="30">${name}</text>`;
  }).join("");
}

function lastTime({ segments, acknowledgments }: SequenceGraph): number {
  return Math.max(segments.at(-1)?.at ?? 0, acknowledgments.at(-1)?.at ?? 0);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`);
}
