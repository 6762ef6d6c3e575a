import type { Stamp } from "../flow/mod.ts";
import type { Transaction } from "../dissect/transaction.ts";
import type { Pdu } from "../framing/pdu.ts";
import { type Course, Courses } from "./courses.ts";
import type { PolledRange, Traffic } from "./traffic.ts";

/** Consumers, partitions and groups kept at most; of further ones nothing is told. */
export const MAX_PLACES = 10_000;
/** Members of a group that are told apart; what further ones do counts for the place only. */
export const MAX_MEMBERS = 64;
/** Places and partitions whose course over time is kept at most. */
export const MAX_COURSES = 256;

/** What one client got as a consumer or a member of a group. */
export interface MemberReads {
  /** Address and port of the client. */
  readonly client: string;
  polls: number;
  messages: number;
  /** Messages that it or another member was given before. */
  repeated: number;
}

/** How far a consumer, or a group, is in a partition. */
export interface ConsumerPlace {
  /** `stream/topic/partition` */
  readonly partition: string;
  /** `stream/topic group workers` or `stream/topic consumer 1` */
  readonly consumer: string;
  /** Last offset it was given; null where nothing told. */
  polled: bigint | null;
  /** Last offset stored for it: by itself, by a poll that commits, or as the server said. */
  stored: bigint | null;
  /** Newest offset of the partition, whoever saw it. */
  newest: bigint | null;
  /** Messages behind what it stored, or was given where it never stored. */
  lag: bigint | null;
  /** Times that it stored an offset beyond what it had been given. */
  early: number;
  /** Offsets between two polls that it was never given. */
  skipped: number;
  /** Messages that it was given more than once. */
  repeated: number;
  /** Times that another member of the group went on reading. */
  handovers: number;
  readonly members: readonly MemberReads[];
  /** Its lag at each moment of {@link Offsets.moments}; null beyond {@link MAX_COURSES}. */
  readonly lags: readonly (bigint | null)[] | null;
}

/** What became of a group's membership. */
export interface GroupChanges {
  /** `stream/topic group` */
  readonly group: string;
  joins: number;
  leaves: number;
  /** Clients that polled as the group. */
  members: number;
  /** Times that a partition went to another member. */
  handovers: number;
  /** The number of the last assignment, where the server tells. */
  generation: bigint | null;
  /** Longest time from a join or leave until the group was given messages again, in µs. */
  pauseUs: number | null;
}

/** The newest offset of a partition. */
interface Newest {
  offset: bigint;
  /** When the server last told an offset, and when anything last raised this one. */
  toldAt: Stamp;
  raisedAt: Stamp;
  readonly course: Course | null;
}

interface Place extends Omit<ConsumerPlace, "lags" | "members"> {
  /** What its lag counts from, over time. */
  readonly course: Course | null;
  /** It stored an offset, or the server said that it had. */
  hasStored: boolean;
  /** Who read last. */
  reader: string | null;
  /** By client. */
  readonly members: Map<string, MemberReads>;
}

interface Group extends GroupChanges {
  readonly clients: Set<string>;
  /** When the membership last changed, until messages came again. */
  changedAt: Stamp | null;
}

/**
 * Follows consumers through their partitions: what they were given, what they stored, and how
 * far behind the newest message they are. Feed it every transaction; memory is bounded by
 * {@link MAX_PLACES}.
 */
export class Offsets {
  readonly #places = new Map<string, Place>();
  readonly #newest = new Map<string, Newest>();
  readonly #groups = new Map<string, Group>();
  /** How offsets went over time; null where nobody asks. */
  readonly #courses: Courses | null;

  /** Without `lags` it does not follow how far behind consumers are over time. */
  constructor(lags = true) {
    this.#courses = lags ? new Courses() : null;
  }

