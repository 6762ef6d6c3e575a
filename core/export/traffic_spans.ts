import type { Transaction } from "../dissect/transaction.ts";
import type { Traffic } from "../stats/traffic.ts";
import { escapeText } from "./printable.ts";
import type { SpanSink } from "./spans.ts";

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
    if (key !== null) tell("key", keyText(key), sink);
    else tell("partition", escaped(traffic.chosenPartition), sink);
  }
  if (!traffic.isPoll) return;
  tell("consumer", escaped(traffic.consumerName), sink);
  tell("group", escaped(traffic.groupName), sink);
  if (traffic.commits) sink.add(" auto_commit");
}

function tell(name: string, value: string | null, sink: SpanSink): void {
  if (value === null) return;
  sink.add(` ${name}=`, "faint");
  sink.add(value);
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
