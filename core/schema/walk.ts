import type { Kind } from "./kind.ts";

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
    for (const [name, field] of form.fields ?? []) {
      if (name.startsWith("_")) continue;
      const base = field.hoisted ? parentPath : path;
      const here = { path: `${base}.${name}`, kind: field, names: [...names, name] };
      visit(here);
      walkFields(field, here.path, visit, here.names, base);
    }
  }
}

/** The release numbers at which some layout under `kind` changes: first releases of layouts. */
export function layoutBorders(
  kind: Kind<unknown>,
  borders = new Set<number>(),
): Set<number> {
  if (kind.from !== undefined) borders.add(kind.from);
  if (kind.to !== undefined) borders.add(kind.to + 1);
  if (kind.changesAt !== undefined) borders.add(kind.changesAt);
  for (const form of kind.forms ?? []) layoutBorders(form, borders);
  for (const [, field] of kind.fields ?? []) layoutBorders(field, borders);
  if (kind.inner !== undefined) layoutBorders(kind.inner, borders);
  return borders;
}
