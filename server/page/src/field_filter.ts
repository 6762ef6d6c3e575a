import type { Node } from "../../api.ts";
import { quoteText } from "./url_state.ts";

/** The filter that finds what holds the same; null where a field cannot be compared. */
export function filterOf(node: Node): string | null {
  const { name, path, type, value, secret, children } = node;
  if (secret || path === "" || children.length > 0) return null;
  if (typeof value === "boolean" || typeof value === "number") {
    return `${path} == ${value}`;
  }
  if (typeof value !== "string") return null;
  const isNumber = /^-?\d+$/.test(value) && !/string|variant/.test(type);
  // Filters know the names of an enum's numbers, but not where a list holds them.
  if (/^\d+$/.test(name) && /int/.test(type) && !isNumber) return null;
  return `${path} == ${isNumber ? value : quoteText(value)}`;
}
