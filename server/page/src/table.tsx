import type { TransactionRow } from "../../api.ts";
import { useEffect, useRef } from "preact/hooks";
import { areaOf, bytes, clock, count, micros, visible } from "./format.ts";
import type { RowSource } from "./row_source.ts";
import { useRows } from "./use_rows.ts";

const ROW_HEIGHT = 26;
const HEAD_HEIGHT = 27;
const COLUMNS = [
  "No.",
  "Time",
  "Client",
  "Took",
  "Command",
  "Arguments",
  "Answer",
  "Bytes",
];
/** Response times between which the bars grow, in µs; a tenfold time is a step as long. */
const [SHORTEST, LONGEST] = [10, 10_000_000];
/** Columns of numbers, which stand at the right. */
const NUMBERS = new Set(["No.", "Took", "Bytes"]);

/** What {@link TransactionTable} shows and tells. */
export interface TableProps {
  readonly label: string;
  readonly source: RowSource;
  /** The row with the cursor, or null. */
  readonly active: number | null;
  /** The row that follows as rows come, in live mode. */
  readonly follow?: number | null;
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
    const at = active ?? -1;
    const last = source.total - 1;
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + rows.page,
      PageUp: at - rows.page,
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

  const shown = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
  const isShown = active !== null && active >= first && active < end;
  return (
    <div
      class="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={source.total + 1}
      aria-colcount={COLUMNS.length}
      aria-activedescendant={isShown ? `row-${active}` : undefined}
      tabIndex={0}
      ref={scroller}
      onKeyDown={onKeyDown}
      onScroll={rows.onScroll}
      onWheel={props.onScroll}
      onPointerDown={props.onScroll}
    >
      <div class="head" role="rowgroup">
        <div class="row" role="row" aria-rowindex={1}>
          {COLUMNS.map((name) => (
            <div key={name} role="columnheader" class={NUMBERS.has(name) ? "right" : ""}>
              {name}
            </div>
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
            top={rows.window.top(index)}
            isActive={index === active}
            onClick={() => onMove(index, true)}
          />
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  readonly index: number;
  readonly row: TransactionRow | undefined;
  readonly top: number;
  readonly isActive: boolean;
  readonly onClick: () => void;
}

function Row({ index, row, top, isActive, onClick }: RowProps) {
  const classes = ["row", row === undefined && "coming", row?.error && "failed"];
  return (
    <div
      id={`row-${index}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isActive}
      class={classes.filter(Boolean).join(" ")}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onClick}
    >
      {row === undefined ? <div role="gridcell">…</div> : <Cells row={row} />}
    </div>
  );
}

function Cells({ row }: { readonly row: TransactionRow }) {
  const { transaction, time, response_time_us } = row;
  return (
    <>
      <div role="gridcell" class="right muted">{count(transaction)}</div>
      <div role="gridcell" title={time ?? ""}>{clock(time)}</div>
      <div
        role="gridcell"
        class="client muted"
        title={`conversation ${row.conversation}: ${visible(row.client)} to ${
          visible(row.server)
        }`}
        style={{ "--hue": hueOf(row.conversation) }}
      >
        {visible(row.client)}
      </div>
      <div
        role="gridcell"
        class="right took"
        style={{ "--part": `${lengthOf(response_time_us) * 100}%` }}
      >
        {micros(response_time_us)}
      </div>
      {row.packet === null
        ? (
          <div role="gridcell" class="wide" aria-colspan={4}>
            <Finding row={row} />
          </div>
        )
        : <Said row={row} />}
    </>
  );
}

/** What was asked and what came back. */
function Said({ row }: { readonly row: TransactionRow }) {
  const { command, code, summary } = row;
  const size = (row.request_length ?? 0) + (row.response_length ?? 0);
  const name = command ?? (code === null ? "–" : `unknown code ${code}`);
  return (
    <>
      <div role="gridcell" class={`command ${areaOf(command)}`}>{visible(name)}</div>
      <div role="gridcell" class="muted">{visible(summary.request)}</div>
      <div role="gridcell" class={answerClass(row)}>
        {visible(summary.response)}
        {row.finding !== null && <Finding row={row} />}
      </div>
      <div role="gridcell" class="right muted">{bytes(size)}</div>
    </>
  );
}

/** The worst that was found, in words, and how much more there is. */
function Finding({ row: { issues, severity, finding } }: {
  readonly row: TransactionRow;
}) {
  const grave = severity === "error" || severity === "warn";
  const text = visible(finding ?? "");
  const more = issues > 1 ? ` (and ${count(issues - 1)} more)` : "";
  return <span class={grave ? "odd" : "muted"} title={text}>{` ⚠ ${text}${more}`}</span>;
}

/** The colour of a conversation: neighbours are far apart, and it is always the same one. */
function hueOf(conversation: number): string {
  return String(Math.round(conversation * 137.508) % 360);
}

/** Part of the bar that a response time fills, on a scale of tenfold steps. */
function lengthOf(time: number | null): number {
  if (time === null || time <= SHORTEST) return 0;
  return Math.min(1, Math.log(time / SHORTEST) / Math.log(LONGEST / SHORTEST));
}

function answerClass({ error, status }: TransactionRow): string {
  if (error) return "bad";
  return status === 0 ? "good" : "odd";
}
