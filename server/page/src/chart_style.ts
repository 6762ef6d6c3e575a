/**
 * How all charts look.
 *
 * @module
 */
import uPlot from "uplot";
import { bytes, clockOf, micros } from "./format.ts";
import { colorOf } from "./theme.ts";

/** Time along x, in UTC as everywhere; a drag selects and does not zoom by itself. */
export const TIME = {
  tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
  cursor: {
    drag: { setScale: false, x: true, y: false },
    points: { size: 7 },
    // The crosshairs of all charts stand at one time; a range is drawn on one of them.
    sync: {
      key: "time",
      filters: { pub: (type: string) => type !== "mousedown" && type !== "mouseup" },
    },
  },
  padding: [10, 28, 0, 4] as uPlot.Padding,
};

/** Scales of a chart over time whose values begin at 0. */
export const FROM_ZERO: uPlot.Scales = {
  x: { time: true },
  y: { range: (_, __, max) => [0, max * 1.1 || 1] },
};

const FONT = "11px system-ui, sans-serif";

/** An axis with hair lines; `format` writes its values. */
export function axis(format?: Format): uPlot.Axis {
  const grid = { stroke: colorOf("--line"), width: 1 };
  const plain = {
    stroke: colorOf("--muted"),
    font: FONT,
    grid,
    ticks: { ...grid, size: 4 },
  };
  if (format === undefined) return plain;
  const values = (_: uPlot, splits: number[]) =>
    splits.map((value) => value === null ? "" : format(value));
  return { ...plain, size: 68, values };
}

/** Time along x, as in the table. */
export function timeAxis(): uPlot.Axis {
  return {
    ...axis(),
    size: 32,
    space: 84,
    values: (_, splits, __, ___, step) =>
      splits.map((value) => clockOf(value).slice(0, step < 1 ? 12 : step < 60 ? 8 : 5)),
  };
}

/** An axis of bytes, in steps by powers of two as their units are. */
export function bytesAxis(): uPlot.Axis {
  const incrs = Array.from({ length: 40 }, (_, power) => 2 ** power);
  return { ...axis((value) => bytes(value)), incrs };
}

/** An axis of milliseconds by powers of ten. */
export function millisAxis(): uPlot.Axis {
  const made = axis((value) => micros(value * 1000).replace(/\.0+ /, " "));
  const filter = (_: uPlot, splits: number[]) => splits.map(powerOfTen);
  return { ...made, filter, grid: { ...made.grid, filter } };
}

function powerOfTen(value: number): number | null {
  const power = Math.log10(value);
  return Math.abs(power - Math.round(power)) < 1e-6 ? value : null;
}

/** Which of the colours of series something is drawn in. */
export type SeriesColor = 1 | 2 | 3;

/** Writes a value of a series under the pointer. */
export type Format = (value: number) => string;

/** The times along x, as the legend says them. */
export const TIMES: uPlot.Series = { label: "time", value: told(clockOf) };

/** A line, broken where there is nothing; what stands alone is a point. */
export function line(label: string, series: SeriesColor, format: Format): uPlot.Series {
  const color = colorOf(`--series-${series}`);
  return {
    label,
    value: told(format),
    stroke: color,
    width: 1.5,
    spanGaps: false,
    points: { show: true, size: 4, width: 0, fill: color, filter: alone },
  };
}

function told(format: Format) {
  return (_: uPlot, value: number | null) =>
    value === null || value === undefined ? "–" : format(value);
}

/** Places of values without a neighbour, through which no line goes. */
function alone(plot: uPlot, series: number): number[] {
  // Values that are undefined stand at other series' times, and are no gap.
  const known = [...plot.data[series]!].map((value, place) => ({ value, place }))
    .filter(({ value }) => value !== undefined);
  return known.filter(({ value }, i) =>
    value !== null && (known[i - 1]?.value ?? null) === null &&
    (known[i + 1]?.value ?? null) === null
  ).map(({ place }) => place);
}

/** Bars that stand from zero. */
export function bars(label: string, series: SeriesColor, format: Format): uPlot.Series {
  const color = colorOf(`--series-${series}`);
  return {
    label,
    value: told(format),
    stroke: color,
    fill: color,
    width: 0,
    paths: uPlot.paths.bars?.({ size: [0.9, 40, 1] }),
    points: { show: false },
  };
}

/** Bars upon others, in a colour of the style; `values` are theirs alone. */
export function stacked(
  label: string,
  colorName: string,
  values: readonly (number | null)[],
  format: Format,
): uPlot.Series {
  const color = colorOf(colorName);
  return {
    ...bars(label, 1, format),
    stroke: color,
    fill: color,
    value: (_, __, ___, place) =>
      told(format)(_, place === null ? null : values[place] ?? null),
  };
}

/** Steps from value to value, in a colour of the style. */
export function steps(label: string, colorName: string, format: Format): uPlot.Series {
  return {
    ...line(label, 1, format),
    stroke: colorOf(colorName),
    paths: uPlot.paths.stepped?.({ align: -1 }),
    points: { show: false },
  };
}

/** Points alone. */
export function points(label: string, series: SeriesColor, format: Format): uPlot.Series {
  const color = colorOf(`--series-${series}`);
  return {
    label,
    value: told(format),
    stroke: color,
    paths: () => null,
    points: { show: true, size: 3.5, width: 0, fill: color },
  };
}
