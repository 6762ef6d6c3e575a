import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { RefusedError } from "./client.ts";
import { Detail } from "./detail.tsx";
import { progressOf } from "./format.ts";
import { CaptureRows } from "./row_source.ts";
import { ShowAll } from "./show_all.tsx";
import { DetailPane } from "./split.tsx";
import { type Sorting, TransactionTable } from "./table.tsx";
import { bothFilters, type Navigate, type PageState, selection } from "./url_state.ts";
import { Failure } from "./use_load.tsx";

/** How many rows there are: transactions, and remarks that are none. */
export interface RowCount {
  readonly transactions: number;
  readonly remarks: number;
}

/** What {@link Transactions} shows and tells. */
export interface TransactionsProps {
  readonly capture: string;
  /** Whether more of it is still to come. */
  readonly isGrowing: boolean;
  readonly state: PageState;
  readonly navigate: Navigate;
  /** What there is with the filter; null while that is not known. */
  readonly onTotal: (total: RowCount | null) => void;
}

/** The table of transactions, and the selected one below it. */
export function Transactions(props: TransactionsProps) {
  const { capture, isGrowing, state, navigate, onTotal } = props;
  const [, redraw] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const [active, setActive] = useState<number | null>(null);
  /** The row whose transaction is to be shown once it has come, and whether by Enter. */
  const awaited = useRef<{ readonly index: number; readonly isEntered: boolean }>(null);
  const [entered, enter] = useState<number | null>(null);
  const [sorting, sort] = useState<Sorting | null>(null);
  const order = sorting === null
    ? {}
    : { sort: `${sorting.descending ? "-" : ""}${sorting.by}` };
  const chosen = JSON.stringify({ ...selection(state), ...order });
  const source = useMemo(() =>
    new CaptureRows(capture, JSON.parse(chosen), (reason) => {
      setError(reason);
      redraw((times) => times + 1);
    }), [capture, chosen]);

  useEffect(() => {
    setActive(null);
    setError(null);
    awaited.current = null;
    onTotal(null);
    return () => source.close();
  }, [source]);
  useEffect(() => {
    const { isReady, total, remarks } = source;
    if (isReady) onTotal({ transactions: total - remarks, remarks });
  }, [source, source.isReady, source.total, source.remarks]);
  useEffect(() => {
    if (!isGrowing) return;
    const timer = setInterval(() => source.refresh(), 1000);
    return () => {
      clearInterval(timer);
      source.refresh();
    };
  }, [source, isGrowing]);
  // A link names the transaction, not its row.
  useEffect(() => {
    const { transaction } = state;
    if (transaction === null || !source.isReady) return;
    if (active !== null && source.row(active)?.transaction === transaction) return;
    if (awaited.current !== null) return;
    source.locate(transaction).then(setActive, setError);
  }, [source, source.isReady, state.transaction]);

  const show = (index: number, isEntered: boolean) => {
    const row = source.row(index);
    awaited.current = row === undefined ? { index, isEntered } : null;
    if (row === undefined) return;
    navigate({ transaction: row.transaction }, true);
    enter(isEntered ? row.transaction : null);
  };
  useEffect(() => {
    if (awaited.current === null || !source.row(awaited.current.index)) return;
    show(awaited.current.index, awaited.current.isEntered);
  });
  const onMove = (index: number, open: boolean) => {
    setActive(index);
    if (open || state.transaction !== null) show(index, false);
  };
  const focusGrid = () =>
    document.querySelector<HTMLElement>(".grid")?.focus({ preventScroll: true });
  const close = () => {
    awaited.current = null;
    enter(null);
    navigate({ transaction: null }, true);
    focusGrid();
  };
  const isEmpty = source.isReady && source.isComplete && source.total === 0;
  // The filter box says what is wrong with a filter, at its place.
  const isFilter = error instanceof RefusedError && error.problem.offset !== undefined;
  return (
    <div class="view">
      {error !== null && !isFilter && <Failure error={error} />}
      {!source.isComplete && (
        <div class="searching">
          <progress aria-label="Searching" value={source.part} max={1} />
          {`searching, ${progressOf(source.part, 1)}`}
        </div>
      )}
      {isEmpty && <Nothing state={state} navigate={navigate} isGrowing={isGrowing} />}
      {!isEmpty && (
        <TransactionTable
          label="Transactions"
          source={source}
          active={active}
          sorting={sorting}
          // Of a capture that still comes in, the order would change as it is read.
          onSort={isGrowing ? undefined : sort}
          onMove={onMove}
          onEnter={(index) => show(index, true)}
          onClose={close}
        />
      )}
      {state.transaction !== null && (
        <DetailPane onEscape={close}>
          <Detail
            path={`captures/${capture}/transactions/${state.transaction}`}
            entered={entered}
            onEntered={() => enter(null)}
            onClose={close}
            onFilter={(part) => navigate({ filter: bothFilters(state.filter, part) })}
            onConversation={(conversation) =>
              navigate({ view: "conversations", conversation })}
          />
        </DetailPane>
      )}
    </div>
  );
}

/** Why the table is empty, and how to fill it. */
function Nothing({ state, navigate, isGrowing }: {
  readonly state: PageState;
  readonly navigate: Navigate;
  readonly isGrowing: boolean;
}) {
  const hasTimes = state.from !== null || state.to !== null;
  if (state.filter === "" && !hasTimes) {
    if (isGrowing) return <p class="empty">Nothing came yet.</p>;
    return (
      <div class="empty">
        <p>No Iggy traffic was found in this capture.</p>
        <button type="button" onClick={() => navigate({ view: "conversations" })}>
          Show its conversations
        </button>
      </div>
    );
  }
  return (
    <div class="empty">
      <p>No transaction passes the filter{hasTimes ? " in this range of time" : ""}.</p>
      <ShowAll navigate={navigate} />
    </div>
  );
}
