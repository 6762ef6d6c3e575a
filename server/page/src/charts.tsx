import type { Stats, Timeline, TransactionRow } from "../../api.ts";
import uPlot from "uplot";
import { useMemo } from "preact/hooks";
import { Chart } from "./chart.tsx";
import { axis, bars, line, millisAxis, points, TIME, timeAxis } from "./chart_style.ts";
import { CommandTable } from "./command_table.tsx";
import { bytes, clockOf, count, micros } from "./format.ts";
import { scatterData, useScatter } from "./scatter.ts";
import { type Navigate, type PageState, selection } from "./url_state.ts";
import { Failure, useLoad } from "./use_load.tsx";

/** So many transactions are drawn one by one; of more, only quantiles. */
const SCATTER = 3000;

/** What {@link Charts} shows and tells. */
export interface ChartsProps {
  readonly capture: string;
  readonly state: PageState;
  readonly navigate: Navigate;
}

/** Response times, throughput and bytes over time; dragging over them picks a time range. */
export function Charts({ capture, state, navigate }: ChartsProps) {
  const chosen = selection(state);
  const path = `captures/${capture}`;
  const timeline = useLoad<Timeline>(`${path}/timeline`, { ...chosen, buckets: 240 });
  const stats = useLoad<Stats>(`${path}/stats`, chosen);
  const total = stats.data?.total.count ?? 0;
  const single = useScatter(path, chosen, total > 0 && total <= SCATTER ? total : 0);
  const times = timeline.data;

  const zoom = (from: number, to: number) =>
    navigate({ from: round(from), to: round(to), transaction: null });
  const shift = (move: number, scale: number) => {
    if (times === null) return;
    const from = state.from ?? times.start;
    const to = state.to ?? times.start + times.interval * times.count.length;
    const [middle, half] = [
      (from + to) / 2 + move * (to - from),
      (to - from) / 2 * scale,
    ];
    zoom(middle - half, middle + half);
  };
  if (timeline.error !== null) return <Failure error={timeline.error} />;
  if (times === null) return <div class="view" aria-busy="true" />;
  return (
    <div class="scroll pad charts">
      <div class="toolbar">
        <p class="muted grow">
          {`${count(total)} transactions · ${clockOf(times.start)} to ` +
            `${clockOf(times.start + times.interval * times.count.length)} UTC · ` +
            `drag over a chart to look closer`}
        </p>
        <div role="group" aria-label="Time range" class="buttons">
          <button type="button" onClick={() => shift(-0.5, 1)} aria-label="Earlier">
            ←
          </button>
          <button type="button" onClick={() => shift(0, 0.5)} aria-label="Closer">
            +
          </button>
          <button type="button" onClick={() => shift(0, 2)} aria-label="Wider">−</button>
          <button type="button" onClick={() => shift(0.5, 1)} aria-label="Later">
            →
          </button>
          <button
            type="button"
            disabled={state.from === null && state.to === null}
            onClick={() => navigate({ from: null, to: null })}
          >
            Whole capture
          </button>
          <button
            type="button"
            class="primary"
            onClick={() => navigate({ view: "transactions" })}
          >
            Show in table
          </button>
        </div>
      </div>
      <ResponseTimes
        times={times}
        stats={stats.data}
        single={single}
        zoom={zoom}
        open={(row) => navigate({ view: "transactions", transaction: row.transaction })}
      />
      <div class="pair">
        <Throughput times={times} zoom={zoom} />
        <Volume times={times} zoom={zoom} />
      </div>
      {stats.data !== null && (
        <CommandTable stats={stats.data} filter={state.filter} navigate={navigate} />
      )}
    </div>
  );
}

type Zoom = (from: number, to: number) => void;

