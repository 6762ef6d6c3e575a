import {
  isIn,
  type Kind,
  type ValueReader,
  valueReader,
  type Wanted,
} from "../schema/mod.ts";
import { kindAt } from "./values.ts";

/** How one layout's summary is read in one release. */
export interface Glance {
  readonly reader: ValueReader;
  /** The names of the fields that are read, and the paths of those inside parts. */
  readonly names: readonly string[];
  /** What stands for each. */
  readonly shapes: readonly ("value" | "list" | "other")[];
}

const glances = new WeakMap<
  readonly string[],
  Map<Kind<unknown>, Map<number, Glance | null>>
>();

/**
 * How a PDU is read as far as one line tells of it: the fields that `info` names, lists by
 * their lengths alone, and the first field. Null where only the careful reader can.
 */
export function glanceOf(
  layout: Kind<unknown>,
  release: number,
  info: readonly string[],
): Glance | null {
  let byLayout = glances.get(info);
  if (byLayout === undefined) glances.set(info, byLayout = new Map());
  let byRelease = byLayout.get(layout);
  if (byRelease === undefined) byLayout.set(layout, byRelease = new Map());
  let glance = byRelease.get(release);
  if (glance === undefined) {
    byRelease.set(release, glance = makeGlance(layout, release, info));
  }
  return glance;
}

function makeGlance(
  layout: Kind<unknown>,
  release: number,
  info: readonly string[],
): Glance | null {
  const shown = (layout.fields ?? []).filter(([name, kind]) =>
    !name.startsWith("_") && isIn(kind, release)
  );
  const names: string[] = [];
  const shapes: Glance["shapes"][number][] = [];
  const wanted: Wanted[] = [];
  for (const [i, [name, kind]] of shown.entries()) {
    const shape = shapeOf(kind, release);
    const isTold = info.includes(name);
    if (isTold && shape !== "value") return null;
    if (!isTold && i > 0 && shape !== "list") continue;
    names.push(name);
    shapes.push(shape);
    wanted.push({ path: name, take: shape === "list" ? "count" : "first" });
  }
  for (const path of info) {
    const kind = path.includes(".") ? kindAt(layout, path) : undefined;
    if (kind === undefined) continue;
    if (shapeOf(kind, release) !== "value") return null;
    names.push(path);
    shapes.push("value");
    wanted.push({ path, take: "first" });
  }
  const reader = valueReader(layout, release, wanted, { hasty: true });
  return reader === null ? null : { reader, names, shapes };
}

function shapeOf(kind: Kind<unknown>, release: number): Glance["shapes"][number] {
  const form = kind.forms?.find((one) => isIn(one, release)) ?? kind;
  if (form !== kind) return shapeOf(form, release);
  if (kind.inner !== undefined) return "list";
  return kind.type === "group" || kind.orBytes ? "other" : "value";
}
