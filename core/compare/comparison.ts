import type { Transaction } from "../dissect/transaction.ts";
import { Differences, type FieldDifference } from "./differences.ts";
import type { Compared } from "./leaves.ts";
import { type AlignedSink, Lockstep, type Side } from "./lockstep.ts";
import { Median } from "./median.ts";
import { type Outlined, Outliner } from "./outline.ts";
import { isCompared, partnersOf, type Tally } from "./tally.ts";

/** Pairs that differ, and transactions without a counterpart, that are listed of each side. */
const MAX_LISTED = 10_000;

/** What a figure of a command's pairs is on both sides. */
type Medians = readonly [a: Median, b: Median];

/** The pairs of a command. */
export interface PairedCommand {
  pairs: number;
  readonly requestLength: Medians;
  readonly responseLength: Medians;
  readonly responseTimeUs: Medians;
}

/** What only one side has. */
export interface Alone {
  count: number;
  /** The first of them. */
  readonly first: Outlined[];
  readonly byCommand: Map<string, number>;
}

/**
 * Compares two captures in three readings of each: a {@link Tally} first, then both at once with
 * {@link Comparison.add}, as {@link Comparison.turn} asks for them, and last the few transactions
 * of which values are shown. What it keeps does not grow with the captures.
 */
export class Comparison {
  pairs = 0;
  differing = 0;
  /** The first pairs that differ. */
  readonly different: (readonly [a: Outlined, b: Outlined])[] = [];
  readonly alone: readonly [a: Alone, b: Alone] = [nobody(), nobody()];
  readonly commands = new Map<string, PairedCommand>();
  readonly #lockstep: Lockstep;
  readonly #outliner: Outliner;
  readonly #differences: Differences;

  constructor(a: Tally, b: Tally, compared: Compared) {
    this.#outliner = new Outliner(compared);
    this.#differences = new Differences(this.#outliner, compared);
    const sink: AlignedSink = {
      pair: (a, b) => this.#pair(a, b),
      alone: (side, alone) => this.#alone(side, alone),
    };
    this.#lockstep = new Lockstep(partnersOf(a, b), sink);
  }

  /** The side to be read on. */
  get turn(): Side {
    return this.#lockstep.turn;
  }

  /** Takes the next transaction of a side; it is not kept. */
  add(side: Side, transaction: Transaction): void {
    if (!isCompared(transaction)) return;
    const { id } = transaction.conversation;
    this.#lockstep.add(side, id, () => this.#outliner.outline(transaction));
  }

  /** Says that a side was read to its end. */
  end(side: Side): void {
    this.#lockstep.end(side);
  }

  /** Whether both have to be read once more, since their order differs too much. */
  again(): boolean {
    return this.#lockstep.again();
  }

  /** The transactions of a side whose values are to be read. */
  wanted(side: Side): Set<number> {
    return this.#differences.wanted(side);
  }

  /** Takes a wanted transaction: those of the first side before the second's. */
  read(side: Side, transaction: Transaction): void {
    this.#differences.read(side, transaction);
  }

  /** Fields that differ. */
  get fields(): readonly FieldDifference[] {
    return this.#differences.list;
  }

  #pair(a: Outlined, b: Outlined): void {
    this.pairs++;
    let command = this.commands.get(a.name);
    if (command === undefined) this.commands.set(a.name, command = nothing());
    command.pairs++;
    for (const [side, of] of [[0, a], [1, b]] as const) {
      command.requestLength[side].add(of.requestLength);
      command.responseLength[side].add(of.responseLength);
      if (of.responseTimeUs !== null) command.responseTimeUs[side].add(of.responseTimeUs);
    }
    if (!this.#differences.add(a, b)) return;
    if (this.differing++ < MAX_LISTED) this.different.push([a, b]);
  }

  #alone(side: Side, outlined: Outlined): void {
    const { first, byCommand } = this.alone[side];
    if (this.alone[side].count++ < MAX_LISTED) first.push(outlined);
    byCommand.set(outlined.name, (byCommand.get(outlined.name) ?? 0) + 1);
  }
}

function nothing(): PairedCommand {
  const medians = (): Medians => [new Median(), new Median()];
  return {
    pairs: 0,
    requestLength: medians(),
    responseLength: medians(),
    responseTimeUs: medians(),
  };
}

function nobody(): Alone {
  return { count: 0, first: [], byCommand: new Map() };
}
