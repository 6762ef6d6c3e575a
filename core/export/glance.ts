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
  /** The place of the first name's value: those that have roles come before. */
  readonly first: number;
  /** The names of the fields that are read, and the paths of those inside parts. */
  readonly names: readonly string[];
  /** What stands for each. */
  readonly shapes: readonly ("value" | "list" | "other")[];
}

/**
 * How a PDU is read as far as one line tells of it: what has a role, the fields that `info`
 * names, lists by their lengths alone, and the first field; the rest is judged. Null where only
 * the careful reader can.
 */
export function glanceOf(
  layout: Kind<unknown>,
  release: number,
  info: readonly string[],
  roles: readonly Wanted[],
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
  const reader = valueReader(layout, release, [...roles, ...wanted], { judges: true });
  return reader === null ? null : { reader, first: roles.length, names, shapes };
}

function shapeOf(kind: Kind<unknown>, release: number): Glance["shapes"][number] {
  const form = kind.forms?.find((one) => isIn(one, release)) ?? kind;
  if (form !== kind) return shapeOf(form, release);
  if (kind.inner !== undefined) return "list";
  return kind.type === "group" || kind.orBytes ? "other" : "value";
}
