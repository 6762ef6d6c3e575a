import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { RowWindow } from "./row_window.ts";

/** A scroller of rows of one height, of which only those in view are drawn. */
export interface Rows {
  readonly window: RowWindow;
  /** Goes on the element that scrolls. */
  readonly onScroll: () => void;
  /** Brings a row into view. */
  reveal(row: number): void;
  /** Rows that fit in the view. */
  readonly page: number;
}

/** Draws only the rows in view of a scroller; a head of that height stays above them. */
export function useRows(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
  headHeight = 0,
): Rows {
  const [, redraw] = useState(0);
  const made = useRef<RowWindow>(null);
  const rows = made.current ??= new RowWindow(rowHeight);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const draw = () => redraw((times) => times + 1);
  rows.resize(count, (scroller.current?.clientHeight ?? 600) - headHeight);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => () => clearTimeout(rest.current), []);

  const set = (scrollTop: number) => {
    const element = scroller.current;
    if (element !== null && Math.abs(element.scrollTop - scrollTop) >= 1) {
      element.scrollTop = scrollTop;
    }
  };
  return {
    window: rows,
    page: rows.page,
    onScroll() {
      rows.scrolled(scroller.current?.scrollTop ?? 0);
      clearTimeout(rest.current);
      rest.current = setTimeout(() => set(rows.settle()), 200);
      draw();
    },
    reveal(row) {
      set(rows.reveal(row));
      draw();
    },
  };
}
