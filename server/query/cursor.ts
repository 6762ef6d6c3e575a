import { ProblemError } from "../problem.ts";

/** The text that stands for "go on at number `n`" of one list. */
export function cursorOf(n: number, list: string): string {
  return btoa(`${list}:${n}`).replaceAll("=", "").replaceAll("+", "-")
    .replaceAll("/", "_");
}

/** The number of a cursor of this list, or the first one. Throws 400 on any other text. */
export function readCursor(cursor: string | undefined, list: string, first = 0): number {
  if (cursor === undefined) return first;
  let text = "";
  try {
    text = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    // It is none; see below.
  }
  const n = text.startsWith(`${list}:`) ? text.slice(list.length + 1) : "";
  if (!/^-?\d{1,10}$/.test(n) || Number(n) < first) {
    throw new ProblemError(400, "The cursor does not belong to this list.");
  }
  return Number(n);
}
