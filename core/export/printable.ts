import { eastAsianWidth } from "get-east-asian-width";

export { escapeJson } from "../bytes/json_text.ts";

/** What must not reach a terminal: controls, marks of direction, line breaks, private use. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;
/** The same test where the text is found safe in most cases. */
const ANY_UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/u;
/** Characters of one column each, without asking further: ASCII, Latin, Greek, arrows, blocks. */
const NARROW =
  /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u0370-\u0377\u0391-\u03ff\u2013-\u2026\u2190-\u21ff\u2500-\u25f7]*$/;
const SHORT: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\0", "\\0"],
]);

/**
 * Text with everything escaped that could change what a terminal shows: control characters,
 * marks of direction, line separators.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(escapeText("a\x1b[31m\u202eb"), "a\\x1b[31m\\u{202e}b");
 * ```
 */
export function escapeText(text: string): string {
  return ANY_UNSAFE.test(text) ? text.replace(UNSAFE, escaped) : text;
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  return SHORT.get(character) ??
    (code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u{${code.toString(16)}}`);
}

/** Words that would pass for another value. */
const TAKEN = /^(\d+(\.\d+)?|true|false|null|none)$/;

/** Words as they are shown, for those that come again; at most so many. */
const shownWords = new Map<string, string>();
const MAX_WORDS = 1024;

/** A word as it is where it cannot be mistaken, else in quotes with escapes. */
export function quoted(text: string): string {
  let shown = shownWords.get(text);
  if (shown !== undefined) return shown;
  shown = inQuotes(text);
  if (shownWords.size >= MAX_WORDS) shownWords.clear();
  if (text.length <= MAX_WORDS) shownWords.set(text, shown);
  return shown;
}

function inQuotes(text: string): string {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_.:@/+-]*$/u.test(text) && !TAKEN.test(text)) return text;
  return `"${escapeText(text.replace(/["\\]/g, "\\$&"))}"`;
}

/** Made when first needed: it takes longer than reading a small capture. */
let segmenter: Intl.Segmenter | null = null;

function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** Characters that take no column of their own. */
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;
/** Characters shown as pictures take two columns. Made when needed: it takes 20 ms to compile. */
let picture: RegExp | null = null;

function isPicture(text: string): boolean {
  return (picture ??= new RegExp("^\\p{RGI_Emoji}$", "v")).test(text);
}

/** Columns that text without escapes takes on a terminal. */
export function widthOf(text: string): number {
  if (isAscii(text)) return text.length;
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemesOf(text)) {
    if (isPicture(segment)) width += 2;
    else if (!ZERO_WIDTH.test(segment)) width += eastAsianWidth(segment.codePointAt(0)!);
  }
  return width;
}

/** Whether all characters are printable ASCII; for short texts faster than a pattern. */
function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** Text cut to at most `width` columns, with `…` where something was left out. */
export function fit(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return "";
  // Its characters take a column each, and none joins with its neighbour.
  if (NARROW.test(text)) return `${text.slice(0, width - 1)}…`;
  let kept = "";
  let used = 0;
  for (const { segment } of graphemesOf(text)) {
    const next = widthOf(segment);
    if (used + next > width - 1) break;
    kept += segment;
    used += next;
  }
  return `${kept}…`;
}

/** Text cut or filled with spaces to exactly `width` columns. */
export function column(text: string, width: number, align: "left" | "right" = "left") {
  const shown = fit(text, width);
  const space = " ".repeat(Math.max(0, width - widthOf(shown)));
  return align === "left" ? shown + space : space + shown;
}
