import type { Report } from "../issue.ts";
import { CaptureReader } from "./capture_reader.ts";
import {
  type CaptureInput,
  type CaptureSummary,
  pump,
  type ReadOptions,
  summary,
} from "./input.ts";
import { keptPacket, type Packet, type PacketSink } from "./packet.ts";
import { compareTimes } from "./time.ts";

/** One capture of a merge, with the packets of its current chunk. */
class Waiting {
  readonly input: CaptureInput;
  readonly reader: CaptureReader;
  #packets: Packet[] = [];
  #next = 0;
  #ended = false;

  constructor(
    input: CaptureInput,
    report: Report,
    secrets: ReadOptions["secrets"],
  ) {
    this.input = input;
    this.reader = new CaptureReader(
      (packet) => this.#packets.push(keptPacket(packet)),
      report,
    );
    this.reader.onSecrets = secrets ?? null;
  }

  /** The packet that comes next, or undefined where a chunk must be read first. */
  get head(): Packet | undefined {
    return this.#packets[this.#next];
  }

  shift(): void {
    this.#next += 1;
  }

  /** Reads until a packet waits or the capture ends. */
  async fill(): Promise<void> {
    while (this.head === undefined && !this.#ended) {
      this.#packets = [];
      this.#next = 0;
      this.#ended = !await pump(this.input, this.reader);
    }
  }
}

/**
 * Merges captures by time: the earliest of the packets at their heads goes first, of equal
 * times that of the earlier capture. Packets are numbered from 1 over all of them. No more
 * than one chunk of each capture is held. Pauses, for who takes what came, before each chunk.
 */
export async function* mergePackets(
  inputs: readonly CaptureInput[],
  sink: PacketSink,
  report: Report,
  { stopped = () => false, secrets }: ReadOptions = {},
): AsyncGenerator<void, CaptureSummary[]> {
  const all = inputs.map((input) =>
    new Waiting(
      input,
      (issue) => report({ ...issue, message: `${input.name}: ${issue.message}` }),
      secrets,
    )
  );
  for (const waiting of all) await waiting.fill();
  let number = 0;
  for (;;) {
    let first: Waiting | undefined;
    for (const waiting of all) {
      if (waiting.head === undefined) continue;
      if (!first?.head || compareTimes(waiting.head, first.head) < 0) first = waiting;
    }
    const packet = first?.head;
    if (first === undefined || packet === undefined || stopped()) break;
    packet.number = number += 1;
    sink(packet);
    first.shift();
    if (first.head === undefined) {
      yield;
      await first.fill();
    }
  }
  return all.map((waiting) => summary(waiting.input, waiting.reader));
}
