import type { Fields, Kind } from "./kind.ts";
import { afterRelease } from "./releases.ts";

/** A field path with what stands there. */
export interface FieldPath {
  /** `app.list.response.items.name` */
  readonly path: string;
  readonly kind: Kind<unknown>;
  /** Names of the structures around it, outermost first, then its own. */
  readonly names: readonly string[];
}

/** Calls `visit` for every field under `kind`, in wire order, with its path. */
export function walkFields(
  kind: Kind<unknown>,
  path: string,
  visit: (field: FieldPath) => void,
  names: readonly string[] = [],
  parentPath = path,
): void {
  for (const form of kind.forms ?? [kind]) {
    if (form.inner !== undefined) walkFields(form.inner, path, visit, names, parentPath);
    for (const one of Object.values(form.cases ?? {})) {
      walkFields(one, path, visit, names, parentPath);
    }
    for (const [name, field] of form.fields ?? []) {
      if (name.startsWith("_")) continue;
      const base = field.hoisted ? parentPath : path;
      const here = { path: `${base}.${name}`, kind: field, names: [...names, name] };
      visit(here);
      walkFields(field, here.path, visit, here.names, base);
    }
  }
}

/** The value at a path of names with dots between; undefined where the way there is not. */
export function valueAt(fields: Fields, path: string): unknown {
  if (path in fields) return fields[path];
  const dot = path.indexOf(".");
  if (dot < 0) return undefined;
  const part = fields[path.slice(0, dot)];
  if (typeof part !== "object" || part === null) return undefined;
  return valueAt(part as Fields, path.slice(dot + 1));
}

/**
 * The release numbers at which some layout under `kind` changes: first releases of layouts. Kinds
 * in `seen` were looked at before: many layouts share their parts.
 */
export function layoutBorders(
  kind: Kind<unknown>,
  borders: Set<number> = new Set(),
  seen: Set<Kind<unknown>> = new Set(),
): Set<number> {
  if (seen.has(kind)) return borders;
  seen.add(kind);
  if (kind.from !== undefined) borders.add(kind.from);
  if (kind.to !== undefined) borders.add(afterRelease(kind.to));
  const { changesAt, forms, fields, cases, inner } = kind;
  changesAt?.forEach((border) => borders.add(border));
  forms?.forEach((form) => layoutBorders(form, borders, seen));
  fields?.forEach(([, field]) => layoutBorders(field, borders, seen));
  if (cases !== undefined) {
    for (const one of Object.values(cases)) layoutBorders(one, borders, seen);
  }
  if (inner !== undefined) layoutBorders(inner, borders, seen);
  return borders;
}
