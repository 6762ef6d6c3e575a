/**
 * Releases as numbers that compare: `0.8` < `0.9-edge.2` < `0.9-edge.5` < `0.9.0` <
 * `0.9.1-edge.1`. A version of two parts names a whole series: `since("0.6")` begins with the
 * first 0.6, `upTo("0.5")` ends with the last 0.5. One of three parts, or with an edge, names
 * that release.
 */
const EDGES = 1_000;
const PATCHES = 1_000;
const MINORS = 1_000;
/** What a release that is no edge has in place of its edge. */
const FINAL = EDGES - 1;

const VERSION = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?(?:-edge\.(\d{1,3}))?/;

/** A version text in parts; null where a part is not there. */
interface Version {
  readonly series: number;
  readonly patch: number | null;
  readonly edge: number | null;
}

/** The first release that `version` names. Throws `TypeError` on text that is no version. */
export function firstOf(version: string): number {
  const { series, patch, edge } = parse(version);
  return numberOf(series, patch ?? 0, edge ?? (patch === null ? 0 : FINAL));
}

/** The last release that `version` names. */
export function lastOf(version: string): number {
  const { series, patch, edge } = parse(version);
  return numberOf(series, patch ?? (edge === null ? PATCHES - 1 : 0), edge ?? FINAL);
}

/** The release that comes after one: edges count from 1, and after the last comes a patch. */
export function afterRelease(release: number): number {
  const last = release % (EDGES * PATCHES) === EDGES * PATCHES - 1;
  return release % EDGES === FINAL && !last ? release + 2 : release + 1;
}

/** The release that comes before one. */
export function beforeRelease(release: number): number {
  const isFirst = release % EDGES === 1 && Math.floor(release / EDGES) % PATCHES > 0;
  return isFirst ? release - 2 : release - 1;
}

/**
 * The release that a server's version text names, or null where it names none: "0.8.0",
 * "0.9.0-edge.5".
 */
export function releaseOf(text: string): number | null {
  const version = partsOf(VERSION.exec(text));
  return version === null
    ? null
    : numberOf(version.series, version.patch ?? 0, version.edge ?? FINAL);
}

function numberOf(series: number, patch: number, edge: number): number {
  return (series * PATCHES + patch) * EDGES + edge;
}

function parse(version: string): Version {
  const match = VERSION.exec(version);
  const parts = partsOf(match);
  if (parts === null || match![0] !== version) {
    throw new TypeError(`"${version}" is not a release such as "0.9-edge.5"`);
  }
  return parts;
}

function partsOf(match: RegExpExecArray | null): Version | null {
  if (match === null) return null;
  const [, major, minor, patch, edge] = match;
  return {
    series: Number(major) * MINORS + Number(minor),
    patch: patch === undefined ? null : Number(patch),
    edge: edge === undefined ? null : Number(edge),
  };
}

/** The text of a release: `0.6`, `0.9-edge.4`, `0.9`, `0.9.1-edge.2`. */
export function releaseText(release: number): string {
  const edge = release % EDGES;
  const patch = Math.floor(release / EDGES) % PATCHES;
  const series = Math.floor(release / (EDGES * PATCHES));
  const minor = `${Math.floor(series / MINORS)}.${series % MINORS}`;
  const text = patch === 0 || patch === PATCHES - 1 ? minor : `${minor}.${patch}`;
  return edge === 0 || edge === FINAL ? text : `${text}-edge.${edge}`;
}

/** Before all releases. */
export const EARLIEST = 0;
/** After all releases. */
export const LATEST = Number.MAX_SAFE_INTEGER;
/** The newest release that is known or one to come: nothing tells which. */
export const NEWEST_OR_LATER = LATEST - 1;

/** `0.6+`, `up to 0.5`, `0.7..0.9-edge.4`: releases in a row; empty for all of them. */
export function spanText(
  { from, to }: { readonly from: number; readonly to: number },
): string {
  if (from === EARLIEST) return to === LATEST ? "" : `up to ${releaseText(to)}`;
  const first = releaseText(from);
  return to === LATEST ? `${first}+` : `${first}..${releaseText(to)}`;
}
