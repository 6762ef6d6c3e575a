import type { Framing, FramingPart } from "../framing/framing.ts";
import {
  afterRelease,
  type Command,
  type CommandTable,
  commandTable,
  EARLIEST,
  firstOf,
  type Kind,
  lastOf,
  LATEST,
  layoutBorders,
  ReleaseSet,
  type TrafficRoles,
} from "../schema/mod.ts";

/** The name of a status number in a release, or null where it has none. */
export type StatusName = (status: number, release: number) => string | null;

/** What a dissection knows: commands and framings, as frozen values. */
export interface Registry {
  /** First part of the paths of all fields, such as `amqp`. */
  readonly root: string;
  /** The protocol's name in messages. */
  readonly title: string;
  readonly commands: CommandTable;
  readonly framings: readonly Framing[];
  readonly statusName: StatusName;
  /** What fields mean to statistics; null where nobody said. */
  readonly traffic: TrafficRoles | null;
  /** First releases of the layouts that a framing carries, oldest first. */
  generations(framing: Framing): readonly number[];
  /** The releases that a conversation of a framing may be of, as long as nothing tells more. */
  releasesOf(framing: Framing): ReleaseSet;
}

/** What {@link createRegistry} takes. */
export interface RegistryOptions {
  /** First part of the paths of all fields; default `app`. */
  readonly root?: string;
  /** The protocol's name in messages; default the root. */
  readonly title?: string;
  readonly commands: readonly Command[];
  readonly framings: readonly Framing[];
  /** What plugins add to framings, such as kinds of frames. */
  readonly parts?: readonly FramingPart[];
  readonly statusName?: StatusName;
  readonly traffic?: TrafficRoles;
}

/**
 * Makes a registry of plain lists. Importing a plugin changes nothing: what is not listed is
 * not known. Throws `TypeError` that names every name, code, operation and framing used
 * twice.
 */
export function createRegistry(options: RegistryOptions): Registry {
  const commands = commandTable(options.commands);
  const parts = options.parts ?? [];
  const unknown = parts.find(({ framing }) =>
    !options.framings.some(({ name, bind }) => name === framing && bind !== undefined)
  );
  if (unknown !== undefined) {
    throw new TypeError(
      `${unknown.name} is for ${unknown.framing}, which takes no parts`,
    );
  }
  const names = options.framings.map(({ name }) => name);
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  if (twice.length > 0) {
    throw new TypeError(`registered twice: framing ${twice.join(", ")}`);
  }
  const framings = options.framings.map((framing) =>
    framing.bind?.(commands, parts.filter((part) => part.framing === framing.name)) ??
      framing
  );
  const borders = new Set<number>();
  const seen = new Set<Kind<unknown>>();
  for (const command of commands.all) {
    addRange(command, borders);
    for (const layout of [command.request, command.response, command.prepare]) {
      if (layout !== null) layoutBorders(layout, borders, seen);
    }
  }
  const generations = new Map<Framing, readonly number[]>();
  // Computed when asked for: it has a framing make the layouts of all its headers.
  const generationsOf = (framing: Framing) => {
    let found = generations.get(framing);
    if (found === undefined) {
      found = framings.includes(framing)
        ? generationsIn(framing, borders, seen)
        : [EARLIEST];
      generations.set(framing, found);
    }
    return found;
  };
  const root = options.root ?? "app";
  return Object.freeze({
    root,
    title: options.title ?? root,
    commands,
    framings: Object.freeze(framings),
    statusName: options.statusName ?? (() => null),
    traffic: options.traffic ?? null,
    generations: generationsOf,
    releasesOf: (framing: Framing) =>
      new ReleaseSet(generationsOf(framing), framing.upTo === undefined),
  });
}

/** First releases of a framing's layouts, where the borders of those of `seen` are known. */
function generationsIn(
  framing: Framing,
  borders: ReadonlySet<number>,
  seen: ReadonlySet<Kind<unknown>>,
): readonly number[] {
  const first = firstOf(framing.since);
  const last = framing.upTo === undefined ? LATEST : lastOf(framing.upTo);
  const own = new Set(borders), ownSeen = new Set(seen);
  for (const header of framing.headers ?? []) layoutBorders(header, own, ownSeen);
  for (const body of Object.values(framing.bodies ?? {})) {
    layoutBorders(body, own, ownSeen);
  }
  for (const part of framing.parts ?? []) addRange(part, own);
  const inside = [...own].filter((border) => border > first && border <= last);
  return Object.freeze([first, ...inside.sort((a, b) => a - b)]);
}

/** Adds the releases at which something begins, and after which it ends. */
function addRange(
  { from, to }: { from: number; to: number },
  borders: Set<number>,
): void {
  if (from !== EARLIEST) borders.add(from);
  if (to !== LATEST) borders.add(afterRelease(to));
}
