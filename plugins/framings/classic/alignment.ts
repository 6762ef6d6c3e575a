import type { Command, ReleaseSet } from "../../../core/schema/mod.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import { readsAs } from "./pending.ts";
import { HEADER } from "./shape.ts";

/** Places that may be next to be answered, at most; with more, nothing is told any more. */
const MAX_PLACES = 512;
/** Steps from one place to the next that are kept until one place stays. */
const MAX_STEPS = 1 << 18;
/** Bytes of responses that are kept until it is known what they answer. */
export const MAX_HELD = 4 << 20;

/** A request as alignments see it. */
export interface Asked {
  readonly command: Command | null;
}

/** Requests that were not captured: at least one, and no more than their bytes allow. */
interface Missed {
  most: number;
}

/** Where a response leads to, with how many the run of missed requests there has taken. */
interface Step {
  readonly to: number;
  readonly taken: number;
}

/**
 * What a response, or a run of lost ones, did: the places it could be at, and for a run where
 * each of them led to.
 */
interface Layer {
  readonly from: readonly number[];
  readonly to: readonly number[] | null;
  readonly response: Pdu | null;
}

/** What came of a response: its request, or null where nothing tells it. */
export interface Told<R> {
  readonly response: Pdu;
  readonly request: R | null;
}

/** What is known once one place stays. */
export interface Resolved<R> {
  readonly told: readonly Told<R>[];
  /** Requests that were answered by what was not captured, or by one of several. */
  readonly passed: readonly R[];
  /** Requests still to be answered, oldest first. */
  readonly waiting: readonly R[];
  /** Nothing missed is among those: from here on each response answers the oldest. */
  readonly certain: boolean;
}

/**
 * Follows, after bytes of a pipeline were lost, every way in which the responses that are seen
 * may belong to the requests that are seen. Requests are answered once and in turn, so a way is
 * the place of the next request to be answered, among requests and the lost bytes between
 * them. Ways end where TCP's order forbids that a response answers the request in its turn,
 * where it does not read as its response, and where lost bytes are too many or too few for what
 * they have to hold. Responses are kept until one way is left.
 *
 * A place is twice the number of a request or of a run of missed ones; one more inside of a run.
 */
export class Alignment<R extends Asked> {
  readonly #mayAnswer: (request: R, response: Pdu) => boolean;
  readonly #releases: ReleaseSet;
  #items: (R | Missed)[];
  /** Number of the first of the items. */
  #first = 0;
  /** The places, with how many responses the run of missed requests has taken there. */
  #places = new Map<number, number>([[0, 0]]);
  #layers: Layer[] = [];
  #count = 0;
  #held = 0;

  constructor(
    waiting: readonly R[],
    mayAnswer: (request: R, response: Pdu) => boolean,
    releases: ReleaseSet,
  ) {
    this.#items = [...waiting];
    this.#mayAnswer = mayAnswer;
    this.#releases = releases;
  }

  /** Responses that are kept. */
  get held(): readonly Pdu[] {
    return this.#layers.flatMap(({ response }) => response === null ? [] : [response]);
  }

