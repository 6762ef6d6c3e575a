import type { Piece } from "./piece.ts";
import { fit, widthOf } from "./printable.ts";

/** How a piece of text looks on a terminal with colours. */
export type Look = "plain" | "strong" | "faint" | "good" | "bad" | "odd";

/** A piece of text, safe for a terminal, with its look. */
export interface Span {
  readonly text: string;
  readonly look: Look;
}

/** Takes the pieces of a line, one after another. */
export interface SpanSink {
  /** Takes text that is safe for a terminal. */
  add(text: string, look?: Look): void;
  /** As `add`, of what was made ready before. */
  addPiece(piece: Piece, look?: Look): void;
  /** As `add`, of a number as JavaScript shows it. */
  addNumber(value: number, look?: Look): void;
}

/** The pieces of a line as spans. */
export class SpanList implements SpanSink {
  readonly spans: Span[] = [];

  add(text: string, look?: Look): void {
    this.spans.push(span(text, look));
  }

  addPiece({ text }: Piece, look?: Look): void {
    this.spans.push(span(text, look));
  }

  addNumber(value: number, look?: Look): void {
    this.spans.push(span(String(value), look));
  }
}

/** SGR parameters that begin and end a look. Source: ECMA-48 section 8.3.117. */
const STYLES: Readonly<Record<Exclude<Look, "plain">, readonly [number, number]>> = {
  strong: [1, 22],
  faint: [2, 22],
  good: [32, 39],
  bad: [31, 39],
  odd: [33, 39],
};

/** Makes a span. */
export function span(text: string, look: Look = "plain"): Span {
  return { text, look };
}

/** Text in its look, or as it is without colours. */
export function paint({ text, look }: Span, color: boolean): string {
  if (!color || look === "plain" || text === "") return text;
  const [on, off] = STYLES[look];
  return `\x1b[${on}m${text}\x1b[${off}m`;
}

/** Columns the spans take together. */
export function spansWidth(spans: readonly Span[]): number {
  let sum = 0;
  for (const { text } of spans) sum += widthOf(text);
  return sum;
}

/** The spans one after another, cut to `width` columns, and with `fill` padded to them. */
export function paintSpans(
  spans: readonly Span[],
  width: number,
  color: boolean,
  fill = false,
): string {
  let line = "";
  let left = width - spansWidth(spans);
  if (left >= 0) { for (const each of spans) line += paint(each, color); }
  else {
    left = width;
    for (const each of cut(spans, width)) {
      line += paint(each, color);
      left -= widthOf(each.text);
    }
  }
  return fill && left > 0 ? line + " ".repeat(left) : line;
}

/** Of spans that take more than `width` columns, those that fit. */
function cut(spans: readonly Span[], width: number): readonly Span[] {
  const kept: Span[] = [];
  let left = width - 1;
  for (const each of spans) {
    const columns = widthOf(each.text);
    if (columns > left) {
      kept.push({ text: fit(`${each.text}…`, left + 1), look: each.look });
      break;
    }
    kept.push(each);
    left -= columns;
  }
  return kept;
}

/** Words in lines of at most `width` columns; a longer word gets a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && widthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
