import { formatTime } from "../core/dissect/time.ts";
import type { Transaction } from "../core/dissect/transaction.ts";
import { hexDump } from "../core/export/hex.ts";
import { shortTime } from "../core/export/human.ts";
import { secretRanges } from "../core/export/secrets.ts";
import type { TextOptions } from "../core/export/exporter.ts";
import { paint, paintSpans, type Span, span } from "../core/export/spans.ts";
import { requestSummary, responseSummary } from "../core/export/summary.ts";
import { issueLines } from "../core/export/text.ts";
import type { Pdu } from "../core/framing/pdu.ts";

/** How PDUs are told. */
export type DialogueForm = "decoded" | "text" | "hex";

/** One PDU, ready to be printed. */
interface Turn {
  readonly packet: number;
  readonly text: string;
}

/** Turns kept to be put in order; those of one conversation are never far apart. */
const WINDOW = 4096;

/**
 * The PDUs of a conversation in the order they were complete, each with who sent it. What is
 * secret is masked unless wanted.
 */
export class Dialogue {
  readonly #form: DialogueForm;
  readonly #options: TextOptions;
  readonly #out: (text: string) => void;
  #turns: Turn[] = [];

  constructor(form: DialogueForm, options: TextOptions, out: (text: string) => void) {
    this.#form = form;
    this.#options = options;
    this.#out = out;
  }

  add(transaction: Transaction): void {
    const { request, response, issues, responseTimeUs } = transaction;
    if (request !== null) {
      const asked = requestSummary(transaction, this.#options);
      this.#turns.push(this.#turn("→", request, asked, false));
    }
    if (response !== null) {
      const came = responseSummary(transaction, this.#options);
      const time = responseTimeUs === null
        ? []
        : [span(` after ${shortTime(responseTimeUs)}`, "faint")];
      this.#turns.push(this.#turn("←", response, [...came, ...time], request === null));
    }
    const last = (response ?? request)?.stamp.packet ?? this.#turns.at(-1)?.packet ?? 0;
    const told = issues.map((issue) => issueLines(issue, this.#options)).join("");
    if (told !== "") this.#turns.push({ packet: last, text: told });
    if (this.#turns.length > WINDOW) this.#flush(WINDOW / 2);
  }

  /** Tells what is left. */
  end(): void {
    this.#flush(this.#turns.length);
  }

  #flush(count: number): void {
    this.#turns.sort((a, b) => a.packet - b.packet);
    for (const { text } of this.#turns.splice(0, count)) this.#out(text);
  }

  #turn(arrow: "→" | "←", pdu: Pdu, summary: readonly Span[], isOrphan: boolean): Turn {
    const { stamp, length } = pdu;
    const { width, color, showSecrets } = this.#options;
    const time = formatTime(stamp.seconds, stamp.nanos).slice(11, 26);
    const place = span(`${time} ${String(stamp.packet).padStart(5)} `, "faint");
    const head = [place, span(`${arrow} `, arrow === "→" ? "strong" : "plain")];
    if (this.#form === "decoded") {
      const line = paintSpans([...head, ...summary], width, color);
      return { packet: stamp.packet, text: `${line}\n` };
    }
    const hidden = showSecrets ? [] : secretRanges(pdu, isOrphan);
    const heading = paintSpans([...head, span(`${length} bytes`)], width, color);
    const rows = this.#form === "hex"
      ? hexDump(pdu.bytes, hidden)
      : textRows(pdu, hidden);
    const body = rows.map((row) => paint(span(row), color)).join("\n");
    return { packet: stamp.packet, text: `${heading}\n${body}\n` };
  }
}

const ROW = 64;

/** ASCII as tshark's `follow,tcp,ascii`: everything else is a dot, a secret byte an asterisk. */
function textRows(
  { bytes }: Pdu,
  hidden: readonly { readonly start: number; readonly end: number }[],
): string[] {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW) {
    let row = "";
    for (let i = at; i < Math.min(at + ROW, bytes.length); i++) {
      const byte = bytes[i]!;
      if (hidden.some(({ start, end }) => i >= start && i < end)) row += "*";
      else row += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
    }
    rows.push(row);
  }
  return rows;
}