  /** Whether the next response may be that of a request that servers read in stages. */
  get expectsStaged(): boolean {
    return [...this.#places.keys()].some((place) => {
      const item = this.#at(place);
      return item !== undefined && (isMissed(item) || item.command?.staged != null);
    });
  }

  /** Bytes of the client are lost; how many tells the next request. */
  requestsLost(): void {
    if (!this.endsMissed) this.#items.push({ most: Infinity });
  }

  /** Whether bytes of the client are lost behind its last request. */
  get endsMissed(): boolean {
    const last = this.#items.at(-1);
    return last !== undefined && isMissed(last);
  }

  /** The client sent this next, so many bytes behind its last; false where that cannot be. */
  request(request: R, lost: number): boolean {
    const last = this.#items.at(-1);
    const isBehindLost = last !== undefined && isMissed(last);
    this.#items.push(request);
    if (!isBehindLost) return lost === 0;
    last.most = Math.floor(lost / HEADER);
    const inside = 2 * (this.#first + this.#items.length - 2) + 1;
    for (const [place, taken] of this.#places) {
      if (place === inside && taken >= last.most) this.#places.delete(place);
      // Behind the lost requests, which took more responses than they can have been.
      if (place > inside && taken > last.most) this.#places.delete(place);
    }
    return last.most > 0 && this.#places.size > 0;
  }

  /** The next response; false where it can answer nothing, or too much is kept. */
  response(response: Pdu): boolean {
    this.#held += response.bytes.length;
    const fits = new Map<Command | null, boolean>();
    const reads = ({ command }: R) => {
      const known = fits.get(command) ?? readsAs(command, response, this.#releases);
      fits.set(command, known);
      return known;
    };
    const from: number[] = [];
    const places = new Map<number, number>();
    for (const [place, taken] of this.#places) {
      const item = this.#at(place);
      if (item === undefined) continue;
      const isWay = isMissed(item) || this.#mayAnswer(item, response) && reads(item);
      if (!isWay) continue;
      from.push(place);
      for (const { to, taken: count } of this.#stepsFrom(place, taken)) {
        places.set(to, Math.min(count, places.get(to) ?? Infinity));
      }
    }
    return this.#move(places, { from, to: null, response });
  }

  /** So many bytes of the server were lost: responses as many as they may hold. */
  responsesLost(bytes: number): boolean {
    const places = new Map<number, number>();
    const from: number[] = [], to: number[] = [];
    for (const [start, taken] of this.#places) {
      let ahead = new Map([[start, { taken, least: Infinity }]]);
      for (let spare = bytes - HEADER; spare >= 0 && ahead.size > 0; spare -= HEADER) {
        ahead = this.#further(ahead);
        if (ahead.size > MAX_PLACES || from.length > MAX_STEPS) return false;
        for (const [place, { taken, least }] of ahead) {
          if (spare !== 0 && spare < least) continue;
          from.push(start);
          to.push(place);
          places.set(place, Math.min(taken, places.get(place) ?? Infinity));
        }
      }
    }
    return this.#move(places, { from, to, response: null });
  }

  /** Where one more response leads to, with the shortest payload that some on the way need. */
  #further(ahead: ReadonlyMap<number, { taken: number; least: number }>) {
    const further = new Map<number, { taken: number; least: number }>();
    for (const [place, { taken, least }] of ahead) {
      const item = this.#at(place);
      if (item === undefined) continue;
      const longer = Math.min(least, isMissed(item) ? 1 : leastOf(item));
      for (const step of this.#stepsFrom(place, taken)) {
        const known = further.get(step.to);
        further.set(step.to, {
          taken: Math.min(step.taken, known?.taken ?? Infinity),
          least: Math.min(longer, known?.least ?? Infinity),
        });
      }
    }
    return further;
  }

  /** Forgets the responses that were taken, and what they alone can answer. */
  forget(): void {
    this.#layers = [];
    this.#count = this.#held = 0;
    const first = Math.min(...this.#places.keys()) >> 1;
    if (!Number.isFinite(first) || first <= this.#first) return;
    this.#items.splice(0, first - this.#first);
    this.#first = first;
  }

  /** What is known if one place is left; null while there are several. */
  resolve(): Resolved<R> | null {
    return this.#places.size === 1 ? this.#resolved() : null;
  }

  /** Whether requests were missed that a next response may answer. */
  get hasMissed(): boolean {
    return this.#items.some(isMissed);
  }

  #at(place: number): R | Missed | undefined {
    return this.#items[(place >> 1) - this.#first];
  }

  #stepsFrom(place: number, taken: number): Step[] {
    const item = this.#at(place);
    if (item === undefined) return [];
    const to = (place | 1) + 1;
    if (!isMissed(item)) return [{ to, taken: 0 }];
    const steps = [{ to, taken: taken + 1 }];
    if (taken + 1 < item.most) steps.push({ to: place | 1, taken: taken + 1 });
    return steps;
  }

  #move(places: Map<number, number>, layer: Layer): boolean {
    this.#places = places;
    this.#layers.push(layer);
    this.#count += layer.from.length;
    return places.size > 0 && places.size <= MAX_PLACES && this.#count <= MAX_STEPS &&
      this.#held <= MAX_HELD;
  }

  /** Goes back from the one place that is left: steps that do not lead there are no way. */
  #resolved(): Resolved<R> {
    const [place] = [...this.#places.keys()] as [number];
    let ends = new Set([place]);
    const told: Told<R>[] = [];
    const paired = new Set<R>();
    for (const { from, to, response } of this.#layers.reverse()) {
      const leads = (place: number, i: number) =>
        to !== null
          ? ends.has(to[i]!)
          : this.#stepsFrom(place, 0).some(({ to }) => ends.has(to));
      ends = new Set(from.filter(leads));
      if (response === null) continue;
      const [request, ...others] = new Set([...ends].map((end) => this.#requestAt(end)));
      const one = others.length === 0 ? request ?? null : null;
      told.push({ response, request: one });
      if (one !== null) paired.add(one);
    }
    told.reverse();
    const behind = this.#items.splice(0, (place >> 1) - this.#first);
    this.#first = place >> 1;
    this.forget();
    const requests = (items: (R | Missed)[]) =>
      items.filter((item): item is R => !isMissed(item));
    return {
      told,
      passed: requests(behind).filter((request) => !paired.has(request)),
      waiting: requests(this.#items),
      certain: !this.hasMissed,
    };
  }

  #requestAt(place: number): R | null {
    const item = this.#at(place);
    return item === undefined || isMissed(item) ? null : item;
  }
}

function isMissed(item: Asked | Missed): item is Missed {
  return "most" in item;
}

/** Bytes of the shortest payload that answers the request; more than there are where none does. */
function leastOf({ command }: Asked): number {
  if (command === null) return 1;
  return command.response.fields?.length === 0
    ? Infinity
    : Math.max(1, command.response.minSize);
}
