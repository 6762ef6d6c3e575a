import type { RowPage, TransactionRow } from "../../api.ts";
import { useEffect, useState } from "preact/hooks";
import { load } from "./client.ts";

/** All transactions of a selection, when they are few enough to draw each. */
export function useScatter(
  path: string,
  chosen: Readonly<Record<string, string>>,
  total: number,
): readonly TransactionRow[] {
  const [rows, set] = useState<readonly TransactionRow[]>([]);
  const key = `${path} ${JSON.stringify(chosen)} ${total}`;
  useEffect(() => {
    set([]);
    const abort = new AbortController();
    const all: TransactionRow[] = [];
    const fetchAll = async () => {
      while (all.length < total) {
        const { items } = await load<RowPage>(
          `${path}/transactions`,
          { view: "row", offset: String(all.length), limit: 500, ...chosen },
          abort.signal,
        );
        if (items.length === 0) break;
        all.push(...items);
      }
      set(all);
    };
    if (total > 0) fetchAll().catch(() => {}); // the quantiles are drawn all the same
    return () => abort.abort();
  }, [key]);
  return rows;
}

/** Points in order of time, each at a time of its own. */
export function scatterData(single: readonly TransactionRow[]) {
  const seconds = ({ time }: TransactionRow) => Date.parse(time ?? "") / 1000;
  const rows = single.filter((row) =>
    row.time !== null && (row.response_time_us ?? 0) > 0
  )
    .sort((a, b) => seconds(a) - seconds(b));
  let last = 0;
  const x = rows.map((row) => last = Math.max(seconds(row), last + 1e-6));
  return { rows, x, y: rows.map((row) => row.response_time_us! / 1000) };
}
