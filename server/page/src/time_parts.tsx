import type uPlot from "uplot";
import { useMemo } from "preact/hooks";
import { Chart } from "./chart.tsx";
import { axis, FROM_ZERO, stacked, TIME, timeAxis, TIMES } from "./chart_style.ts";
import { micros } from "./format.ts";
import { Legend } from "./legend.tsx";
import { bucketMiddles, type Series, type TimePart } from "./series.ts";

/** The parts from the bottom up, with their colours, which are those of the detail. */
const PARTS = [
  { part: "server", name: "server", color: "--accent", mark: "part4" },
  { part: "network", name: "network", color: "--area-system", mark: "part3" },
  { part: "lost", name: "lost and sent again", color: "--bad", mark: "part1" },
  { part: "zero_window", name: "window closed", color: "--odd", mark: "part2" },
] as const satisfies readonly { part: TimePart; [key: string]: string }[];

/** Where response times went over time: means of their parts, one upon the other. */
export function TimeParts({ times, zoom }: {
  readonly times: Series;
  readonly zoom: (from: number, to: number) => void;
}) {
  // A part that never was takes no place in the legend.
  const parts = PARTS.filter(({ part }) => times.parts[part].some((us) => us));
  const data = useMemo<uPlot.AlignedData>(() => {
    const sums = times.parts.server.map((us): number | null => us === null ? null : 0);
    const heights = parts.map(({ part }) =>
      times.parts[part].map((us, i) =>
        sums[i] = sums[i] === null ? null : sums[i]! + (us ?? 0)
      )
    );
    // The tallest is drawn first, the others before it.
    return [bucketMiddles(times), ...heights.toReversed()];
  }, [times]);
  if (parts.length === 0) return null;
  return (
    <section class="card">
      <header>
        <h2>Where the time went</h2>
        <Legend items={parts} />
      </header>
      <Chart
        key={parts.map(({ name }) => name).join(" ")}
        label={`Mean response times over time by ${
          parts.map(({ name }) => name).join(", ")
        }`}
        height={180}
        data={data}
        onZoom={zoom}
        options={() => ({
          ...TIME,
          scales: FROM_ZERO,
          axes: [timeAxis(), axis((us) => micros(us))],
          series: [
            TIMES,
            ...parts.toReversed().map(({ part, name, color }) =>
              stacked(name, color, times.parts[part], micros)
            ),
          ],
        })}
      />
    </section>
  );
}
