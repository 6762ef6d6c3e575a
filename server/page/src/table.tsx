import type { TransactionRow } from "../../api.ts";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ColumnMenu } from "./column_menu.tsx";
import {
  type Column,
  Finding,
  shownColumns,
  storeColumns,
  storedColumns,
} from "./columns.tsx";
import { conversationName, visible } from "./format.ts";
import type { RowSource } from "./row_source.ts";
import { useRows } from "./use_rows.ts";

const ROW_HEIGHT = 26;
const HEAD_HEIGHT = 27;
/** Space between columns, and beside the first and the last together, in pixels. */
const GAP = 12, SIDES = 50;
/** Response times between which the bars grow, in µs; a tenfold time is a step as long. */
const [SHORTEST, LONGEST] = [10, 10_000_000];

/** The order of rows: by what, and whether the largest come first. */
export interface Sorting {
  readonly by: string;
  readonly descending: boolean;
}

/** What {@link TransactionTable} shows and tells. */
export interface TableProps {
  readonly label: string;
  readonly source: RowSource;
  /** The row with the cursor, or null. */
  readonly active: number | null;
  /** The row that follows as rows come, in live mode. */
  readonly follow?: number | null;
  readonly sorting?: Sorting | null;
  /** Another order is wanted, null for that of completion; absent: it stays as it is. */
  readonly onSort?: (sorting: Sorting | null) => void;
  /** The cursor moved; by a click, its details are wanted too. */
  readonly onMove: (index: number, open: boolean) => void;
  /** Enter was pressed. */
  readonly onEnter: (index: number) => void;
  /** Escape was pressed. */
  readonly onClose: () => void;
  /** The reader scrolled away by hand. */
  readonly onScroll?: () => void;
}

/** A table of transactions as long as need be; only the rows in view are in the page. */
export function TransactionTable(props: TableProps) {
  const { label, source, active, follow = null, onMove, onEnter, onClose } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRows(scroller, source.total, ROW_HEIGHT, HEAD_HEIGHT);
  const [chosen, choose] = useState(storedColumns);
  const columns = shownColumns(chosen, scroller.current?.clientWidth ?? 1280);
  const { first, end } = rows.window.range;
  useEffect(() => source.want(first, end), [source, first, end]);
  useEffect(() => {
    if (active !== null && active < source.total) rows.reveal(active);
  }, [active, source.total > (active ?? 0), rows.page]);
  useEffect(() => {
    if (follow !== null && follow >= 0) rows.reveal(follow);
  }, [follow, source]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    // Buttons of the head have keys of their own.
    if (event.target instanceof HTMLElement && event.target.closest(".head")) return;
    const at = active ?? -1;
    const last = source.total - 1;
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + rows.page,
      PageUp: at - rows.page,
      " ": event.shiftKey ? at - rows.page : at + rows.page,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (to !== undefined && last >= 0) onMove(Math.max(0, Math.min(to, last)), false);
    else if (event.key === "Enter" && at >= 0) onEnter(at);
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
  };
  useKeysOfPage(scroller, onKeyDown);

  const shown = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
  const isShown = active !== null && active >= first && active < end;
  const least = columns.reduce((sum, column) => sum + column.least + GAP, SIDES - GAP);
  return (
    <div class="table">
      <div
        class="grid"
        role="grid"
        aria-label={label}
        aria-rowcount={source.total + 1}
        aria-colcount={columns.length}
        aria-activedescendant={isShown ? `row-${active}` : undefined}
        tabIndex={0}
        ref={scroller}
        style={{
          "--columns": columns.map(({ width }) => width).join(" "),
          "--least": `${least}px`,
        }}
        onKeyDown={onKeyDown}
        onScroll={rows.onScroll}
        onWheel={props.onScroll}
        onPointerDown={props.onScroll}
      >
        <div class="head" role="rowgroup">
          <div class="row" role="row" aria-rowindex={1}>
            {columns.map((column) => (
              <Head
                key={column.name}
                column={column}
                sorting={props.sorting ?? null}
                onSort={props.onSort}
              />
            ))}
          </div>
        </div>
        <div
          class="rows"
          role={shown.length > 0 ? "rowgroup" : undefined}
          style={{ height: `${rows.window.height}px` }}
        >
          {shown.map((index) => (
            <Row
              key={index}
              index={index}
              row={source.row(index)}
              columns={columns}
              top={rows.window.top(index)}
              isActive={index === active}
              onClick={() => onMove(index, true)}
            />
          ))}
        </div>
      </div>
      <ColumnMenu
        shown={columns.map(({ name }) => name)}
        onChoose={(names) => {
          storeColumns(names);
          choose(names);
        }}
      />
    </div>
  );
}

