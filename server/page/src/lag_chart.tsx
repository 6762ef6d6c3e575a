import type uPlot from "uplot";
import type { Consumers as Answer } from "../../api.ts";
import { useMemo } from "preact/hooks";
import { Chart } from "./chart.tsx";
import { axis, FROM_ZERO, steps, TIME, timeAxis, TIMES } from "./chart_style.ts";
import { count, visible } from "./format.ts";
import { secondsOf } from "./series.ts";

/** Lines of the chart, each with a colour of its own. */
const MAX_LINES = 6;

/** How far behind consumers and groups were over time: those that were furthest. */
export function LagChart({ offsets, lag_times }: Pick<Answer, "offsets" | "lag_times">) {
  const lines = useMemo(() => {
    const known = offsets.flatMap(({ consumer, partition, lags }) => {
      if (lags === null) return [];
      const values = lags.map((lag) => lag === null ? null : Number(lag));
      const most = values.reduce<number>((most, lag) => Math.max(most, lag ?? 0), -1);
      // The consumer is told within its topic, which the partition names.
      const topic = partition.slice(0, Math.max(0, partition.lastIndexOf("/")));
      const who = consumer.startsWith(`${topic} `)
        ? consumer.slice(topic.length + 1)
        : consumer;
      const name = visible(`${partition} ${who}`);
      return values.some((lag) => lag !== null) ? [{ name, values, most }] : [];
    });
    return known.sort((a, b) => b.most - a.most).slice(0, MAX_LINES);
  }, [offsets]);
  const data = useMemo<uPlot.AlignedData>(
    () => [lag_times.map(secondsOf), ...lines.map(({ values }) => values)],
    [lag_times, lines],
  );
  if (lines.length === 0 || lag_times.length < 2) return null;
  const said = lines.map(({ name, most }) => `${name} at most ${count(most)}`);
  return (
    <section class="card">
      <header>
        <h2>Lag over time</h2>
      </header>
      <Chart
        key={lines.map(({ name }) => name).join("\n")}
        label={`Messages behind over time: ${said.join(", ")}`}
        height={200}
        data={data}
        options={() => ({
          ...TIME,
          scales: FROM_ZERO,
          axes: [timeAxis(), axis((lag) => count(lag))],
          series: [
            TIMES,
            ...lines.map(({ name }, i) => steps(name, `--course-${i + 1}`, messages)),
          ],
        })}
      />
    </section>
  );
}

function messages(lag: number): string {
  return `${count(lag)} behind`;
}
