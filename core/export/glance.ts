import type { Pdu } from "../framing/pdu.ts";
import {
  type Fields,
  isIn,
  type Kind,
  type ValueReader,
  valueReader,
  type Wanted,
} from "../schema/mod.ts";
import { kindAt } from "./values.ts";

/** How one layout's summary is read in one release. */
interface Glance {
  readonly reader: ValueReader;
  /** The names of the fields that are read, and the paths of those inside parts. */
  readonly names: readonly string[];
  /** What stands for each. */
  readonly shapes: readonly ("value" | "list" | "other")[];
}

const STANDS_FOR_A_GROUP: Fields = Object.freeze({});
const glances = new WeakMap<
  readonly string[],
  Map<Kind<unknown>, Map<number, Glance | null>>
>();

/**
 * The fields of a PDU as far as one line tells of them: those that `info` names, lists by
 * their lengths alone, and the first field. Read carefully only where that is needed.
 */
export function glanceAt(pdu: Pdu, info: readonly string[]): Fields {
  const glance = pdu.layout === null ? null : glanceOf(pdu.layout, pdu.release, info);
  const values = glance !== null && pdu.isSound
    ? glance.reader(pdu.bytes, pdu.start, pdu.end)
    : null;
  if (glance === null || values === null) return pdu.decoded!.fields as Fields;
  const fields: Fields = {};
  glance.names.forEach((name, i) => {
    const shape = glance.shapes[i]!;
    if (shape === "value") fields[name] = values[i];
    else if (shape === "other") fields[name] = STANDS_FOR_A_GROUP;
    else fields[name] = new Array(Number(values[i] ?? 0));
  });
  return fields;
}

function glanceOf(
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
