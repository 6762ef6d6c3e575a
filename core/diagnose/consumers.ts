import { JoinedTexts } from "../stats/joined_texts.ts";
import type { CaptureFinding, Rule, Seen } from "./finding.ts";
import { Evidence, finding, kept } from "./finding.ts";

/** Reads looked at together to tell whether a consumer gets on. Source: LinkedIn Burrow. */
const WINDOW = 10;
/** A silence is long from so many times the longest pause between reads before it on. */
const LONG_SILENCE = 10;
/** Partitions of a group that are told apart. */
const MAX_PARTITIONS = 1000;
/** Empty polls in a row that make a storm where none of them waits. */
const MIN_EMPTY = 100;
/** A pause from here on is one that the client makes on purpose, in µs. */
export const MAX_BUSY_THINK_US = 10_000;
/** Refused polls in a row that show a consumer without a partition. */
const MIN_REFUSED = 3;

/** Clients as what they read. */
const roles = new JoinedTexts(" as ");

/** One read of a consumer in a partition. */
interface Read {
  readonly at: number;
  readonly position: bigint;
  readonly lag: bigint;
  /** It got all messages that it asked for. */
  readonly full: boolean;
}

interface Follower {
  readonly subject: string;
  readonly reads: Read[];
  readonly evidence: Evidence;
  lastAt: number;
  longestPause: number;
  count: number;
  position: bigint | null;
  early: Evidence;
  /** It left, or deleted its offset: nobody expects it to go on. */
  gone: boolean;
}

/**
 * Consumers by their last {@link WINDOW} reads, as Burrow looks at them: no lag is too large
 * as long as it shrinks.
 */
export class ConsumerRule implements Rule {
  readonly #followers = new Map<string, Follower>();
  /** The newest offset of each partition, and when it grew. */
  readonly #newest = new Map<string, { offset: bigint; at: number }>();
  /** When each group polled last, as often as it has partitions. */
  readonly #groups = new Map<string, { polls: number[]; partitions: Set<string> }>();