  /** Takes a transaction with its traffic. */
  add(transaction: Transaction, traffic: Traffic): void {
    if (!traffic.isOk) return;
    const stamp = transaction.response!.stamp;
    this.#membership(transaction, traffic, stamp);
    const { partition } = traffic;
    if (partition === null) return;
    this.#courses?.reach(secondsOf(stamp));
    const polled = traffic.polled;
    this.#see(partition, transaction, traffic, polled);
    const place = this.#place(traffic);
    if (place === null) return;
    if (traffic.isPoll) this.#poll(place, transaction, traffic, polled);
    else if (traffic.does("forget")) {
      place.stored = null;
    } else this.#store(place, traffic);
    if (place.course !== null) {
      this.#courses?.set(place.course, secondsOf(stamp), basisOf(place));
    }
  }

  /**
   * Notes the newest offset. It never falls by what was under way at the same time, only by an
   * answer to a later question: then the partition was purged.
   */
  #see(
    partition: string,
    { request, response }: Transaction,
    traffic: Traffic,
    polled: PolledRange | null,
  ): void {
    const told = traffic.newest;
    const appended = traffic.appended;
    const sent = traffic.produced?.messages ?? 0;
    let offset = appended !== null && sent > 0 ? appended + BigInt(sent) - 1n : null;
    // An empty partition says 0 as one with a single message does.
    if (told !== null && (told > 0n || polled !== null || !traffic.isPoll)) offset = told;
    if (polled !== null && (offset === null || polled.last > offset)) {
      offset = polled.last;
    }
    const at = response!.stamp;
    const known = this.#newest.get(partition);
    if (offset === null) {
      // A send that began after the last telling came on top of it.
      if (known === undefined || sent === 0 || !isLater(request, known.toldAt)) return;
      known.offset += BigInt(sent);
      known.raisedAt = at;
      this.#raised(known, at);
    } else if (known === undefined) {
      if (this.#newest.size >= MAX_PLACES) return;
      const course = this.#begin(this.#newest.size);
      const newest = { offset, toldAt: at, raisedAt: at, course };
      this.#newest.set(partition, newest);
      this.#raised(newest, at);
    } else if (offset >= known.offset || isLater(request, known.raisedAt)) {
      known.offset = offset;
      known.toldAt = known.raisedAt = at;
      this.#raised(known, at);
    }
  }

  #raised({ course, offset }: Newest, at: Stamp): void {
    if (course !== null) this.#courses?.set(course, secondsOf(at), offset);
  }

  #poll(
    place: Place,
    { conversation }: Transaction,
    traffic: Traffic,
    polled: PolledRange | null,
  ): void {
    const member = memberOf(place, conversation.client);
    if (member !== null) member.polls++;
    if (polled === null) return;
    const { first, last } = polled;
    const count = Number(last - first) + 1;
    if (member !== null) member.messages += count;
    const expected = place.polled === null ? first : place.polled + 1n;
    if (first > expected) place.skipped += Number(first - expected);
    if (first < expected) {
      const end = last < expected ? last + 1n : expected;
      place.repeated += Number(end - first);
      if (member !== null) member.repeated += Number(end - first);
    }
    if (place.reader !== null && place.reader !== conversation.client) {
      place.handovers++;
      const group = this.#groups.get(traffic.group ?? "");
      if (group !== undefined) group.handovers++;
    }
    place.reader = conversation.client;
    place.polled = last;
    if (traffic.commits) {
      place.stored = last;
      place.hasStored = true;
    }
  }

  #store(place: Place, traffic: Traffic): void {
    const { stores } = traffic;
    if (stores !== null) {
      if (place.polled !== null && stores > place.polled) place.early++;
      place.stored = stores;
    } else place.stored = traffic.stored;
    if (place.stored !== null) place.hasStored = true;
  }

  #membership(
    { conversation: { client } }: Transaction,
    traffic: Traffic,
    at: Stamp,
  ): void {
    const name = traffic.group;
    if (name === null) return;
    const isJoin = traffic.does("join");
    const isLeave = traffic.does("leave");
    const { generation, isPoll } = traffic;
    if (!isJoin && !isLeave && !isPoll && generation === null) return;
    const group = this.#group(name);
    if (group === null) return;
    if (generation !== null) group.generation = generation;
    if (isJoin) group.joins++;
    if (isLeave) group.leaves++;
    if (isJoin || isLeave) group.changedAt = at;
    if (!isPoll) return;
    if (group.clients.size < MAX_PLACES) group.clients.add(client);
    if (group.changedAt === null || traffic.polled === null) return;
    const pause = microsBetween(group.changedAt, at);
    group.pauseUs = Math.max(group.pauseUs ?? 0, pause);
    group.changedAt = null;
  }

  #place({ partition, consumer, place: key }: Traffic): Place | null {
    if (partition === null || consumer === null || key === null) return null;
    let place = this.#places.get(key);
    if (place !== undefined) return place;
    if (this.#places.size >= MAX_PLACES) return null;
    place = {
      partition,
      consumer,
      polled: null,
      stored: null,
      newest: null,
      lag: null,
      early: 0,
      skipped: 0,
      repeated: 0,
      handovers: 0,
      members: new Map(),
      hasStored: false,
      reader: null,
      course: this.#begin(this.#places.size),
    };
    this.#places.set(key, place);
    return place;
  }

  /** A course for one more of so many; null where nobody asks and where there are enough. */
  #begin(count: number): Course | null {
    return count < MAX_COURSES ? this.#courses?.begin() ?? null : null;
  }

  #group(name: string): Group | null {
    let group = this.#groups.get(name);
    if (group !== undefined) return group;
    if (this.#groups.size >= MAX_PLACES) return null;
    group = {
      group: name,
      joins: 0,
      leaves: 0,
      members: 0,
      handovers: 0,
      generation: null,
      pauseUs: null,
      clients: new Set(),
      changedAt: null,
    };
    this.#groups.set(name, group);
    return group;
  }

  /** Every consumer in each of its partitions, in order of name. */
  get places(): ConsumerPlace[] {
    return [...this.#places].sort(byKey).map(([, place]) => {
      const { hasStored: _, reader: __, course, ...told } = place;
      const members = [...place.members.values()];
      const newest = this.#newest.get(place.partition);
      const lag = lagOf(newest?.offset ?? null, basisOf(place));
      const lags = this.#lags(course, newest?.course ?? null);
      return { ...told, newest: newest?.offset ?? null, lag, members, lags };
    });
  }

  #lags(place: Course | null, newest: Course | null): (bigint | null)[] | null {
    const courses = this.#courses;
    if (courses === null || place === null || newest === null) return null;
    const basis = courses.values(place);
    return courses.values(newest).map((offset, i) => lagOf(offset, basis[i]!));
  }

  /** The moments of {@link ConsumerPlace.lags}, in ms since the epoch, evenly apart. */
  get moments(): number[] {
    return this.#courses?.moments ?? [];
  }

  /** Every group whose membership or polls were seen, in order of name. */
  get groups(): GroupChanges[] {
    return [...this.#groups].sort(byKey).map(([, group]) => {
      const { clients, changedAt: _, ...told } = group;
      return { ...told, members: clients.size };
    });
  }
}

function memberOf(place: Place, client: string): MemberReads | null {
  const { members } = place;
  let member = members.get(client);
  if (member === undefined && members.size < MAX_MEMBERS) {
    member = { client, polls: 0, messages: 0, repeated: 0 };
    members.set(client, member);
  }
  return member ?? null;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** What a place's lag counts from. */
function basisOf({ hasStored, stored, polled }: Place): bigint | null {
  return hasStored ? stored : polled;
}

function lagOf(newest: bigint | null, basis: bigint | null): bigint | null {
  if (newest === null || basis === null) return null;
  return newest < basis ? 0n : newest - basis;
}

function secondsOf({ seconds, nanos }: Stamp): number {
  return seconds + nanos / 1e9;
}

/** Whether a request was made after that; nothing is said of one that is missing. */
function isLater(request: Pdu | null, than: Stamp): boolean {
  if (request === null) return false;
  const { seconds, nanos } = request.stamp;
  return than.seconds < seconds || than.seconds === seconds && than.nanos <= nanos;
}

/** From one stamp to another, in µs. */
export function microsBetween(from: Stamp, to: Stamp): number {
  return (to.seconds - from.seconds) * 1e6 + (to.nanos - from.nanos) / 1e3;
}
