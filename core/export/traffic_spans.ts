import type { Transaction } from "../dissect/transaction.ts";
import { Traffic } from "../stats/mod.ts";
import { escapeText } from "./printable.ts";
import { type Span, span } from "./spans.ts";

/** Bytes of a key that a line shows. */
const MAX_KEY = 16;

/**
 * What a line tells of messages beside the fields that its command names: the key or the
 * partition they are sent to, and who polls, and whether that commits.
 */
export function askedTraffic(
  transaction: Transaction,
  traffic: Traffic = new Traffic(transaction),
): Span[] {
  const { command, conversation, request } = transaction;
  if (conversation.registry.traffic === null || command === null) return [];
  const spans: Span[] = [];
  const tell = (name: string, value: string | null) => {
    if (value === null) return;
    spans.push(span(` ${name}=`, "faint"), span(value));
  };
  if (traffic.sends && request !== null) {
    if (traffic.key !== null) tell("key", keyText(traffic.key));
    else tell("partition", escaped(traffic.chosenPartition));
  }
  if (!traffic.isPoll) return spans;
  tell("consumer", escaped(traffic.consumerName));
  tell("group", escaped(traffic.groupName));
  if (traffic.commits) spans.push(span(" auto_commit"));
  return spans;
}

/** The offsets of the messages that came back. */
export function cameTraffic(transaction: Transaction): Span[] {
  if (transaction.conversation.registry.traffic === null) return [];
  const { polled } = new Traffic(transaction);
  if (polled === null) return [];
  const { first, last } = polled;
  const text = first === last ? `offset ${first}` : `offsets ${first}–${last}`;
  return [span(` ${text}`)];
}

function escaped(text: string | null): string | null {
  return text === null ? null : escapeText(text);
}

/** A key as text where it is one, else as hex. */
function keyText(key: Uint8Array): string {
  const shown = key.subarray(0, MAX_KEY);
  const text = new TextDecoder().decode(shown);
  const more = key.length > MAX_KEY ? "…" : "";
  return escapeText(/[\p{C}\ufffd]/u.test(text) ? shown.toHex() : text) + more;
}
