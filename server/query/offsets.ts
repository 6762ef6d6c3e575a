import type { Transaction } from "../../core/dissect/transaction.ts";
import {
  Offsets,
  type OffsetsRecord,
  offsetsRecord,
  Traffic,
} from "../../core/stats/mod.ts";
import { eachChosen } from "./aggregate.ts";
import type { Breath } from "./limiter.ts";
import type { Selection } from "./selection.ts";

/** How far consumers are, as the transactions chosen tell it. */
export async function offsetsOf(
  selection: Selection,
  transactionOf: (n: number) => Transaction,
  breath: Breath,
): Promise<OffsetsRecord> {
  const offsets = new Offsets();
  await eachChosen(selection, transactionOf, breath, (transaction) => {
    offsets.add(transaction, new Traffic(transaction));
  });
  return offsetsRecord(offsets);
}
