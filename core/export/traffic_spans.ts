import type { Transaction } from "../dissect/transaction.ts";
import type { Traffic } from "../stats/traffic.ts";
import { type Piece, pieceOf, Pieces } from "./piece.ts";
import { escapeText } from "./printable.ts";
import type { SpanSink } from "./spans.ts";

/** Names as lines show them. */
export const escaped = new Pieces(escapeText);

const [KEY, PARTITION, CONSUMER, GROUP] = ["key", "partition", "consumer", "group"]
  .map((name) => pieceOf(` ${name}=`)) as [Piece, Piece, Piece, Piece];
const AUTO_COMMIT = pieceOf(" auto_commit");

/** Bytes of a key that a line shows. */
const MAX_KEY = 16;

/**
 * Tells of messages what the fields that their command names do not: the key or the partition
 * they are sent to, and who polls, and whether that commits.
 */
export function tellAskedTraffic(
  transaction: Transaction,
  sink: SpanSink,
  traffic: Traffic,
): void {
  const { command, conversation, request } = transaction;
  if (conversation.registry.traffic === null || command === null) return;
  if (traffic.sends && request !== null) {
    const { key } = traffic;
    if (key === null) tell(PARTITION, traffic.chosenPartition, sink);
    else {
      sink.addPiece(KEY, "faint");
      sink.add(keyText(key));
    }
  }
  if (!traffic.isPoll) return;
  tell(CONSUMER, traffic.consumerName, sink);
  tell(GROUP, traffic.groupName, sink);
  if (traffic.commits) sink.addPiece(AUTO_COMMIT);
}

function tell(label: Piece, name: string | null, sink: SpanSink): void {
  if (name === null) return;
  sink.addPiece(label, "faint");
  sink.addPiece(escaped.of(name));
}

/** Tells the offsets of the messages that came back. */
export function tellCameTraffic(
  transaction: Transaction,
  sink: SpanSink,
  traffic: Traffic,
): void {
  if (transaction.conversation.registry.traffic === null) return;
  const { polled } = traffic;
  if (polled === null) return;
  const { first, last } = polled;
  sink.add(first === last ? ` offset ${first}` : ` offsets ${first}–${last}`);
}

/** A key as text where it is one, else as hex. */
function keyText(key: Uint8Array): string {
  const shown = key.subarray(0, MAX_KEY);
  const text = new TextDecoder().decode(shown);
  const more = key.length > MAX_KEY ? "…" : "";
  return escapeText(/[\p{C}\ufffd]/u.test(text) ? shown.toHex() : text) + more;
}
