/**
 * Compares the pairs of an impaired capture with those of the capture it was made of. PDUs are
 * known by their place in TCP's own numbers, so that no order of packets can mislead.
 *
 * @module
 */
import type { Packet } from "../../core/capture/packet.ts";
import { sequenceDistance } from "../../core/flow/mod.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { PacketFlows } from "../../core/tcp/mod.ts";
import { dissectPackets } from "./packets.ts";

/** A pair of the whole capture. */
interface TruePair {
  readonly request: TruePdu;
  readonly response: TruePdu;
  readonly name: string | null;
  readonly timeUs: number | null;
}

interface TruePdu {
  /** Sender and receiver. */
  readonly flow: string;
  readonly sequence: number;
  readonly length: number;
  /** Bytes of its header, with that of the frame of a carrier. */
  readonly header: number;
}

/** What the unimpaired capture says. */
export interface Truth {
  readonly packets: readonly Packet[];
  /** By the request's place. */
  readonly pairs: ReadonlyMap<string, TruePair>;
  /** Places of all PDUs. */
  readonly pdus: ReadonlySet<string>;
  /** Flows of the conversations whose framing is known: only those can be judged. */
  readonly flows: ReadonlySet<string>;
}

/** How an impaired capture compares. */
export interface Judgement {
  /** Pairs of which the impaired capture shows enough to be found. */
  judged: number;
  right: number;
  /** Judged pairs that were not found. */
  lost: number;
  /** Pairs shown that are not those of the truth. */
  wrong: string[];
  /** PDUs shown that the whole capture does not show. */
  invented: string[];
  /** Whole pairs whose response time is another than in the truth. */
  mistimed: string[];
}

/** Reads the unimpaired capture. */
export function truthOfPackets(packets: readonly Packet[]): Truth {
  const pairs = new Map<string, TruePair>();
  const pdus = new Set<string>();
  const flows = new Set<string>();
  for (const transaction of dissectPackets(packets)) {
    const { client, server, framing } = transaction.conversation;
    if (framing !== null) flows.add(`${client}>${server}`).add(`${server}>${client}`);
    const { request, response, name, responseTimeUs: timeUs } = transaction;
    const [asked, answered] = [request, response].map((pdu) => truePdu(transaction, pdu));
    for (const pdu of [asked, answered]) if (pdu) pdus.add(placeOf(pdu));
    if (!asked || !answered) continue;
    pairs.set(placeOf(asked), { request: asked, response: answered, name, timeUs });
  }
  return { packets, pairs, pdus, flows };
}

/** Judges what is made of an impaired copy of the capture. */
export function judge(
  truth: Truth,
  impaired: readonly Packet[],
  transactions: readonly Transaction[] = dissectPackets(impaired),
): Judgement {
  const captured = capturedBytes(impaired);
  const visible = (pdu: TruePdu) => captured.has(pdu, pdu.header);
  const result: Judgement = {
    judged: 0,
    right: 0,
    lost: 0,
    wrong: [],
    invented: [],
    mistimed: [],
  };
  const found = new Set<string>();
  for (const transaction of transactions) {
    const { request, response, name } = transaction;
    const [asked, answered] = [request, response].map((pdu) => truePdu(transaction, pdu));
    for (const pdu of [asked, answered]) {
      if (pdu && truth.flows.has(pdu.flow) && !truth.pdus.has(placeOf(pdu))) {
        result.invented.push(
          `${name} ${placeOf(pdu)} (packet ${
            (pdu === asked ? request : response)!.stamp.packet
          })`,
        );
      }
    }
    if (!asked || !answered) continue;
    const pair = truth.pairs.get(placeOf(asked));
    if (pair !== undefined && placeOf(pair.response) === placeOf(answered)) {
      found.add(placeOf(asked));
      const wanted = [pair.timeUs, transaction.responseTimeUs];
      const whole = captured.has(asked, asked.length) &&
        captured.has(answered, answered.length);
      if (whole && wanted[0] !== wanted[1]) {
        result.mistimed.push(
          `${name} of packet ${request!.stamp.packet}: ${wanted.join(" is not ")}`,
        );
      }
    } else {
      result.wrong.push(
        `${name}: request ${placeOf(asked)} (packet ${request!.stamp.packet}), ` +
          `response ${placeOf(answered)} (packet ${response!.stamp.packet}) status ${
            response!.status
          }`,
      );
    }
  }
  for (const [place, { request, response }] of truth.pairs) {
    if (!visible(request) || !visible(response)) continue;
    result.judged++;
    if (found.has(place)) result.right++;
    else result.lost++;
  }
  return result;
}

function truePdu(
  { conversation: { client, server }, request }: Transaction,
  pdu: Pdu | null,
): TruePdu | null {
  if (pdu === null) return null;
  const fromClient = pdu.sender === null ? pdu === request : pdu.sender === "client";
  const flow = fromClient ? `${client}>${server}` : `${server}>${client}`;
  return {
    flow,
    sequence: pdu.stamp.sequence ?? 0,
    length: pdu.length,
    header: (pdu.headerEnd || pdu.start) +
      ((pdu.stamp.begun ?? pdu.stamp).carried?.shift ?? 0),
  };
}

function placeOf({ flow, sequence }: TruePdu): string {
  return `${flow} ${sequence}`;
}

/** Which bytes of which flow a capture holds. */
function capturedBytes(packets: readonly Packet[]) {
  const flows = new Map<string, { from: number; to: number }[]>();
  const reader = new PacketFlows({ data() {} }, {
    segment({ clientEndpoint, serverEndpoint }, segment, sender) {
      if (sender === null) return;
      const receiver = sender === clientEndpoint ? serverEndpoint : clientEndpoint;
      const key = `${sender}>${receiver}`;
      const spans = flows.get(key) ?? [];
      const length = Math.min(segment.end - segment.start, segment.length);
      if (length > 0) {
        spans.push({ from: segment.sequence, to: segment.sequence + length });
      }
      flows.set(key, spans);
    },
  });
  for (const packet of packets) reader.push(packet);
  for (const [key, spans] of flows) flows.set(key, merged(spans));
  return {
    has({ flow, sequence }: TruePdu, length: number): boolean {
      return (flows.get(flow) ?? []).some(({ from, to }) =>
        sequenceDistance(from, sequence) >= 0 &&
        sequenceDistance(sequence + length, to) >= 0
      );
    },
  };
}

/** Spans that touch as one; places are compared as TCP does. */
function merged(spans: { from: number; to: number }[]): { from: number; to: number }[] {
  const [first] = spans;
  if (first === undefined) return [];
  const place = (at: number) => sequenceDistance(first.from, at);
  const sorted = spans.toSorted((a, b) => place(a.from) - place(b.from));
  const result: { from: number; to: number }[] = [];
  for (const span of sorted) {
    const last = result.at(-1);
    if (last !== undefined && place(span.from) <= place(last.to)) {
      if (place(span.to) > place(last.to)) last.to = span.to;
    } else result.push({ ...span });
  }
  return result;
}
