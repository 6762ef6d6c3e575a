import type { Framing } from "../framing/framing.ts";
import {
  type Command,
  type CommandTable,
  commandTable,
  EARLIEST,
  firstOf,
  lastOf,
  LATEST,
  layoutBorders,
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
}

/** What {@link createRegistry} takes. */
export interface RegistryOptions {
  /** First part of the paths of all fields; default `app`. */
  readonly root?: string;
  /** The protocol's name in messages; default the root. */
  readonly title?: string;
  readonly commands: readonly Command[];
  readonly framings: readonly Framing[];
  readonly statusName?: StatusName;
  readonly traffic?: TrafficRoles;
}

/**
 * Makes a registry of plain lists. Importing a plugin changes nothing: what is not listed is
 * not known. Throws `TypeError` that names every name, code and operation used twice.
 */
export function createRegistry(options: RegistryOptions): Registry {
  const commands = commandTable(options.commands);
  const borders = new Set<number>();
  for (const { request, response, prepare } of commands.all) {
    for (const layout of [request, response, prepare]) {
      if (layout !== null) layoutBorders(layout, borders);
    }
  }
  const sorted = [...borders].sort((a, b) => a - b);
  const generations = new Map(options.framings.map((framing) => {
    const first = firstOf(framing.since);
    const last = framing.upTo === undefined ? LATEST : lastOf(framing.upTo);
    const inside = sorted.filter((border) => border > first && border <= last);
    return [framing, Object.freeze([first, ...inside])];
  }));
  const root = options.root ?? "app";
  return Object.freeze({
    root,
    title: options.title ?? root,
    commands,
    framings: Object.freeze([...options.framings]),
    statusName: options.statusName ?? (() => null),
    traffic: options.traffic ?? null,
    generations: (framing: Framing) => generations.get(framing) ?? [EARLIEST],
  });
}
