import type { Registry } from "../dissect/registry.ts";
import {
  type Command,
  type Kind,
  LATEST,
  layoutBorders,
  releaseText,
} from "../schema/mod.ts";

/** Releases that lay a payload out alike. */
export interface ReleaseSpan {
  readonly first: number;
  /** `0.6`, `0.6..0.8`, `0.9+`. */
  readonly text: string;
}

/**
 * The releases of a registry that know a command, oldest first, those together that lay this
 * payload of it out alike.
 */
export function releaseSpans(
  registry: Registry,
  command: Command,
  kind: Kind<unknown>,
): ReleaseSpan[] {
  const releases = [...new Set(registry.framings.flatMap(registry.generations))]
    .sort((a, b) => a - b)
    .filter((release) => release >= command.from && release <= command.to);
  if (releases.length === 0) releases.push(command.from);
  const borders = layoutBorders(kind);
  const spans: number[][] = [];
  for (const release of releases) {
    const previous = spans.at(-1);
    const last = previous?.at(-1);
    const differs = last === undefined ||
      [...borders].some((border) => border > last && border <= release);
    if (differs) spans.push([release]);
    else previous!.push(release);
  }
  return spans.map((span, i) => {
    const [first, last] = [span[0]!, span.at(-1)!];
    const open = i === spans.length - 1 && command.to === LATEST;
    const text = open
      ? `${releaseText(first)}+`
      : first === last
      ? releaseText(first)
      : `${releaseText(first)}..${releaseText(last)}`;
    return { first, text };
  });
}