/** Keys that nothing else on the page has focus for are the table's. */
function useKeysOfPage(
  scroller: { readonly current: HTMLDivElement | null },
  onKeyDown: (event: KeyboardEvent) => void,
): void {
  const handler = useRef(onKeyDown);
  useLayoutEffect(() => {
    handler.current = onKeyDown;
  });
  useEffect(() => {
    const take = (event: KeyboardEvent) => {
      if (event.target !== document.body || event.defaultPrevented) return;
      handler.current(event);
      if (event.defaultPrevented) scroller.current?.focus({ preventScroll: true });
    };
    addEventListener("keydown", take);
    return () => removeEventListener("keydown", take);
  }, []);
}

function Head({ column, sorting, onSort }: {
  readonly column: Column;
  readonly sorting: Sorting | null;
  readonly onSort: TableProps["onSort"];
}) {
  const { name, sort, isRight } = column;
  const isSorted = sort !== undefined && sorting?.by === sort;
  const direction = sorting?.descending ? "descending" : "ascending";
  const next = (): Sorting | null => {
    if (!isSorted) return { by: sort!, descending: isRight === true };
    const first = isRight === true;
    return sorting.descending === first ? { by: sort, descending: !first } : null;
  };
  return (
    <div
      role="columnheader"
      class={isRight ? "right" : ""}
      aria-sort={isSorted ? direction : undefined}
    >
      {sort === undefined || onSort === undefined
        ? name
        : (
          <button type="button" onClick={() => onSort(next())}>
            {name}
            {isSorted && <span aria-hidden="true">{sorting.descending ? "↓" : "↑"}</span>}
          </button>
        )}
    </div>
  );
}

interface RowProps {
  readonly index: number;
  readonly row: TransactionRow | undefined;
  readonly columns: readonly Column[];
  readonly top: number;
  readonly isActive: boolean;
  readonly onClick: () => void;
}

function Row({ index, row, columns, top, isActive, onClick }: RowProps) {
  const classes = ["row", row === undefined && "coming", row?.error && "failed"];
  return (
    <div
      id={`row-${index}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isActive}
      class={classes.filter(Boolean).join(" ")}
      style={{
        transform: `translateY(${top}px)`,
        "--hue": hueOf(row?.conversation ?? 0),
        "--part": `${lengthOf(row?.response_time_us ?? null) * 100}%`,
      }}
      title={row === undefined
        ? undefined
        : `${row.time ?? ""} conversation ${conversationName(row.conversation)}: ${
          visible(row.client)
        } to ${visible(row.server)}`.trim()}
      onClick={onClick}
    >
      {row === undefined
        ? <div role="gridcell">…</div>
        : <Cells row={row} columns={columns} />}
    </div>
  );
}

function Cells({ row, columns }: {
  readonly row: TransactionRow;
  readonly columns: readonly Column[];
}) {
  const isBare = row.packet === null;
  const own = isBare ? columns.filter(({ ofPdu }) => ofPdu !== true) : columns;
  return (
    <>
      {own.map(({ name, isRight, look, cell }) => (
        <div
          key={name}
          role="gridcell"
          class={`${isRight ? "right " : ""}${look?.(row) ?? ""}`}
        >
          {cell(row)}
        </div>
      ))}
      {isBare && own.length < columns.length && (
        <div
          role="gridcell"
          aria-colspan={columns.length - own.length}
          style={{ gridColumn: `${own.length + 1} / -1` }}
        >
          <Finding row={row} />
        </div>
      )}
    </>
  );
}

/** The colour of a conversation: neighbours are far apart, and it is always the same one. */
function hueOf(conversation: number): string {
  return String(((Math.round(conversation * 137.508) % 360) + 360) % 360);
}

/** Part of the bar that a response time fills, on a scale of tenfold steps. */
function lengthOf(time: number | null): number {
  if (time === null || time <= SHORTEST) return 0;
  return Math.min(1, Math.log(time / SHORTEST) / Math.log(LONGEST / SHORTEST));
}