function ResponseTimes({ times, stats, single, zoom, open }: {
  readonly times: Timeline;
  readonly stats: Stats | null;
  readonly single: readonly TransactionRow[];
  readonly zoom: Zoom;
  readonly open: (row: TransactionRow) => void;
}) {
  const all = stats?.total.response_time_us;
  const scattered = useMemo(() => scatterData(single), [single]);
  const data = useMemo<uPlot.AlignedData>(() => {
    const x = bucketMiddles(times);
    const [p50, p99] = [millis(times.p50_us), millis(times.p99_us)];
    if (scattered.rows.length === 0) return [x, millis(times.max_us), p50, p99];
    return uPlot.join([[scattered.x, scattered.y], [x, p50, p99]]);
  }, [times, scattered]);
  const pick = (index: number) => {
    const at = data[0][index] ?? 0;
    const distance = (i: number) => Math.abs(scattered.x[i]! - at);
    const nearest = scattered.x.reduce(
      (best, _, i) => distance(i) < distance(best) ? i : best,
      0,
    );
    const row = scattered.rows[nearest];
    if (row !== undefined) open(row);
  };
  const label = all === undefined
    ? "Response times"
    : `Response times over time: p50 ${micros(all.p50)}, p99 ${micros(all.p99)}, ` +
      `longest ${micros(all.max)}`;
  return (
    <section class="card">
      <header>
        <h2>Response time</h2>
        {all !== undefined && (
          <span class="legend">
            <i class="series-1" />p50 <b>{micros(all.p50)}</b>
            <i class="series-2" />p99 <b>{micros(all.p99)}</b>
            <i class="series-3" />
            {single.length > 0 ? "each, longest" : "longest"} <b>{micros(all.max)}</b>
          </span>
        )}
      </header>
      <Chart
        label={label}
        height={240}
        data={data}
        onZoom={zoom}
        onPick={pick}
        options={() => ({
          ...TIME,
          scales: { x: { time: true }, y: { distr: 3 } },
          axes: [timeAxis(), millisAxis()],
          series: [{}, points("each", 3), line("p50", 1), line("p99", 2)],
        })}
      />
    </section>
  );
}

function Throughput({ times, zoom }: { readonly times: Timeline; readonly zoom: Zoom }) {
  const data = useMemo<uPlot.AlignedData>(() => {
    const rate = (values: number[]) => values.map((value) => value / times.interval);
    return [bucketMiddles(times), rate(times.count), rate(times.errors)];
  }, [times]);
  return (
    <section class="card">
      <header>
        <h2>Transactions per second</h2>
        <span class="legend">
          <i class="series-1" />all<i class="series-2" />errors
        </span>
      </header>
      <Chart
        label="Transactions and errors per second over time"
        height={180}
        data={data}
        onZoom={zoom}
        options={() => ({
          ...TIME,
          scales: {
            x: { time: true },
            y: { range: (_, __, max) => [0, max * 1.1 || 1] },
          },
          axes: [timeAxis(), axis()],
          series: [{}, bars("all", 1), bars("errors", 2)],
        })}
      />
    </section>
  );
}

function Volume({ times, zoom }: { readonly times: Timeline; readonly zoom: Zoom }) {
  const data = useMemo<uPlot.AlignedData>(() => {
    const rate = (values: number[]) => values.map((value) => value / times.interval);
    return [bucketMiddles(times), rate(times.request_bytes), rate(times.response_bytes)];
  }, [times]);
  return (
    <section class="card">
      <header>
        <h2>Bytes per second</h2>
        <span class="legend">
          <i class="series-1" />requests<i class="series-3" />responses
        </span>
      </header>
      <Chart
        label="Bytes of requests and responses per second over time"
        height={180}
        data={data}
        onZoom={zoom}
        options={() => ({
          ...TIME,
          scales: {
            x: { time: true },
            y: { range: (_, __, max) => [0, max * 1.1 || 1] },
          },
          axes: [timeAxis(), axis((value) => bytes(value))],
          series: [{}, line("requests", 1), line("responses", 3)],
        })}
      />
    </section>
  );
}

function bucketMiddles({ start, interval, count }: Timeline): number[] {
  return count.map((_, i) => start + (i + 0.5) * interval);
}

/** Milliseconds that a logarithmic axis can show. */
function millis(values: readonly (number | null)[]): (number | null)[] {
  return values.map((value) => value === null || value <= 0 ? null : value / 1000);
}

function round(seconds: number): number {
  return Math.max(0, Number(seconds.toFixed(6)));
}
