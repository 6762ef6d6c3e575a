import { planned } from "./compile/plan.ts";
import { basisOf, type Kind } from "./kind.ts";
import { EARLIEST, firstOf, lastOf, LATEST, releaseText } from "./releases.ts";

/** A name of a list that releases add to. */
export interface ListedName {
  readonly name: string;
  /** First and last release that has it. */
  readonly since?: string;
  readonly upTo?: string;
  /** Its value is not to be shown. */
  readonly secret?: true;
}

/** The names whose values are not to be shown. */
export function secretNames(names: readonly ListedName[]): readonly string[] {
  return names.filter(({ secret }) => secret).map(({ name }) => name);
}

/**
 * A text that is a name out of a list. One that the list lacks is noted: a later release has
 * it. One that came later is reported, and speaks for the releases that have it. One that was
 * retired is not: what was stored under it outlives the release.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decode } from "./decode.ts";
 * import { firstOf } from "./releases.ts";
 * import { nameRest } from "./strings.ts";
 * const colour = listed(nameRest(), "colour", [{ name: "red", since: "0.9" }]);
 * const red = new TextEncoder().encode("red");
 * assertEquals(decode(colour, red, firstOf("0.9")).issues, []);
 * assertEquals(
 *   decode(colour, red, firstOf("0.8")).issues[0]?.message,
 *   "colour red came with release 0.9",
 * );
 * ```
 */
export function listed(
  kind: Kind<string>,
  what: string,
  names: readonly ListedName[],
): Kind<string> {
  const lives = names.map(({ name, since, upTo, secret = false }) => ({
    name,
    from: since === undefined ? EARLIEST : firstOf(since),
    to: upTo === undefined ? LATEST : lastOf(upTo),
    secret,
  }));
  const begins = new Map(lives.map(({ name, from }) => [name, from]));
  return planned({
    ...basisOf(kind),
    changesAt: [...new Set(begins.values())].filter((from) => from !== EARLIEST),
    read(cursor, context, scope, outer) {
      const { offset } = cursor;
      const name = kind.read(cursor, context, scope, outer);
      const from = begins.get(name);
      if (from === undefined && name !== "") {
        const message = `${what} ${name} is newer than this program knows`;
        context.note("undecoded", message, offset);
      } else if (from !== undefined && context.release < from) {
        const message = `${what} ${name} came with release ${releaseText(from)}`;
        context.problem("protocol", message, offset);
      }
      return name;
    },
    sample({ random, release }) {
      const known = lives.filter(({ from, to, secret }) =>
        !secret && from <= release && release <= to
      );
      return known[random.below(known.length)]!.name;
    },
    lua: ({ make, reader }) => make("listed", reader(kind), what, ...[...begins].flat()),
  }, {
    op: "listed",
    inner: kind as Kind<unknown>,
    names: (release) =>
      lives.filter(({ from }) => from <= release).map(({ name }) => name),
  });
}
