const KEY = "iggyscope.filters";
const KEPT = 30;

/** Filters used before in this browser, newest first. */
export function filterHistory(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((each) => typeof each === "string") : [];
  } catch {
    return []; // another program's, or cut off
  }
}

/** Puts a filter first. */
export function rememberFilter(filter: string): void {
  if (filter.trim() === "") return;
  const others = filterHistory().filter((each) => each !== filter);
  localStorage.setItem(KEY, JSON.stringify([filter, ...others].slice(0, KEPT)));
}
