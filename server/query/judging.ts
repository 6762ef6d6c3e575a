import { Anonymizer, type Spill, StandIns } from "../../core/anonymize/mod.ts";
import { pcapngWrite, rewriting } from "../../core/anonymize/rewrite.ts";
import { captureSteps } from "../../core/capture/mod.ts";
import {
  alignOutlines,
  Differences,
  leavesOf,
  Outline,
  type Outlined,
} from "../../core/compare/mod.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { ProblemError } from "../problem.ts";
import type { Comparison } from "../schemas/judging.ts";
import type { Breath } from "./limiter.ts";

/** Pairs and single transactions that are listed. */
const MAX_LISTED = 200;
/** Bytes that may wait in memory while a capture becomes anonymous. */
const MAX_SPILLED = 256 * 1024 * 1024;
const COMPARED = { also: [], ignore: [] };

/** The transactions of a capture by number. */
export interface Numbered {
  readonly count: number;
  transaction(n: number): Transaction;
}

/** Compares two captures; takes breath on the way. */
export async function compare(
  a: Numbered,
  b: Numbered,
  breath: Breath,
): Promise<Comparison> {
  const outline = async (side: Numbered) => {
    const made = new Outline(COMPARED);
    for (let n = 0; n < side.count; n++) {
      made.add(side.transaction(n));
      if (breath.due) await breath.take();
    }
    return made;
  };
  const { pairs, onlyA, onlyB } = alignOutlines(await outline(a), await outline(b));
  const differing = pairs.filter(([left, right]) => left.content !== right.content);
  const differences = new Differences();
  for (const [i, [left, right]] of differing.entries()) {
    differences.keep(i, leavesOf(a.transaction(left.number), COMPARED));
    const leaves = leavesOf(b.transaction(right.number), COMPARED);
    differences.compare(i, right.name, [left.number, right.number], leaves);
    if (breath.due) await breath.take();
  }
  return {
    pairs: pairs.length,
    different: differing.length,
    fields: differences.list.map(({ inA, inB, ...field }) => ({
      ...field,
      transactions: [inA, inB],
    })),
    different_pairs: differing.slice(0, MAX_LISTED)
      .map(([left, right]) => ({ a: sideOf(left), b: sideOf(right) })),
    only_a: onlyA.slice(0, MAX_LISTED).map(sideOf),
    only_b: onlyB.slice(0, MAX_LISTED).map(sideOf),
  };
}

function sideOf(
  { number, name, status, requestLength, responseLength, responseTimeUs }: Outlined,
) {
  return {
    transaction: number,
    command: name,
    status,
    request_length: requestLength,
    response_length: responseLength,
    response_time_us: responseTimeUs,
  };
}

/** Bytes in memory, as many as the server spares for one capture. */
class MemorySpill implements Spill {
  readonly #parts: Uint8Array[] = [];
  readonly #ends: number[] = [];
  #length = 0;

  write(bytes: Uint8Array): number {
    const place = this.#length;
    this.#length += bytes.length;
    if (this.#length > MAX_SPILLED) {
      throw new ProblemError(
        413,
        "This capture is too large to become anonymous here: `iggyscope anonymize` does it.",
      );
    }
    this.#parts.push(bytes);
    this.#ends.push(this.#length);
    return place;
  }

  /** Parts are read as they were written: never across two of them. */
  read(place: number, length: number): Uint8Array {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = low + high >> 1;
      if (this.#ends[middle]! <= place) low = middle + 1;
      else high = middle;
    }
    const part = this.#parts[low]!;
    const at = place - (this.#ends[low]! - part.length);
    return part.subarray(at, at + length);
  }
}

/** A stored capture as pcapng without names, payloads, secrets and addresses. */
export async function* anonymousPcapng(
  path: string,
  registry: Registry,
): AsyncGenerator<Uint8Array, void> {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const anonymizer = new Anonymizer(new StandIns(key), new MemorySpill());
  const pipeline = new Pipeline(registry, (found) => anonymizer.add(found), {
    carrier: anonymizer.carrier,
    analysis: false,
  });
  const first = captureSteps([path], (packet) => pipeline.push(packet), () => {});
  for await (const _ of first) {
    // Reading is all.
  }
  pipeline.end();
  anonymizer.rewind();
  let ready: Uint8Array[] = [];
  const take = rewriting(anonymizer, pcapngWrite((bytes) => ready.push(bytes)));
  for await (const _ of captureSteps([path], take, () => {})) {
    yield* ready;
    ready = [];
  }
  yield* ready;
}
