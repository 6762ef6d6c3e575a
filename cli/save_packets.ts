import { udpId } from "../core/flow/mod.ts";
import { readCaptures } from "../core/capture/open.ts";
import { PcapngWriter } from "../core/capture/writer.ts";
import type { Packet } from "../core/capture/packet.ts";
import type { Transaction } from "../core/dissect/transaction.ts";
import { requestSummary, responseSummary } from "../core/export/summary.ts";
import { PacketFlows } from "../core/tcp/packet_flows.ts";
import { BufferedFile, mayWrite, openToWrite } from "./buffered_file.ts";
import { UsageError } from "./command.ts";
import { output, say } from "./output.ts";

/** The packets, from first to last, in which a transaction came about. */
type Span = readonly [first: number, last: number];

const SUMMARY = { maxBytes: 16, showSecrets: false };

/**
 * Writes the packets of chosen transactions as pcapng. A first reading of the captures tells
 * it of transactions, a second one picks, of each one's conversation, every packet from the
 * one that began the request to the one that completed the response: its bytes, what was sent
 * again, and the acknowledgments between. The packet that completed its first PDU gets a
 * comment that names it. Packets are written as they are, secrets included.
 *
 * It keeps two numbers and a line for each transaction.
 */
export class PacketSaver {
  readonly #path: string;
  readonly #spans = new Map<number, { list: Span[]; next: number }>();
  readonly #comments = new Map<number, string[]>();
  #transactions = 0;

  /** Throws {@link UsageError} where the sources cannot be read twice or nothing be written. */
  constructor(path: string, sources: readonly string[]) {
    if (sources.includes("-")) {
      throw new UsageError(
        "-w reads captures twice, which standard input does not allow",
      );
    }
    if (path !== "-" && !mayWrite(path)) {
      throw new UsageError(
        `-w needs permission to write: deno run --allow-write=${path}`,
      );
    }
    if (sources.some((source) => isSameFile(source, path))) {
      throw new UsageError(`-w would overwrite ${path} while it is read`);
    }
    this.#path = path;
  }

  /** Notes a transaction whose packets are wanted. */
  add(transaction: Transaction): void {
    const { request, response, conversation } = transaction;
    const stamps = [request, response].flatMap((pdu) => pdu === null ? [] : [pdu.stamp]);
    const [completed] = stamps;
    if (completed === undefined) return;
    this.#transactions++;
    const first = Math.min(...stamps.map(({ begun, packet }) => begun?.packet ?? packet));
    const last = Math.max(...stamps.map(({ packet }) => packet));
    const { id, security } = conversation;
    const spans = this.#spans.get(id);
    if (spans === undefined) this.#spans.set(id, { list: [[first, last]], next: 0 });
    else spans.list.push([first, last]);
    // Of a sealed conversation no part opens without its handshake.
    if (security !== null) this.#wholeTo(last, id);
    const comments = this.#comments.get(completed.packet);
    const comment = commentOf(transaction);
    if (comments !== undefined) comments.push(comment);
    else this.#comments.set(completed.packet, [comment]);
  }

  /** Wants all of a conversation up to a packet. */
  #wholeTo(last: number, id: number): void {
    const before = this.#spans.get(id)!.list[0]![1];
    this.#spans.set(id, { list: [[0, Math.max(last, before)]], next: 0 });
  }

  /**
   * Reads the captures again, up to packet `most`, and writes; a key log goes before the
   * packets it opens.
   */
  async write(
    sources: readonly string[],
    most: number,
    keyLog: string | null = null,
  ): Promise<void> {
    for (const { list } of this.#spans.values()) list.sort(([a], [b]) => a - b);
    const chosen = this.#chooser();
    using file = this.#path === "-" ? null : new BufferedFile(openToWrite(this.#path));
    const target = file ??
      { write: (bytes: Uint8Array) => output.bytes(bytes), flush() {} };
    const writer = new PcapngWriter((bytes) => target.write(bytes));
    if (keyLog !== null && keyLog !== "") {
      writer.writeSecrets(new TextEncoder().encode(keyLog));
    }
    const interfaces = new Map<number, number>();
    let packets = 0, written = 0;
    await readCaptures(
      sources,
      (packet) => {
        if (++packets > most || !chosen(packet)) return;
        const { seconds, nanos, bytes, start, end, originalLength, linktype } = packet;
        let index = interfaces.get(linktype);
        if (index === undefined) {
          index = writer.addInterface(linktype);
          interfaces.set(linktype, index);
        }
        written++;
        writer.write({
          seconds,
          nanos,
          bytes: bytes.subarray(start, end),
          originalLength,
          interface: index,
          comment: this.#comments.get(packet.number)?.join("\n"),
        });
      },
      () => {},
      { stopped: () => packets >= most },
    );
    target.flush();
    const place = this.#path === "-" ? "standard output" : this.#path;
    say(`${written} packets of ${this.#transactions} transactions are in ${place}`);
  }

  /** Tells, packet after packet, whether one belongs to a chosen transaction. */
  #chooser(): (packet: Packet) => boolean {
    let wanted = false;
    const flows = new PacketFlows({ data() {} }, {
      segment: ({ number }, { packet }, sender) => {
        wanted ||= sender !== null && this.#isWanted(number, packet.number);
      },
      udp: true,
      datagram: ({ number }, { packet }) => {
        wanted ||= this.#isWanted(udpId(number), packet.number);
      },
    });
    return (packet) => {
      wanted = false;
      flows.push(packet);
      return wanted;
    };
  }

  #isWanted(conversation: number, packet: number): boolean {
    const spans = this.#spans.get(conversation);
    if (spans === undefined) return false;
    const { list } = spans;
    while (spans.next < list.length && list[spans.next]![1] < packet) spans.next++;
    for (let i = spans.next; i < list.length && list[i]![0] <= packet; i++) {
      if (packet <= list[i]![1]) return true;
    }
    return false;
  }
}

function commentOf(transaction: Transaction): string {
  const text = (summary: typeof requestSummary) =>
    summary(transaction, SUMMARY).map(({ text }) => text).join("");
  return `transaction ${transaction.number}: ${text(requestSummary)} → ` +
    (text(responseSummary) || "nothing");
}

function isSameFile(source: string, path: string): boolean {
  try {
    return Deno.realPathSync(source) === Deno.realPathSync(path);
  } catch {
    return false;
  }
}
