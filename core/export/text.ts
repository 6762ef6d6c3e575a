import { hostOf } from "../net/endpoint.ts";
import type { Stamp } from "../flow/mod.ts";
import type { ConversationState } from "../dissect/conversation_state.ts";
import type { Transaction } from "../dissect/transaction.ts";
import type { Pdu } from "../framing/pdu.ts";
import type { Issue, Severity } from "../issue.ts";
import type { Exporter, TextOptions } from "./exporter.ts";
import { hexDump } from "./hex.ts";
import { shortSize, shortTime } from "./human.ts";
import { column, escapeText, widthOf } from "./printable.ts";
import { secretRanges } from "./secrets.ts";
import { type Look, paint, paintSpans, span, spansWidth, wrap } from "./spans.ts";
import { LineTraffic } from "./line_traffic.ts";
import { type Piece, pieceOf, Pieces } from "./piece.ts";
import { RowBytes } from "./row_bytes.ts";
import { requestSummary, responseSummary, tellRequest, tellResponse } from "./summary.ts";
import { timeColumn } from "./time_column.ts";

/** From this width on, lines have endpoints, sizes and microseconds too. */
const WIDE = 120;
/** Columns of endpoints at first and at most; the column grows with what it met. */
const MIN_ENDPOINTS = 20;
const MAX_ENDPOINTS = 34;
/** Response times from here on are coloured as slow, in µs. */
const SLOW_US = 100_000;
const INDENT = "     ";
/** Columns of a response time; a longer one takes what it needs. */
const TIME_WIDTH = 7;
/** Conversations whose endpoints are kept; with more open ones they would take their memory. */
const MAX_KNOWN = 1024;
/** What stands between what was asked and what came back. */
const ARROW = " → ";
const ARROW_PIECE = pieceOf(ARROW);
/** Sizes of requests and responses, and response times, as lines show them. */
const requestSizes = new Pieces((length: number) => ` ${sizeColumn(length)}↑ `);
const responseSizes = new Pieces((length: number) => `${sizeColumn(length)}↓ `);
const times = new Pieces((us: number) => shortTime(us).padStart(TIME_WIDTH));
const NO_REQUEST = pieceOf(` ${sizeColumn(null)}↑ `);
const NO_RESPONSE = pieceOf(`${sizeColumn(null)}↓ `);
const NO_TIME = pieceOf(" ".repeat(TIME_WIDTH));
/** Columns of both sizes. */
const SIZES_WIDTH = 14;
const SPACE = pieceOf(" ");

/** How a line shows the endpoints of a conversation, and what that was made of. */
interface Ends {
  readonly client: string;
  readonly server: string;
  readonly isToClient: boolean;
  readonly width: number;
  readonly text: string;
}