  add({ transaction, traffic, at }: Seen): void {
    if (!traffic.isOk) return;
    const { partition, group } = traffic;
    if (group !== null && traffic.does("leave")) this.#leave(group);
    if (partition === null) return;
    this.#grow(partition, traffic.newest, traffic.produced?.messages ?? 0, at);
    const { consumer, place } = traffic;
    if (consumer === null || place === null) return;
    const follower = kept(this.#followers, place, () => ({
      subject: `${partition} ${consumer.slice(consumer.indexOf(" ") + 1)}`,
      reads: [],
      evidence: new Evidence(),
      lastAt: at,
      longestPause: 0,
      count: 0,
      position: null,
      early: new Evidence(),
      gone: false,
    }));
    if (follower === null) return;
    if (group !== null && traffic.isPoll) this.#polled(consumer, partition, at);
    if (traffic.does("forget")) {
      follower.gone = true;
      return;
    }
    const { stores, polled, newest } = traffic;
    if (stores !== null) {
      if (follower.position !== null && stores > follower.position) {
        follower.early.add(transaction);
      }
      return;
    }
    if (!traffic.isPoll || !traffic.follows) return;
    follower.gone = false;
    follower.longestPause = Math.max(follower.longestPause, at - follower.lastAt);
    follower.lastAt = at;
    const position = polled?.last ?? follower.position;
    follower.position = position;
    if (position === null || newest === null) return;
    follower.count++;
    follower.evidence.add(transaction);
    follower.reads.push({
      at,
      position,
      lag: newest > position ? newest - position : 0n,
      full: traffic.consumed?.messages === traffic.wanted,
    });
    if (follower.reads.length > WINDOW) follower.reads.shift();
  }

  #grow(partition: string, newest: bigint | null, sent: number, at: number): void {
    const known = this.#newest.get(partition);
    if (known === undefined) {
      if (newest !== null) kept(this.#newest, partition, () => ({ offset: newest, at }));
    } else if (newest !== null && newest > known.offset) {
      known.offset = newest;
      known.at = at;
    } else if (newest === null && sent > 0) {
      known.offset += BigInt(sent);
      known.at = at;
    }
  }

  #polled(consumer: string, partition: string, at: number): void {
    const group = kept(
      this.#groups,
      consumer,
      () => ({ polls: [], partitions: new Set<string>() }),
    );
    if (group === null) return;
    if (group.partitions.size < MAX_PARTITIONS) group.partitions.add(partition);
    group.polls.push(at);
    if (group.polls.length > group.partitions.size) group.polls.shift();
  }

  #leave(group: string): void {
    const [topic, name] = splitAtLast(group, " ");
    for (const [key, follower] of this.#followers) {
      if (key.endsWith(` ${topic} group ${name}`)) follower.gone = true;
    }
  }

  finish(end: number): CaptureFinding[] {
    return [...this.#followers].flatMap(([key, follower]) => {
      const { subject, early } = follower;
      const found: CaptureFinding[] = [];
      if (early.count > 0) {
        const message = `${early.count} times an offset beyond the last message given`;
        found.push(finding("stored_early", subject, message, early));
      }
      const state = this.#stateOf(key, follower, end);
      return state === null ? found : [...found, state];
    });
  }

  #stopped(
    key: string,
    { subject, lastAt, longestPause, count, evidence }: Follower,
    behind: bigint,
    end: number,
  ): CaptureFinding | null {
    const separator = key.indexOf(" ");
    const newest = this.#newest.get(key.slice(0, separator))!;
    const group = this.#groups.get(key.slice(separator + 1));
    const isRound = group !== undefined && group.polls.length >= group.partitions.size &&
      group.polls[0]! > newest.at;
    const silence = end - lastAt;
    const isSilent = count >= WINDOW && silence > longestPause * LONG_SILENCE;
    if (!isRound && !isSilent) return null;
    const why = isRound
      ? "the group has polled all around since, but not this partition"
      : `silent for ${seconds(silence)} after pauses of at most ${seconds(longestPause)}`;
    const message = `${behind} messages behind; ${why}`;
    return finding("consumer_stopped", subject, message, evidence);
  }

  #stateOf(key: string, follower: Follower, end: number): CaptureFinding | null {
    const { subject, reads, evidence, gone } = follower;
    const last = reads.at(-1);
    if (last === undefined || gone) return null;
    const partition = key.slice(0, key.indexOf(" "));
    const newest = this.#newest.get(partition);
    const behind = newest === undefined ? 0n : newest.offset - last.position;
    if (behind > 0n && newest!.at > last.at) {
      const stopped = this.#stopped(key, follower, behind, end);
      if (stopped !== null) return stopped;
    }
    if (reads.length < WINDOW) return null;
    const [first] = reads as [Read];
    const lags = reads.map(({ lag }) => lag);
    if (lags.some((lag) => lag === 0n)) return null;
    const never = lags.every((lag, i) => i === 0 || lag >= lags[i - 1]!);
    if (!never) return null;
    if (first.position === last.position) {
      const message = `at offset ${last.position} for its last ${WINDOW} reads, ` +
        `${last.lag} messages behind`;
      return finding("consumer_stuck", subject, message, evidence);
    }
    if (reads.every(({ full }) => full)) {
      const message = `its last ${WINDOW} polls were full, and it is still ${last.lag} ` +
        "messages behind";
      return finding("poll_too_small", subject, message, evidence);
    }
    if (last.lag === first.lag) return null;
    const message = `from ${first.lag} to ${last.lag} messages behind over its last ` +
      `${WINDOW} reads`;
    return finding("consumer_lagging", subject, message, evidence);
  }
}

interface Run {
  readonly subject: string;
  evidence: Evidence;
  longest: Evidence;
  startedAt: number;
  longestUs: number;
}

/** Polls that come back empty and are sent again at once. */
export class EmptyPollRule implements Rule {
  readonly #runs = new Map<string, Run>();

