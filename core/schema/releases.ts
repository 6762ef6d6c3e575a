/**
 * Releases as numbers that compare: `0.8` < `0.9-edge.2` < `0.9-edge.5` < `0.9`.
 * A version names a whole series: `since("0.6")` begins with the first 0.6, `upTo("0.5")`
 * ends with the last 0.5.
 */
const EDGES = 1_000;
const MINORS = 1_000;

/** The first release of the series `version` names. Throws on text that is no version. */
export function firstOf(version: string): number {
  const { series, edge } = parse(version);
  return series * EDGES + (edge ?? 0);
}

/** The last release of the series `version` names. */
export function lastOf(version: string): number {
  const { series, edge } = parse(version);
  return series * EDGES + (edge ?? EDGES - 1);
}

/**
 * The release that a server's version text names, or null where it names none: "0.8.0",
 * "0.9.0-edge.5".
 */
export function releaseOf(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})(?:\.\d+)?(?:-edge\.(\d{1,3}))?/.exec(text);
  if (match === null) return null;
  const [, major, minor, edge] = match;
  return (Number(major) * MINORS + Number(minor)) * EDGES +
    (edge === undefined ? EDGES - 1 : Number(edge));
}

function parse(version: string): { series: number; edge: number | null } {
  const match = /^(\d{1,3})\.(\d{1,3})(?:-edge\.(\d{1,3}))?$/.exec(version);
  if (match === null) {
    throw new TypeError(`"${version}" is not a release such as "0.9-edge.5"`);
  }
  const [, major, minor, edge] = match;
  return {
    series: Number(major) * MINORS + Number(minor),
    edge: edge === undefined ? null : Number(edge),
  };
}

/** The text of a release: `0.6`, `0.9-edge.4`. */
export function releaseText(release: number): string {
  const edge = release % EDGES;
  const series = Math.floor(release / EDGES);
  const text = `${Math.floor(series / MINORS)}.${series % MINORS}`;
  return edge === 0 || edge === EDGES - 1 ? text : `${text}-edge.${edge}`;
}

/** Before all releases. */
export const EARLIEST = 0;
/** After all releases. */
export const LATEST = Number.MAX_SAFE_INTEGER;
