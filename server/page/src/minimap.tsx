import type { Timeline } from "../../api.ts";
import { useMemo, useRef, useState } from "preact/hooks";
import { amount, clockOf, micros } from "./format.ts";
import { type Series, seriesOf } from "./series.ts";
import type { Navigate, PageState } from "./url_state.ts";
import { useLoad } from "./use_load.tsx";

const BUCKETS = 240;
const HEIGHT = 34;
/** How far above the usual slowest hundredth is worth a mark. */
const SPIKE = 4;
/** The least part of the width that is taken for a range rather than a click. */
const LEAST = 0.004;

/** What {@link Minimap} shows and tells. */
export interface MinimapProps {
  readonly capture: string;
  readonly state: PageState;
  readonly navigate: Navigate;
}

/**
 * The whole time of a capture as a strip: how many requests there were when, where errors came
 * back and where answers were slow. A range drawn on it is what all views show.
 */
export function Minimap({ capture, state, navigate }: MinimapProps) {
  const { data } = useLoad<Timeline>(`captures/${capture}/timeline`, {
    buckets: BUCKETS,
  });
  const series = useMemo(() => data === null ? null : seriesOf(data), [data]);
  const strip = useRef<SVGSVGElement>(null);
  const [range, setRange] = useState<readonly [number, number] | null>(null);
  const [at, setAt] = useState<number | null>(null);
  if (series === null || series.length < 2) return null;
  const { start, interval, length, count, errors } = series;
  const partOf = (event: PointerEvent) => {
    const { left, width } = strip.current!.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - left) / width));
  };
  const timeOf = (part: number) => start + part * length * interval;
  const placeOf = (time: number) =>
    Math.max(0, Math.min(length, (time - start) / interval));
  const choose = () => {
    const [a, b] = [Math.min(...range ?? [0]), Math.max(...range ?? [0])];
    setRange(null);
    const isClick = b - a < LEAST;
    navigate({
      from: isClick ? null : Number(timeOf(a).toFixed(6)),
      to: isClick ? null : Number(timeOf(b).toFixed(6)),
      transaction: null,
    });
  };
  const shown = range !== null
    ? [Math.min(...range) * length, Math.max(...range) * length]
    : state.from !== null || state.to !== null
    ? [placeOf(state.from ?? -Infinity), placeOf(state.to ?? Infinity)]
    : null;
  const bucket = at === null ? null : Math.min(length - 1, Math.floor(at * length));
  return (
    <div class="minimap">
      <svg
        ref={strip}
        viewBox={`0 0 ${length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Requests over time, from ${clockOf(start)} to ${clockOf(timeOf(1))}`}
        onPointerDown={(event) => {
          strip.current?.setPointerCapture(event.pointerId);
          setRange([partOf(event), partOf(event)]);
        }}
        onPointerMove={(event) => {
          setAt(partOf(event));
          if (range !== null) setRange([range[0], partOf(event)]);
        }}
        onPointerLeave={() => setAt(null)}
        onPointerUp={choose}
      >
        <path class="requests" d={bars(count, Math.max(...count))} />
        <path class="errors" d={bars(errors, Math.max(...count))} />
        <path class="spikes" d={spikes(series)} />
        {shown !== null && (
          <>
            <rect class="outside" x={0} y={0} width={shown[0]} height={HEIGHT} />
            <rect
              class="outside"
              x={shown[1]}
              y={0}
              width={Math.max(0, length - shown[1]!)}
              height={HEIGHT}
            />
          </>
        )}
      </svg>
      {bucket !== null && (
        <span class={at! > 0.5 ? "muted left" : "muted"} aria-hidden="true">
          {`${clockOf(start + bucket * interval)}: ${
            amount(count[bucket]!, "request")
          }, ${amount(errors[bucket]!, "error")}, p99 ${micros(series.p99[bucket]!)}` +
            " · drag to choose a time"}
        </span>
      )}
    </div>
  );
}

/** One bar a bucket; the root makes few visible beside many. */
function bars(values: readonly number[], most: number): string {
  return values.map((value, i) => {
    if (value === 0) return "";
    const height = Math.max(2, Math.sqrt(value / Math.max(1, most)) * (HEIGHT - 6));
    return `M${i} ${HEIGHT}v${-height.toFixed(1)}h1v${height.toFixed(1)}z`;
  }).join("");
}

/** Marks at the top where the slowest hundredth took far longer than it usually does. */
function spikes({ p99 }: Series): string {
  const known = p99.filter((time) => time !== null).sort((a, b) => a - b);
  const usual = known[Math.floor(known.length / 2)] ?? 0;
  return p99.map((time, i) =>
    time !== null && known.length > 4 && time > usual * SPIKE ? `M${i} 0h1v4h-1z` : ""
  ).join("");
}
