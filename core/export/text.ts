import type { Stamp } from "../flow/mod.ts";
import type { Transaction } from "../dissect/transaction.ts";
import type { Pdu } from "../framing/pdu.ts";
import type { Issue, Severity } from "../issue.ts";
import type { Exporter, TextOptions } from "./exporter.ts";
import { hexDump } from "./hex.ts";
import { shortSize, shortTime } from "./human.ts";
import { column, escapeText, widthOf } from "./printable.ts";
import { secretRanges } from "./secrets.ts";
import { type Look, paint, paintSpans, span, spansWidth, wrap } from "./spans.ts";
import { requestSummary, responseSummary } from "./summary.ts";
import { timeColumn } from "./time_column.ts";

/** From this width on, lines have endpoints, sizes and microseconds too. */
const WIDE = 120;
/** Columns of endpoints at first and at most; the column grows with what it met. */
const MIN_ENDPOINTS = 20;
const MAX_ENDPOINTS = 34;
/** Response times from here on are coloured as slow, in µs. */
const SLOW_US = 100_000;
const INDENT = "     ";

const MARKS: Readonly<Record<Severity, readonly [string, Look]>> = {
  chat: ["·", "faint"],
  note: ["i", "plain"],
  warn: ["!", "odd"],
  error: ["✗", "bad"],
};

/**
 * One line a transaction: time (UTC), conversation, what was asked, what came back, how long
 * it took; issues indented below. Whatever a capture holds, a line fits the width, and
 * nothing of it acts on the terminal.
 */
export function textExporter(options: TextOptions): Exporter {
  const { width, color } = options;
  const wide = width >= WIDE;
  let endpointsWidth = MIN_ENDPOINTS;
  let conversationWidth = 2;
  const form = options.time ?? "u";
  const times = timeColumn(form, wide ? 6 : 3);
  const showsDay = form === "a" || form === "u";
  let day = "";
  let dayNumber = NaN;
  /** The endpoints of the last line, as most lines have those of the line before. */
  let ends = { client: "", server: "", isToClient: false, text: "" };

  function dayChange(stamp: Stamp): string {
    const number = Math.floor(stamp.seconds / 86_400);
    if (number === dayNumber) return "";
    dayNumber = number;
    const date = new Date(stamp.seconds * 1000);
    const next = Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 10);
    const isNew = day !== "" && next !== day;
    day = next;
    return isNew ? `${paint(span(`— ${next}`, "faint"), color)}\n` : "";
  }

  function endpoints({ conversation, request }: Transaction): string {
    const { client, server } = conversation;
    // What the server sends without being asked goes the other way.
    const isToClient = request?.sender === "server";
    const isSame = client === ends.client && server === ends.server &&
      isToClient === ends.isToClient;
    if (isSame) return ends.text;
    const [clientHost, serverHost] = [hostOf(client), hostOf(server)];
    const shortServer = clientHost === serverHost
      ? server.slice(serverHost.length + 1)
      : server;
    const text = `${client}${isToClient ? "←" : "→"}${shortServer}`;
    endpointsWidth = Math.min(MAX_ENDPOINTS, Math.max(endpointsWidth, widthOf(text)));
    ends = { client, server, isToClient, text: column(text, endpointsWidth) };
    return ends.text;
  }

  function line(transaction: Transaction): string {
    const { request, response, responseTimeUs, conversation } = transaction;
    const stamp = (request ?? response)?.stamp ?? null;
    const conversationText = conversation.label;
    conversationWidth = Math.max(conversationWidth, conversationText.length);
    const timeText = times.text(stamp);
    let before = `${timeText} ${conversationText.padStart(conversationWidth)}`;
    // Times and numbers are ASCII, and the column of endpoints is as wide as it says.
    let beforeWidth = before.length;
    if (wide) {
      before += ` ${endpoints(transaction)}`;
      beforeWidth += 1 + endpointsWidth;
    }
    const sizes = wide ? `${sizeColumn(request)}↑ ${sizeColumn(response)}↓ ` : "";
    const time = column(
      responseTimeUs === null ? "" : shortTime(responseTimeUs),
      7,
      "right",
    );
    const room = width - beforeWidth - widthOf(sizes) - widthOf(time) - 2;
    const middle = exchange(transaction, Math.max(20, room));
    const isSlow = responseTimeUs !== null && responseTimeUs >= SLOW_US;
    return `${paint(span(before, "faint"), color)} ${middle} ${
      paint(span(sizes, "faint"), color)
    }${paint(span(time, isSlow ? "odd" : "plain"), color)}`.trimEnd() + "\n";
  }

  /** What was asked and what came back, in one column each as long as both fit. */
  function exchange(transaction: Transaction, room: number): string {
    const asked = requestSummary(transaction, options);
    const came = responseSummary(transaction, options);
    if (came.length === 0) return paintSpans(asked, room, color, true);
    const arrow = 3;
    const usual = Math.floor(room * 0.6);
    const most = room - arrow - Math.min(spansWidth(came), Math.floor(room * 0.45));
    const askedWidth = Math.min(most, Math.max(usual, spansWidth(asked)));
    return paintSpans(asked, askedWidth, color, true) +
      paint(span(" → ", "faint"), color) +
      paintSpans(came, room - arrow - askedWidth, color, true);
  }

  return {
    head: () => "",
    transaction(transaction) {
      const { request, response } = transaction;
      const stamp = (request ?? response)?.stamp;
      let text = stamp === undefined || !showsDay ? "" : dayChange(stamp);
      text += line(transaction);
      for (const issue of transaction.issues) text += issueLines(issue, options);
      if (!options.hex) return text;
      if (request !== null) text += hexLines("request", request, false, options);
      if (response !== null) {
        text += hexLines("response", response, request === null, options);
      }
      return text;
    },
    tail: () => "",
  };
}

/** An issue with its mark, where it was found, wrapped to the width. */
export function issueLines(
  { severity, group, message, packet, offset }: Issue,
  { width, color }: TextOptions,
  indent = INDENT,
): string {
  const [mark, look] = MARKS[severity];
  const place = [
    group,
    ...packet === null || packet === 0 ? [] : [`packet ${packet}`],
    ...offset === null || packet === null ? [] : [`byte ${offset}`],
  ].join(", ");
  const text = `${escapeText(message)} (${place})`;
  return wrap(text, Math.max(20, width - indent.length - 2)).map((part, i) =>
    `${indent}${paint(span(`${i === 0 ? mark : " "} ${part}`, look), color)}\n`
  ).join("");
}

/** The bytes of a PDU, those of secrets masked unless wanted. */
export function hexLines(
  title: string,
  pdu: Pdu,
  isOrphan: boolean,
  { showSecrets, color }: TextOptions,
  indent = INDENT,
): string {
  const hidden = showSecrets ? [] : secretRanges(pdu, isOrphan);
  const size = pdu.whole
    ? `${pdu.length} bytes`
    : `${pdu.bytes.length} of ${pdu.length} bytes captured`;
  const heading = paint(span(`${title}, ${size}`, "faint"), color);
  return [heading, ...hexDump(pdu.bytes, hidden)]
    .map((row) => `${indent}${row}\n`).join("");
}

function hostOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(":"));
}

function sizeColumn(pdu: Pdu | null): string {
  return (pdu === null ? "–" : shortSize(pdu.length)).padStart(5);
}
