import { formatTime } from "../dissect/time.ts";
import type { Transaction } from "../dissect/transaction.ts";
import type { Pdu } from "../framing/pdu.ts";
import type { FieldNode, Fields, Kind } from "../schema/mod.ts";
import type { Exporter, TextOptions } from "./exporter.ts";
import { shortTime } from "./human.ts";
import { escapeText, widthOf } from "./printable.ts";
import { paint, type Span, span } from "./spans.ts";
import { requestSummary, responseSummary } from "./summary.ts";
import { hexLines, issueLines } from "./text.ts";
import { amountOf, fieldKind, longValue } from "./values.ts";

/**
 * Every field of every transaction, one a line, indented by structure, its bytes in the PDU at
 * the right: `[8..13)` are the bytes from 8 up to 13.
 */
export function treeExporter(options: TextOptions): Exporter {
  return {
    head: () => "",
    transaction: (transaction) => new Tree(options).transaction(transaction),
    tail: () => "",
  };
}

class Tree {
  readonly #options: TextOptions;
  #text = "";

  constructor(options: TextOptions) {
    this.#options = options;
  }

  transaction(transaction: Transaction): string {
    const { number, conversation, request, response, responseTimeUs } = transaction;
    const [name] = requestSummary(transaction, this.#options);
    const isAlone = request?.stamp.packet === 0;
    const [result] = isAlone ? [] : responseSummary(transaction, this.#options);
    this.#line(0, [
      span(`Transaction ${number}: `),
      name!,
      ...result === undefined ? [] : [span(" → ", "faint"), result],
      ...responseTimeUs === null
        ? []
        : [span(` after ${shortTime(responseTimeUs)}`, "faint")],
    ]);
    const protocol = [conversation.framing, transaction.release].filter(Boolean);
    this.#line(1, [span(
      `conversation ${conversation.label}, ${conversation.client} → ` +
        conversation.server + (protocol.length > 0 ? `, ${protocol.join(" ")}` : ""),
      "faint",
    )]);
    if (request !== null) this.#pdu("Request", request, false);
    if (response !== null) this.#pdu("Response", response, request === null);
    for (const issue of transaction.issues) {
      this.#text += issueLines(issue, this.#options, "  ");
    }
    return `${this.#text}\n`;
  }

  #pdu(title: string, pdu: Pdu, isOrphan: boolean): void {
    const { stamp, length, header, headerKind } = pdu;
    this.#line(1, [
      span(title, "strong"),
      ...stamp.packet === 0
        ? []
        : [span(`, packet ${stamp.packet}, ${formatTime(stamp.seconds, stamp.nanos)}`)],
      span(`, ${amountOf(length, "bytes")}`),
    ]);
    if (header !== null && headerKind !== null) this.#header(headerKind, header);
    const tree = pdu.isEmpty ? null : pdu.decodedTree?.tree ?? null;
    for (const child of tree?.children ?? []) this.#node(2, child);
    if (tree === null && !pdu.isEmpty) {
      this.#line(2, [
        span(`${amountOf(pdu.end - pdu.start, "bytes")} not decoded`, "faint"),
      ]);
    }
    if (this.#options.hex) {
      this.#text += hexLines("bytes", pdu, isOrphan, this.#options, "    ");
    }
  }

  #header(kind: Kind<unknown>, header: Fields): void {
    this.#line(2, [span("header")]);
    for (const [name, value] of Object.entries(header)) {
      const field = fieldKind(kind, name);
      const text = field === undefined
        ? escapeText(String(value))
        : longValue(field, value, this.#options);
      this.#line(3, [span(`${name}: `, "faint"), span(text)]);
    }
  }

  #node(depth: number, node: FieldNode): void {
    const { name, kind, value, offset, length, children } = node;
    if (name.startsWith("_")) return;
    const isItem = /^\d+$/.test(name);
    const label = isItem ? `[${name}]` : escapeText(name);
    const bytes = `[${offset}..${offset + length})`;
    if (Array.isArray(value)) {
      this.#line(depth, [
        span(`${label}: `, "faint"),
        span(amountOf(value.length, "items")),
      ], bytes);
      if (children.length === 0) this.#items(depth + 1, kind, value);
    } else if (children.length > 0) {
      this.#line(depth, [span(label, "faint")], bytes);
    } else {
      const text = longValue(kind, value, this.#options);
      this.#line(
        depth,
        [span(`${label}: `, "faint"), span(text)],
        length > 0 ? bytes : "",
      );
    }
    for (const child of children) this.#node(depth + 1, child);
  }

  /** Items of a list that has no nodes of its own: those that follow from others. */
  #items(depth: number, kind: Kind<unknown>, items: readonly unknown[]): void {
    items.forEach((item, i) => {
      if (typeof item === "object" && item !== null) return;
      const text = longValue(kind.inner ?? kind, item, this.#options);
      this.#line(depth, [span(`[${i}]: `, "faint"), span(text)]);
    });
  }

  #line(depth: number, spans: readonly Span[], right = ""): void {
    const { color, width } = this.#options;
    const indent = "  ".repeat(depth);
    const text = spans.map(({ text }) => text).join("");
    const space = width - indent.length - widthOf(text) - right.length;
    const painted = spans.map((each) => paint(each, color)).join("");
    this.#text += right === "" || space < 2
      ? `${indent}${painted}${
        right === "" ? "" : `  ${paint(span(right, "faint"), color)}`
      }\n`
      : `${indent}${painted}${" ".repeat(space)}${paint(span(right, "faint"), color)}\n`;
  }
}
