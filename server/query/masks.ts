import type { Packet } from "../../core/capture/mod.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { type ByteRange, secretRanges } from "../../core/export/secrets.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import { sequenceAdd, sequenceDistance } from "../../core/tcp/mod.ts";
import { type Found, occurrences, SeenBytes } from "./seen_bytes.ts";
import { maskedPdu } from "./masked_pdu.ts";
import { type Sighting, Spotter, steps } from "./spotter.ts";

/** What stands for a byte of a secret: `*`. */
export const MASK = 0x2a;
/** Bytes that a carrier such as WebSocket may put around a PDU. */
const CARRIER_BYTES = 256;
/** Bytes that one acknowledgment may have let through. */
const ACKNOWLEDGED_BYTES = 64 * 1024;
/** Patches are looked up by pieces of this size of the sequence space, 2^16 bytes. */
const PIECE_BITS = 16, PIECES = 2 ** (32 - PIECE_BITS);

/** A byte to be put at a place of a segment's buffer. */
export interface NewByte {
  readonly place: number;
  readonly value: number;
}

/** From one sequence number on, what bytes are to be instead; null leaves one as it is. */
interface Patch {
  readonly start: number;
  readonly length: number;
  byteAt(i: number): number | null;
}

/** A PDU with secrets, as it was found. */
interface SecretPdu {
  readonly pdu: Pdu;
  readonly ranges: readonly ByteRange[];
  readonly conversation: number;
}

/**
 * What takes the place of secrets in the flows of a capture, by sequence number, so that every
 * copy of them is masked. A PDU is looked for by its bytes, also where a WebSocket mask lies
 * over them; then it is masked to the byte and sealed again. Of one that is not found all bytes
 * are masked that might be its own.
 */
export class Masks {
  /** By flow and by piece of its sequence space. */
  readonly #patches = new Map<string, Map<number, Patch[]>>();
  /** The furthest sequence number of each flow so far. */
  readonly #ends = new Map<string, number>();
  readonly #seen = new Map<string, SeenBytes>();

  /** Finds the secrets of these transactions in the capture. */
  static async of(path: string, transactions: Iterable<Transaction>): Promise<Masks> {
    const masks = new Masks();
    const secrets = [...secretPdus(transactions)];
    if (secrets.length === 0) return masks;
    const byPacket = Map.groupBy(secrets, ({ pdu }) => pdu.stamp.packet);
    const longest = new Map<number, number>();
    for (const { conversation, pdu } of secrets) {
      const length = Math.max(longest.get(conversation) ?? 0, pdu.length);
      longest.set(conversation, length);
    }
    const spotter = new Spotter();
    const sink = (packet: Packet) => {
      const due = byPacket.get(packet.number) ?? [];
      spotter.push(packet, (sighting) => {
        const { number } = sighting.conversation;
        const length = longest.get(number);
        if (length === undefined) return;
        masks.#note(sighting, length + ACKNOWLEDGED_BYTES);
        for (const secret of due) {
          if (secret.conversation === number) masks.#add(secret, sighting);
        }
      });
    };
    for await (const _ of steps(path, sink)) {
      // Reading is all.
    }
    masks.#seen.clear();
    return masks;
  }

