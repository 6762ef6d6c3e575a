import {
  firstOf,
  lastOf,
  LATEST,
  releaseOf,
  releaseText,
} from "../../../core/schema/mod.ts";
import { releases } from "../../releases.ts";

/** The first release whose servers answer a request with an operation that they do not know. */
export const ANSWERS_UNKNOWN = firstOf("0.9.1-edge.2");

/** First and last release. */
export interface ReleaseRange {
  readonly first: number;
  readonly last: number;
}

/** The releases that state each protocol version, by its number on the wire. */
export const PROTOCOLS: ReadonlyMap<number, ReleaseRange> = byProtocol();

/** The newest protocol version that is known. */
export const NEWEST_PROTOCOL = Math.max(...PROTOCOLS.keys());

/**
 * Builds between 0.9.1-edge.1 and 0.9.1-edge.2 stated the protocol version of the former and
 * had bodies of the latter.
 *
 * Source: src/version.rs of the crate iggy_binary_protocol 0.11.1-edge.2.
 */
export const AMBIGUOUS = packed([0, 11, 1]);
const AFTER_AMBIGUOUS = lastOf("0.9.1-edge.2");

function packed([major, minor, patch]: readonly [number, number, number]): number {
  return major << 20 | minor << 10 | patch;
}

function byProtocol(): ReadonlyMap<number, ReleaseRange> {
  const ranges = new Map<number, ReleaseRange>();
  for (const { name, protocol } of releases) {
    if (protocol === undefined) continue;
    const number = packed(protocol);
    const first = ranges.get(number)?.first ?? firstOf(name);
    ranges.set(number, { first, last: lastOf(name) });
  }
  return ranges;
}

/**
 * The releases of a client that states a protocol version; null where none is known to.
 * Versions beyond the newest are of releases to come.
 */
export function clientReleases(protocol: number): ReleaseRange | null {
  if (protocol > NEWEST_PROTOCOL) return { first: LATEST, last: LATEST };
  const range = PROTOCOLS.get(protocol);
  if (range === undefined || protocol !== AMBIGUOUS) return range ?? null;
  return { first: range.first, last: AFTER_AMBIGUOUS };
}

/**
 * The releases of a server by what it states at login. The protocol version decides; the text
 * of its own version only where releases share one up to 0.9.0.
 */
export function serverReleases(protocol: number, version: string): ReleaseRange {
  const range = clientReleases(protocol);
  const stated = releaseOf(version);
  if (range === null) {
    const release = stated ?? LATEST;
    return { first: release, last: release };
  }
  const decides = stated !== null && protocol < AMBIGUOUS &&
    stated >= range.first && stated <= range.last;
  return decides ? { first: stated, last: stated } : range;
}

/** A protocol version in words: `0.12.2`. */
export function protocolText(packed: number): string {
  return `${packed >>> 20}.${packed >>> 10 & 1023}.${packed & 1023}`;
}

/** A protocol version with the releases that state it: `0.12.1 (0.9.1-edge.5)`. */
export function protocolWords(protocol: number): string {
  const range = PROTOCOLS.get(protocol);
  if (range === undefined) return protocolText(protocol);
  const first = releaseText(range.first);
  const last = releaseText(range.last);
  const newest = protocol === NEWEST_PROTOCOL ? "+" : first === last ? "" : `..${last}`;
  return `${protocolText(protocol)} (Iggy ${first}${newest})`;
}
