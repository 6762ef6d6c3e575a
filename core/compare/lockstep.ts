import { align } from "./align.ts";
import type { Outlined } from "./outline.ts";
import { Queue } from "./queue.ts";
import type { Partners } from "./tally.ts";

/** The first capture or the second. */
export type Side = 0 | 1;

/** Takes what was aligned: pairs, and what only one side has. */
export interface AlignedSink {
  pair(a: Outlined, b: Outlined): void;
  alone(side: Side, alone: Outlined): void;
}

/** Bounds of what waits for its counterpart. */
export interface LockstepLimits {
  /** Transactions of each side of a conversation that are aligned at once. */
  readonly window: number;
  /** Transactions that wait in all; beyond them conversations are left to another reading. */
  readonly waiting: number;
}

const USUAL: LockstepLimits = { window: 16_384, waiting: 131_072 };

type Both = [a: number, b: number];

/** Two conversations on the way. */
class Meeting {
  /** What waits for its counterpart, of both sides. */
  readonly queues: readonly [Queue<Outlined>, Queue<Outlined>] = [
    new Queue(),
    new Queue(),
  ];
  /** How many are to come. */
  readonly coming: Both;
  /** How many of those are passed over, because an earlier reading aligned them. */
  readonly skip: Both;

  constructor({ transactions: [a, b] }: Partners, [doneA, doneB]: Both) {
    this.coming = [a - doneA, b - doneB];
    this.skip = [doneA, doneB];
  }

  get waiting(): number {
    return this.queues[0].length + this.queues[1].length;
  }

  get isDone(): boolean {
    return this.waiting === 0 && this.coming[0] <= 0 && this.coming[1] <= 0;
  }

  /** Whether enough of a side is there, or nothing more will come. */
  isReady(side: Side, window: number): boolean {
    return this.queues[side].length >= window || this.coming[side] <= 0;
  }
}

/**
 * Aligns two captures while both are read at once, so that only what waits for its counterpart
 * is kept. Equal heads of two conversations are a pair at once; elsewhere as many transactions
 * as a window takes are aligned together. Where conversations stand in so different an order
 * that too much waits, some are left to another reading of both captures.
 */
export class Lockstep {
  readonly #partners: readonly Partners[];
  /** Places in the list of partners by number of conversation. */
  readonly #places: readonly [Map<number, number>, Map<number, number>];
  readonly #sink: AlignedSink;
  readonly #limits: LockstepLimits;
  /** By place; those that are done are gone. */
  readonly #meetings = new Map<number, Meeting>();
  /** What this reading goes on with, and how far it came before; null in the first. */
  #resumed: ReadonlyMap<number, Both> | null = null;
  /** What is left to the next reading, and how far it came. */
  #left = new Map<number, Both>();
  readonly #ended = [false, false];
  readonly #waiting: Both = [0, 0];

  constructor(
    partners: readonly Partners[],
    sink: AlignedSink,
    limits: LockstepLimits = USUAL,
  ) {
    this.#partners = partners;
    this.#sink = sink;
    this.#limits = limits;
    this.#places = [new Map(), new Map()];
    partners.forEach(({ ids }, place) => {
      if (ids[0] !== null) this.#places[0].set(ids[0], place);
      if (ids[1] !== null) this.#places[1].set(ids[1], place);
    });
  }