  #note({ conversation, segment, sender }: Sighting, window: number): void {
    const key = `${conversation.number} ${sender}`;
    const end = sequenceAdd(segment.sequence, segment.length);
    const furthest = this.#ends.get(key) ?? end;
    this.#ends.set(key, sequenceDistance(furthest, end) > 0 ? end : furthest);
    let seen = this.#seen.get(key);
    if (seen === undefined) this.#seen.set(key, seen = new SeenBytes(window));
    seen.add(segment);
  }

  /** Masks the secrets of a PDU that this segment completed. */
  #add(secret: SecretPdu, { conversation, segment, sender }: Sighting): void {
    const { pdu } = secret;
    const key = `${conversation.number} ${sender}`;
    const inSegment = occurrences(pdu.bytes, segment);
    if (inSegment.length > 0) return this.#replace(secret, key, inSegment);
    // Maybe it was not this segment's bytes that completed it but what it acknowledges.
    const { clientEndpoint, serverEndpoint } = conversation;
    const peer = sender === clientEndpoint ? serverEndpoint : clientEndpoint;
    const other = `${conversation.number} ${peer}`;
    for (const flow of [key, other]) {
      const runs = this.#seen.get(flow)?.runs() ?? [];
      const found = runs.flatMap((run) => occurrences(pdu.bytes, run));
      if (found.length > 0) return this.#replace(secret, flow, found);
    }
    this.#maskBefore(key, segment.sequence, pdu.length + CARRIER_BYTES);
    const end = this.#ends.get(other);
    if (end !== undefined) this.#maskBefore(other, end, pdu.length + ACKNOWLEDGED_BYTES);
  }

  /** Puts the masked PDU wherever the PDU was found. */
  #replace({ pdu, ranges }: SecretPdu, flow: string, found: readonly Found[]): void {
    const masked = maskedPdu(pdu, ranges, MASK);
    for (const { sequence, key } of found) {
      this.#patch(flow, {
        start: sequence,
        length: pdu.length,
        byteAt(i) {
          // Behind bytes that were lost there may be more of the secret.
          const value = i < masked.length ? masked[i]! : MASK;
          return value === pdu.bytes[i] ? null : value ^ key[i % key.length]!;
        },
      });
    }
  }

  /** Masks so many bytes before a place of a flow, and all that is known after it. */
  #maskBefore(flow: string, sequence: number, before: number): void {
    const start = sequenceAdd(sequence, -before);
    const length = sequenceDistance(start, this.#ends.get(flow) ?? sequence);
    this.#patch(flow, { start, length, byteAt: () => MASK });
  }

  #patch(flow: string, patch: Patch): void {
    let pieces = this.#patches.get(flow);
    if (pieces === undefined) this.#patches.set(flow, pieces = new Map());
    for (const piece of piecesOf(patch.start, patch.length)) {
      const known = pieces.get(piece);
      if (known === undefined) pieces.set(piece, [patch]);
      else known.push(patch);
    }
  }

  /** What must be changed in a segment's buffer, by place. */
  bytesIn({ conversation, segment, sender }: Sighting): NewByte[] {
    const { start, end, sequence } = segment;
    const pieces = this.#patches.get(`${conversation.number} ${sender}`);
    if (pieces === undefined || start === end) return [];
    const found = new Map<number, number>();
    const patches = new Set(
      piecesOf(sequence, end - start).flatMap((piece) => pieces.get(piece) ?? []),
    );
    for (const patch of patches) {
      const origin = start + sequenceDistance(sequence, patch.start);
      const last = Math.min(end, origin + patch.length);
      for (let place = Math.max(start, origin); place < last; place++) {
        const value = patch.byteAt(place - origin);
        if (value !== null) found.set(place, value);
      }
    }
    return [...found].sort(([a], [b]) => a - b).map(([place, value]) => ({
      place,
      value,
    }));
  }
}

function piecesOf(start: number, length: number): number[] {
  const first = start >>> PIECE_BITS;
  const count = ((start & 0xffff) + Math.max(1, length) - 1 >>> PIECE_BITS) + 1;
  return Array.from({ length: count }, (_, i) => (first + i) % PIECES);
}

function* secretPdus(transactions: Iterable<Transaction>): Generator<SecretPdu, void> {
  for (const { request, response, conversation } of transactions) {
    // What was sealed stands nowhere in the packets as it is.
    if (conversation.transport === "udp") continue;
    for (const pdu of [request, response]) {
      const ranges = pdu === null ? [] : secretRanges(pdu, request === null);
      if (pdu === null || ranges.length === 0) continue;
      yield { pdu, ranges, conversation: conversation.number };
    }
  }
}
