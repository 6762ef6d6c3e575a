import uPlot from "uplot";
import { useEffect, useRef, useState } from "preact/hooks";
import { THEME_EVENT } from "./theme.ts";

/** What {@link Chart} draws. */
export interface ChartProps {
  /** What it shows, in words: a canvas says nothing to a screen reader. */
  readonly label: string;
  readonly height: number;
  readonly data: uPlot.AlignedData;
  /** Made anew when colours change. */
  readonly options: () => Omit<uPlot.Options, "width" | "height">;
  /** A range of x was dragged. */
  readonly onZoom?: (from: number, to: number) => void;
  /** The chart was clicked at a point's index. */
  readonly onPick?: (index: number) => void;
}

/** A chart that fills the width it has. */
export function Chart({ label, height, data, options, onZoom, onPick }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const zoom = useRef(onZoom);
  const pick = useRef(onPick);
  zoom.current = onZoom;
  pick.current = onPick;
  const [colours, recolour] = useState(0);

  useEffect(() => {
    const change = () => recolour((times) => times + 1);
    const system = matchMedia("(prefers-color-scheme: dark)");
    addEventListener(THEME_EVENT, change);
    system.addEventListener("change", change);
    return () => {
      removeEventListener(THEME_EVENT, change);
      system.removeEventListener("change", change);
    };
  }, []);

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const drawn = plot.current = new uPlot(
      {
        ...options(),
        width: Math.max(200, element.clientWidth),
        height,
        hooks: { setSelect: [zoomed] },
      },
      data,
      element,
    );
    drawn.over.addEventListener("click", () => {
      if (typeof drawn.cursor.idx === "number") pick.current?.(drawn.cursor.idx);
    });
    const observer = new ResizeObserver(() =>
      drawn.setSize({ width: Math.max(200, element.clientWidth), height })
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
    };
  }, [colours]);
  useEffect(() => plot.current?.setData(data), [data]);

  function zoomed(drawn: uPlot) {
    const { left, width } = drawn.select;
    if (width < 4) return;
    const [from, to] = [drawn.posToVal(left, "x"), drawn.posToVal(left + width, "x")];
    drawn.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    zoom.current?.(from, to);
  }
  return <div class="chart" role="img" aria-label={label} ref={place} />;
}
