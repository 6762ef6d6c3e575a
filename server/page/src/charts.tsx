import type { Stats, Timeline, TransactionRow } from "../../api.ts";
import uPlot from "uplot";
import { useMemo } from "preact/hooks";
import { Chart } from "./chart.tsx";
import {
  axis,
  bars,
  bytesAxis,
  type Format,
  FROM_ZERO,
  line,
  millisAxis,
  points,
  type SeriesColor,
  TIME,
  timeAxis,
  TIMES,
} from "./chart_style.ts";
import { CommandTable } from "./command_table.tsx";
import { bytes, clockOf, count, micros } from "./format.ts";
import { Legend } from "./legend.tsx";
import { scatterData, useScatter } from "./scatter.ts";
import { bucketMiddles, type Series, seriesOf } from "./series.ts";
import { ShowAll } from "./show_all.tsx";
import { TimeParts } from "./time_parts.tsx";
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
  const times = useMemo(
    () => timeline.data === null ? null : seriesOf(timeline.data),
    [timeline.data],
  );

  const zoom = (from: number, to: number) =>
    navigate({ from: round(from), to: round(to), transaction: null });
  const shift = (move: number, scale: number) => {
    if (times === null) return;
    const from = state.from ?? times.start;
    const to = state.to ?? times.start + times.interval * times.length;
    const [middle, half] = [
      (from + to) / 2 + move * (to - from),
      (to - from) / 2 * scale,
    ];
    zoom(middle - half, middle + half);
  };
  if (timeline.error !== null) return <Failure error={timeline.error} />;
  if (times === null) return <div class="view" aria-busy="true" />;
  if (times.count.every((each) => each === 0)) {
    return (
      <div class="empty">
        <p>There are no transactions to draw.</p>
        {Object.keys(chosen).length > 0 && <ShowAll navigate={navigate} />}
      </div>
    );
  }
  return (
    <div class="scroll pad charts">
      <div class="toolbar">
        <p class="muted grow">
          {`${count(total)} transactions · ${clockOf(times.start)} to ` +
            `${clockOf(times.start + times.interval * times.length)} UTC · ` +
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
      {stats.data !== null && (
        <ResponseTimes
          times={times}
          all={stats.data.total.response_time_us}
          single={single}
          zoom={zoom}
          open={(row) => navigate({ view: "transactions", transaction: row.transaction })}
        />
      )}
      <div class="pair">
        <Rates
          times={times}
          zoom={zoom}
          title="Transactions per second"
          label="Transactions and errors per second over time"
          rates={[
            { name: "all", counts: times.count, color: 1 },
            { name: "errors", counts: times.errors, color: 2 },
          ]}
          draw={bars}
          format={(value) => `${count(Math.round(value))} a second`}
          valueAxis={axis}
        />
        <Rates
          times={times}
          zoom={zoom}
          title="Bytes per second"
          label="Bytes of requests and responses per second over time"
          rates={[
            { name: "requests", counts: times.request_bytes, color: 1 },
            { name: "responses", counts: times.response_bytes, color: 3 },
          ]}
          draw={line}
          format={(value) => `${bytes(Math.round(value))} a second`}
          valueAxis={bytesAxis}
        />
      </div>
      <TimeParts times={times} zoom={zoom} />
      {stats.data !== null && (
        <CommandTable stats={stats.data} filter={state.filter} navigate={navigate} />
      )}
    </div>
  );
}

type Zoom = (from: number, to: number) => void;

function ResponseTimes({ times, all, single, zoom, open }: {
  readonly times: Series;
  /** Of all transactions; null where no response was paired. */
  readonly all: Stats["total"]["response_time_us"];
  readonly single: readonly TransactionRow[];
  readonly zoom: Zoom;
  readonly open: (row: TransactionRow) => void;
}) {
  const scattered = useMemo(() => scatterData(single), [single]);
  const data = useMemo<uPlot.AlignedData>(() => {
    const x = bucketMiddles(times);
    const [p50, p99] = [millis(times.p50), millis(times.p99)];
    if (scattered.rows.length === 0) return [x, millis(times.max), p50, p99];
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
  if (all === null) {
    return (
      <section class="card">
        <header>
          <h2>Response time</h2>
        </header>
        <p class="muted">No response was paired with its request.</p>
      </section>
    );
  }
  const [p50, p99, max] = [micros(all.p50), micros(all.p99), micros(all.max)];
  return (
    <section class="card">
      <header>
        <h2>Response time</h2>
        <Legend
          items={[
            { mark: "series-1", name: "p50", value: p50 },
            { mark: "series-2", name: "p99", value: p99 },
            {
              mark: "series-3",
              name: single.length > 0 ? "each, longest" : "longest",
              value: max,
            },
          ]}
        />
      </header>
      <Chart
        label={`Response times over time: p50 ${p50}, p99 ${p99}, longest ${max}`}
        height={240}
        data={data}
        onZoom={zoom}
        onPick={pick}
        options={() => ({
          ...TIME,
          scales: { x: { time: true }, y: { distr: 3 } },
          axes: [timeAxis(), millisAxis()],
          series: [
            TIMES,
            points(single.length > 0 ? "each" : "longest", 3, ofMillis),
            line("p50", 1, ofMillis),
            line("p99", 2, ofMillis),
          ],
        })}
      />
    </section>
  );
}

/** One line or row of bars of a chart of rates. */
interface Rate {
  readonly name: string;
  /** Counts per bucket. */
  readonly counts: number[];
  readonly color: SeriesColor;
}

/** What happened per second, over time. */
function Rates({ times, zoom, title, label, rates, draw, format, valueAxis }: {
  readonly times: Series;
  readonly zoom: Zoom;
  readonly title: string;
  readonly label: string;
  readonly rates: readonly Rate[];
  readonly draw: (name: string, color: SeriesColor, format: Format) => uPlot.Series;
  readonly format: Format;
  readonly valueAxis: () => uPlot.Axis;
}) {
  const data = useMemo<uPlot.AlignedData>(() => [
    bucketMiddles(times),
    ...rates.map(({ counts }) =>
      // Where nothing was captured there is nothing to draw.
      counts.map((value, i) => times.count[i] === 0 ? null : value / times.interval)
    ),
  ], [times]);
  return (
    <section class="card">
      <header>
        <h2>{title}</h2>
        <Legend
          items={rates.map(({ name, color }) => ({ mark: `series-${color}`, name }))}
        />
      </header>
      <Chart
        label={label}
        height={180}
        data={data}
        onZoom={zoom}
        options={() => ({
          ...TIME,
          scales: FROM_ZERO,
          axes: [timeAxis(), valueAxis()],
          series: [TIMES, ...rates.map(({ name, color }) => draw(name, color, format))],
        })}
      />
    </section>
  );
}

/** Milliseconds that a logarithmic axis can show. */
function millis(values: readonly (number | null)[]): (number | null)[] {
  return values.map((value) => value === null || value <= 0 ? null : value / 1000);
}

function ofMillis(value: number): string {
  return micros(value * 1000);
}

function round(seconds: number): number {
  return Math.max(0, Number(seconds.toFixed(6)));
}