  /** The side to be read on: that of which less waits. */
  get turn(): Side {
    if (this.#ended[0]) return 1;
    return this.#ended[1] || this.#waiting[0] <= this.#waiting[1] ? 0 : 1;
  }

  /** How many transactions of both sides wait for their counterparts. */
  get waiting(): number {
    return this.#waiting[0] + this.#waiting[1];
  }

  /** Takes the next transaction of a conversation; it is outlined only where it is needed. */
  add(side: Side, conversation: number, outline: () => Outlined): void {
    const place = this.#places[side].get(conversation);
    if (place === undefined || this.#left.has(place)) return;
    const meeting = this.#meetingAt(place);
    if (meeting === undefined) return;
    if (meeting.skip[side] > 0) {
      meeting.skip[side]--;
      return;
    }
    meeting.queues[side].push(outline());
    meeting.coming[side]--;
    this.#waiting[side]++;
    this.#advance(meeting);
    if (meeting.isDone) this.#meetings.delete(place);
    if (this.waiting > this.#limits.waiting) this.#relieve();
  }

  #meetingAt(place: number): Meeting | undefined {
    let meeting = this.#meetings.get(place);
    if (meeting === undefined) {
      const done = this.#resumed === null ? [0, 0] as Both : this.#resumed.get(place);
      if (done === undefined) return undefined;
      this.#meetings.set(place, meeting = new Meeting(this.#partners[place]!, done));
    }
    return meeting;
  }

  /** Says that a side was read to its end. */
  end(side: Side): void {
    this.#ended[side] = true;
    if (!this.#ended[0] || !this.#ended[1]) return;
    // Of a file that changed since it was counted, less may have come.
    for (const meeting of this.#meetings.values()) {
      meeting.coming.fill(0);
      this.#advance(meeting);
    }
    this.#meetings.clear();
  }

  /** Begins another reading of both sides, where something was left to one. */
  again(): boolean {
    if (this.#left.size === 0) return false;
    this.#resumed = this.#left;
    this.#left = new Map();
    this.#ended.fill(false);
    return true;
  }

  /** Takes from the queues what can be aligned. */
  #advance(meeting: Meeting): void {
    const [a, b] = meeting.queues;
    const { window } = this.#limits;
    for (;;) {
      let equal = 0;
      while (
        equal < Math.min(a.length, b.length) &&
        a.at(equal)!.subject === b.at(equal)!.subject
      ) this.#sink.pair(a.at(equal)!, b.at(equal++)!);
      this.#take(meeting, equal, equal);
      const isReady = meeting.isReady(0, window) && meeting.isReady(1, window);
      if (!isReady || meeting.waiting === 0) return;
      this.#align(meeting);
    }
  }

  /** Aligns a window of both queues; the second half of it waits for what follows. */
  #align(meeting: Meeting): void {
    const { window } = this.#limits;
    const [a, b] = [meeting.queues[0].first(window), meeting.queues[1].first(window)];
    const isWhole = (side: Side, part: readonly Outlined[]) =>
      meeting.coming[side] <= 0 && part.length === meeting.queues[side].length;
    const half = isWhole(0, a) && isWhole(1, b) ? Infinity : window / 2;
    const matches = align(
      a.map(({ subject }) => subject),
      b.map(({ subject }) => subject),
      [a.map(({ name }) => name), b.map(({ name }) => name)],
    );
    const certain = matches.filter(([i, j]) => i < half || j < half);
    let [fromA, fromB] = [0, 0];
    for (const [i, j] of certain) {
      this.#alone(0, a, fromA, i);
      this.#alone(1, b, fromB, j);
      this.#sink.pair(a[i]!, b[j]!);
      [fromA, fromB] = [i + 1, j + 1];
    }
    // What has no counterpart in all that follows it here has none.
    const [toA, toB] = [Math.min(half, a.length), Math.min(half, b.length)];
    this.#alone(0, a, fromA, toA);
    this.#alone(1, b, fromB, toB);
    this.#take(meeting, Math.max(fromA, toA), Math.max(fromB, toB));
  }

  #alone(side: Side, list: readonly Outlined[], from: number, to: number): void {
    for (let i = from; i < to; i++) this.#sink.alone(side, list[i]!);
  }

  #take({ queues }: Meeting, a: number, b: number): void {
    queues[0].drop(a);
    queues[1].drop(b);
    this.#waiting[0] -= a;
    this.#waiting[1] -= b;
  }

  /** Leaves the conversations of which the most waits to the next reading. */
  #relieve(): void {
    const largest = [...this.#meetings].sort(([, a], [, b]) => b.waiting - a.waiting);
    // The smallest stays, so that each reading completes one at least.
    for (const [place, meeting] of largest.slice(0, -1)) {
      if (this.waiting <= this.#limits.waiting / 2) return;
      const { transactions } = this.#partners[place]!;
      const done = ([0, 1] as const).map((side) =>
        transactions[side] - meeting.coming[side] - meeting.queues[side].length
      ) as Both;
      this.#left.set(place, done);
      this.#meetings.delete(place);
      this.#take(meeting, meeting.queues[0].length, meeting.queues[1].length);
    }
  }
}
