import { Anonymizer, type Spill, StandIns } from "../../core/anonymize/mod.ts";
import { pcapngWrite, rewriting } from "../../core/anonymize/rewrite.ts";
import { captureSteps } from "../../core/capture/mod.ts";
import { Comparison, type Outlined, type Side, Tally } from "../../core/compare/mod.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { ProblemError } from "../problem.ts";
import type { Comparison as ComparisonRecord } from "../schemas/judging.ts";
import type { Breath } from "./limiter.ts";

/** Pairs and single transactions that are listed. */
const MAX_LISTED = 200;
/** Bytes that may wait in memory while a capture becomes anonymous. */
const MAX_SPILLED = 256 * 1024 * 1024;
const COMPARED = { also: [], ignore: [] };

/** Chosen transactions of a capture. */
export interface Chosen {
  readonly count: number;
  /** The number of the one at a place. */
  at(place: number): number;
  transaction(n: number): Transaction;
}

/** Compares two captures; takes breath on the way. */
export async function compare(
  a: Chosen,
  b: Chosen,
  breath: Breath,
): Promise<ComparisonRecord> {
  const captures = [a, b] as const;
  const tallies = [new Tally(), new Tally()] as const;
  for (const side of [0, 1] as const) {
    const chosen = captures[side];
    for (let place = 0; place < chosen.count; place++) {
      tallies[side].add(chosen.transaction(chosen.at(place)));
      if (breath.due) await breath.take();
    }
  }
  const found = new Comparison(...tallies, COMPARED);
  do await readBoth(captures, found, breath); while (found.again());
  for (const side of [0, 1] as const) {
    for (const n of found.wanted(side)) found.read(side, captures[side].transaction(n));
  }
  return {
    pairs: found.pairs,
    different: found.differing,
    fields: found.fields.map(({ inA, inB, ...field }) => ({
      ...field,
      transactions: [inA, inB],
    })),
    different_pairs: found.different.slice(0, MAX_LISTED)
      .map(([left, right]) => ({ a: sideOf(left), b: sideOf(right) })),
    only_a: found.alone[0].first.slice(0, MAX_LISTED).map(sideOf),
    only_b: found.alone[1].first.slice(0, MAX_LISTED).map(sideOf),
  };
}

/** Gives the comparison all transactions of both captures, those it asks for first. */
async function readBoth(
  captures: readonly [Chosen, Chosen],
  found: Comparison,
  breath: Breath,
): Promise<void> {
  const next: [number, number] = [0, 0];
  const isRead = (side: Side) => next[side] === captures[side].count;
  for (const side of [0, 1] as const) if (isRead(side)) found.end(side);
  while (!isRead(0) || !isRead(1)) {
    const side = found.turn;
    const chosen = captures[side];
    found.add(side, chosen.transaction(chosen.at(next[side]++)));
    if (isRead(side)) found.end(side);
    if (breath.due) await breath.take();
  }
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

/**
 * A stored capture as pcapng without names, payloads, secrets and addresses; of some
 * conversations alone where they are named by number.
 */
export async function* anonymousPcapng(
  path: string,
  registry: Registry,
  conversations: ReadonlyMap<number, unknown> | null,
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
  const write = pcapngWrite((bytes) => ready.push(bytes));
  const take = rewriting(anonymizer, (packet, bytes, conversation) => {
    const isWanted = conversations === null ||
      conversation !== null && conversations.has(conversation);
    if (isWanted) write(packet, bytes, conversation);
  });
  for await (const _ of captureSteps([path], take, () => {})) {
    yield* ready;
    ready = [];
  }
  yield* ready;
}