  add({ transaction, traffic, at, thinkUs }: Seen): void {
    const { consumed } = traffic;
    if (consumed === null) return;
    const { client } = transaction.conversation;
    const subject = roles.of(client, traffic.consumer ?? "");
    const run = kept(this.#runs, subject, () => ({
      subject,
      evidence: new Evidence(),
      longest: new Evidence(),
      startedAt: at,
      longestUs: 0,
    }));
    if (run === null) return;
    const isBusy = thinkUs !== null && thinkUs < MAX_BUSY_THINK_US;
    if (consumed.messages > 0 || !isBusy) {
      if (run.evidence.count > 0) run.evidence = new Evidence();
      run.startedAt = at;
    }
    if (consumed.messages > 0) return;
    run.evidence.add(transaction);
    if (run.evidence.count <= run.longest.count) return;
    run.longest = run.evidence;
    run.longestUs = at - run.startedAt;
  }

  finish(): CaptureFinding[] {
    return [...this.#runs.values()].filter(({ longest }) => longest.count >= MIN_EMPTY)
      .map(({ subject, longest, longestUs }) =>
        finding(
          "empty_poll_storm",
          subject,
          `${longest.count} empty polls in a row within ${seconds(longestUs)}`,
          longest,
        )
      );
  }
}

/** Members of a group that get no partition to read. */
export class AssignmentRule implements Rule {
  readonly #refused = new Map<string, { evidence: Evidence; reason: string }>();

  add({ transaction, traffic }: Seen): void {
    const { group } = traffic;
    if (!traffic.isPoll || group === null) return;
    const { failure } = transaction;
    const reason = failure ?? (traffic.hasNoPartition ? "no partition" : null);
    if (reason === null && this.#refused.size === 0) return;
    const key = roles.of(transaction.conversation.client, group);
    if (reason === null) {
      if (traffic.isOk) this.#refused.delete(key);
      return;
    }
    const make = () => ({ evidence: new Evidence(), reason });
    const refused = kept(this.#refused, key, make);
    if (refused === null) return;
    refused.reason = reason;
    refused.evidence.add(transaction);
  }

  finish(): CaptureFinding[] {
    return [...this.#refused].filter(([, { evidence }]) => evidence.count >= MIN_REFUSED)
      .map(([subject, { evidence, reason }]) =>
        finding(
          "not_assigned",
          subject,
          `its last ${evidence.count} polls were answered ${reason}`,
          evidence,
        )
      );
  }
}

/** Fruitless changes from which on a group loops. */
const MIN_FRUITLESS = 5;

/** Groups whose members come and go before anything is read. */
export class RebalanceRule implements Rule {
  readonly #groups = new Map<
    string,
    { changes: number; fruitless: Evidence; waiting: boolean }
  >();

  add({ transaction, traffic }: Seen): void {
    const { group } = traffic;
    if (group === null || !traffic.isOk) return;
    const changes = traffic.does("join") || traffic.does("leave");
    if (!changes && traffic.polled === null) return;
    const state = kept(this.#groups, group, () => ({
      changes: 0,
      fruitless: new Evidence(),
      waiting: false,
    }));
    if (state === null) return;
    if (changes) {
      state.changes++;
      if (state.waiting) state.fruitless.add(transaction);
    }
    state.waiting = changes;
  }

  finish(): CaptureFinding[] {
    return [...this.#groups].filter(([, { changes, fruitless }]) =>
      fruitless.count >= MIN_FRUITLESS && fruitless.count * 2 > changes
    ).map(([group, { changes, fruitless }]) =>
      finding(
        "rebalance_loop",
        group,
        `${changes} joins and leaves, ${fruitless.count} of them before anything was read`,
        fruitless,
      )
    );
  }
}

/** A duration in µs as seconds. */
export function seconds(us: number): string {
  return `${(us / 1e6).toFixed(us < 1e7 ? 2 : 0)} s`;
}

function splitAtLast(text: string, separator: string): [string, string] {
  const at = text.lastIndexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
