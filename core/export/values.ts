import { type Fields, type JsonOptions, type Kind, SecretBytes } from "../schema/mod.ts";
import { humanValue } from "./human.ts";
import { escapeText, quoted } from "./printable.ts";

const kindsByName = new WeakMap<
  Kind<unknown>,
  Map<string, Kind<unknown> | undefined>
>();

/** The kind of a structure's field, in whichever form has it. */
export function fieldKind(kind: Kind<unknown>, name: string): Kind<unknown> | undefined {
  let byName = kindsByName.get(kind);
  if (byName === undefined) kindsByName.set(kind, byName = new Map());
  let found = byName.get(name);
  if (found === undefined && !byName.has(name)) {
    byName.set(name, found = searchKind(kind, name));
  }
  return found;
}

function searchKind(kind: Kind<unknown>, name: string): Kind<unknown> | undefined {
  for (const form of kind.forms ?? [kind]) {
    const found = form.fields?.find(([field]) => field === name)?.[1] ??
      (form.inner === undefined ? undefined : fieldKind(form.inner, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The kind of the field that a path with dots leads to. */
export function kindAt(kind: Kind<unknown>, path: string): Kind<unknown> | undefined {
  const dot = path.indexOf(".");
  if (dot < 0) return fieldKind(kind, path);
  const outer = fieldKind(kind, path.slice(0, dot));
  return outer === undefined ? undefined : kindAt(outer, path.slice(dot + 1));
}

/** A value in few words, for one line: human units only, structures as `kind:value`. */
export function shortValue(
  kind: Kind<unknown> | undefined,
  value: unknown,
  options: JsonOptions,
): string {
  if (value === null || value === undefined) return "none";
  if (kind !== undefined && isSecret(kind, value)) {
    return secretText(kind, value, options);
  }
  if (value instanceof Uint8Array) return amountOf(value.length, "bytes");
  if (Array.isArray(value)) {
    const plain = value.every((item) => typeof item !== "object");
    return plain
      ? value.map((item) => shortValue(kind?.inner, item, options)).join(",") || "none"
      : String(value.length);
  }
  if (typeof value === "object") {
    return Object.entries(value as Fields).filter(([, part]) => part !== null)
      .map(([name, part]) => shortValue(kind && fieldKind(kind, name), part, options))
      .join(":");
  }
  if (typeof value === "string") return kind?.names ? value : quoted(value);
  return humanValue(value, kind?.unit) ?? String(value);
}

/** A value for the tree: raw, with what it means beside it. */
export function longValue(
  kind: Kind<unknown>,
  value: unknown,
  options: JsonOptions,
): string {
  if (value === null || value === undefined) return "null";
  if (isSecret(kind, value)) return secretText(kind, value, options);
  if (value instanceof Uint8Array) return bytesText(value, options.maxBytes);
  if (typeof value === "string") {
    const number = [...kind.names ?? []].find(([, name]) => name === value)?.[0];
    return number === undefined
      ? `"${escapeText(value.replace(/["\\]/g, "\\$&"))}"`
      : `${value} (${number})`;
  }
  const human = humanValue(value, kind.unit);
  return human === null ? String(value) : `${value} (${human})`;
}

function isSecret(kind: Kind<unknown>, value: unknown): boolean {
  return kind.secret === true || value instanceof SecretBytes;
}

function secretText(kind: Kind<unknown>, value: unknown, options: JsonOptions): string {
  const shown = kind.json?.(value, options);
  return typeof shown === "string"
    ? (options.showSecrets ? quoted(shown) : shown)
    : escapeText(JSON.stringify(shown));
}

function bytesText(bytes: Uint8Array, maxBytes: number): string {
  const shown = bytes.subarray(0, maxBytes);
  const more = bytes.length - shown.length;
  const text = new TextDecoder().decode(shown);
  const legible = shown.length > 0 && !/[\p{C}\ufffd]/u.test(text);
  const preview = legible ? ` "${text.replace(/["\\]/g, "\\$&")}"` : ` ${shown.toHex()}`;
  return amountOf(bytes.length, "bytes") + (shown.length > 0 ? preview : "") +
    (more > 0 ? ` … (+${more} bytes)` : "");
}

const wordsByPlural = new Map<string, readonly [one: string, more: string]>();

/** `1 message`, `20 messages`: a number of what a plural names. */
export function amountOf(count: number | bigint | string, plural: string): string {
  let words = wordsByPlural.get(plural);
  if (words === undefined) {
    const more = plural.replaceAll("_", " ");
    wordsByPlural.set(plural, words = [more.replace(/(?<=[^s])s$/, ""), more]);
  }
  return `${count} ${words[String(count) === "1" ? 0 : 1]}`;
}
