import type { Transaction } from "../../core/dissect/transaction.ts";
import {
  Offsets,
  type OffsetsRecord,
  offsetsRecord,
  Traffic,
} from "../../core/stats/mod.ts";
import type { Breath } from "./limiter.ts";
import type { Selection } from "./selection.ts";

/** How far consumers are, as the transactions chosen tell it. */
export async function offsetsOf(
  selection: Selection,
  transactionOf: (n: number) => Transaction,
  breath: Breath,
): Promise<OffsetsRecord> {
  const offsets = new Offsets();
  for (let place = 0; place < selection.total; place++) {
    const transaction = transactionOf(selection.at(place));
    offsets.add(transaction, new Traffic(transaction));
    if (breath.due) await breath.take();
  }
  return offsetsRecord(offsets);
}
