/** All values below a record by their name, as text. */
export function valuesOf(
  value: unknown,
  name = "",
  into: Map<string, Set<string>> = new Map(),
): Map<string, Set<string>> {
  if (value !== null && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) {
      valuesOf(inner, Array.isArray(value) ? name : key, into);
    }
  } else into.set(name, (into.get(name) ?? new Set()).add(String(value)));
  return into;
}