/** What stands between a line's time and what was asked, and what that was made of. */
interface Origin {
  readonly ends: Ends | null;
  readonly labelWidth: number;
  readonly piece: Piece;
}

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
  const clock = timeColumn(form, wide ? 6 : 3);
  const showsDay = form === "a" || form === "u";
  let day = "";
  let dayNumber = NaN;
  /** The endpoints of conversations, as long as they are what they were. */
  const known = new Map<ConversationState, Ends>();

  const row = new RowBytes(), asked = new RowBytes(), came = new RowBytes();

  function dayChange(stamp: Stamp): string {
    const number = dayOf(stamp);
    if (number === dayNumber) return "";
    dayNumber = number;
    const date = new Date(stamp.seconds * 1000);
    const next = Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 10);
    const isNew = day !== "" && next !== day;
    day = next;
    return isNew ? `${paint(span(`— ${next}`, "faint"), color)}\n` : "";
  }

  function endpoints({ conversation, request }: Transaction): Ends {
    const { client, server } = conversation;
    // What the server sends without being asked goes the other way.
    const isToClient = request?.sender === "server";
    const ends = known.get(conversation);
    const isSame = ends !== undefined && client === ends.client &&
      server === ends.server && isToClient === ends.isToClient &&
      endpointsWidth === ends.width;
    if (isSame) return ends;
    const [clientHost, serverHost] = [hostOf(client), hostOf(server)];
    const shortServer = clientHost === serverHost
      ? server.slice(serverHost.length + 1)
      : server;
    const whole = `${client}${isToClient ? "←" : "→"}${shortServer}`;
    endpointsWidth = Math.min(MAX_ENDPOINTS, Math.max(endpointsWidth, widthOf(whole)));
    const text = column(whole, endpointsWidth);
    const next = { client, server, isToClient, width: endpointsWidth, text };
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(conversation, next);
    return next;
  }

  function line(transaction: Transaction): string {
    const { request, response, responseTimeUs, conversation } = transaction;
    const stamp = (request ?? response)?.stamp ?? null;
    const conversationText = conversation.label;
    conversationWidth = Math.max(conversationWidth, conversationText.length);
    const timeText = clock.text(stamp);
    let before = `${timeText} ${conversationText.padStart(conversationWidth)}`;
    // Times and numbers are ASCII, and the column of endpoints is as wide as it says.
    let beforeWidth = before.length;
    if (wide) {
      before += ` ${endpoints(transaction).text}`;
      beforeWidth += 1 + endpointsWidth;
    }
    const sizes = wide
      ? `${sizeColumn(request?.length ?? null)}↑ ${
        sizeColumn(response?.length ?? null)
      }↓ `
      : "";
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
    const width = askedWidth(room, spansWidth(asked), spansWidth(came));
    return paintSpans(asked, width, color, true) + paint(span(ARROW, "faint"), color) +
      paintSpans(came, room - ARROW.length - width, color, true);
  }

  const isPlain = !color && !options.hex && clock.isStateless;

  /** The origins of conversations, as long as they are what they were. */
  const origins = new Map<ConversationState, Origin>();

  function originOf(transaction: Transaction): Piece {
    const { conversation } = transaction;
    const ends = wide ? endpoints(transaction) : null;
    const found = origins.get(conversation);
    const isSame = found?.ends === ends && found.labelWidth === conversationWidth;
    if (isSame) return found.piece;
    const { label } = conversation;
    conversationWidth = Math.max(conversationWidth, label.length);
    const text = ` ${label.padStart(conversationWidth)} `;
    const piece = pieceOf(ends === null ? text : `${text}${ends.text} `);
    if (origins.size >= MAX_KNOWN) origins.clear();
    origins.set(conversation, { ends, labelWidth: conversationWidth, piece });
    return piece;
  }

  /** The line of a transaction with nothing to report, in bytes; null where it is odd. */
  function bytes(transaction: Transaction): Uint8Array | null {
    const { request, response, responseTimeUs } = transaction;
    const stamp = (request ?? response)?.stamp;
    if (!isPlain || stamp === undefined || transaction.hasOwnIssues) return null;
    if (showsDay && dayOf(stamp) !== dayNumber) return null;
    const time = responseTimeUs === null ? NO_TIME : times.of(responseTimeUs);
    if (time.columns > TIME_WIDTH) return null;
    row.clear();
    clock.addTo(row, stamp);
    row.addPiece(originOf(transaction));
    asked.clear();
    came.clear();
    const traffic = new LineTraffic(transaction);
    tellRequest(transaction, options, asked, traffic);
    tellResponse(transaction, options, came, traffic);
    // What tells of them has judged them.
    if (transaction.issues.length > 0) return null;
    const sizesWidth = wide ? SIZES_WIDTH : 0;
    const room = Math.max(20, width - row.columns - sizesWidth - TIME_WIDTH - 1);
    if (!exchangeBytes(room)) return null;
    if (wide) {
      row.addPiece(request === null ? NO_REQUEST : requestSizes.of(request.length));
      row.addPiece(response === null ? NO_RESPONSE : responseSizes.of(response.length));
    } else row.addPiece(SPACE);
    row.addPiece(time);
    return row.overflows ? null : row.line();
  }

  /** As `exchange`, of what was told already. */
  function exchangeBytes(room: number): boolean {
    if (asked.overflows || came.overflows) return false;
    if (came.columns === 0) return row.addColumn(asked, room);
    const width = askedWidth(room, asked.columns, came.columns);
    if (!row.addColumn(asked, width)) return false;
    row.addPiece(ARROW_PIECE);
    return row.addColumn(came, room - ARROW.length - width);
  }

  return {
    head: () => "",
    bytes,
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

/** The columns of what was asked, so that what came back has its place too. */
function askedWidth(room: number, asked: number, came: number): number {
  const usual = Math.floor(room * 0.6);
  const most = room - ARROW.length - Math.min(came, Math.floor(room * 0.45));
  return Math.min(most, Math.max(usual, asked));
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

function dayOf({ seconds }: Stamp): number {
  return Math.floor(seconds / 86_400);
}

function sizeColumn(length: number | null): string {
  return (length === null ? "–" : shortSize(length)).padStart(5);
}
