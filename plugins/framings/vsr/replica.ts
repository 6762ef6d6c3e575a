import type { Side, Stamp } from "../../../core/flow/mod.ts";
import { issue } from "../../../core/issue.ts";
import {
  type CommandTable,
  EARLIEST,
  type ReleaseSet,
  releaseText,
} from "../../../core/schema/mod.ts";
import type { FramingHost } from "../../../core/framing/framing.ts";
import { PacketIndex } from "../../../core/framing/packet_index.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import type { Frame, FrameTable } from "./frames.ts";
import { tellLifespan } from "./lifespan.ts";
import { COMMIT, groupText, PREPARE, PREPARE_OK, REPAIR_PREPARE } from "./names.ts";
import { framePdu } from "./reply.ts";
import { SIZE_AT } from "./shape.ts";
import { filled, VSR_TEXTS } from "../texts.ts";

/** Prepares of one conversation that are remembered. */
const REMEMBERED = 4096;

/**
 * Gives out the frames of a link between replicas, each by itself: the chain of prepares, what
 * acknowledges and commits them, view changes, repair, state transfer and forwarded logins.
 *
 * Source: apache/iggy core/consensus/src/ and core/message_bus/src/ at server-0.9.0-edge.5.
 */
export class ReplicaLink {
  readonly #host: FramingHost;
  /** Prepares of this conversation; those of others are found through the host. */
  readonly #prepares = new PacketIndex(REMEMBERED);
  readonly #replicas: Record<Side, number | null> = { client: null, server: null };
  #told = false;

  readonly #frames: FrameTable;

  constructor(host: FramingHost, frames: FrameTable) {
    this.#host = host;
    this.#frames = frames;
  }

  /** Takes a frame of either side. */
  frame(side: Side, bytes: Uint8Array, length: number, stamp: Stamp): void {
    const command = bytes[60]!;
    const { commands, releases } = this.#host;
    const frame = this.#frames.byNumber(command);
    if (frame !== undefined) releases.keep(frame.from, frame.to);
    const pdu = framePdu(stamp, bytes, length, { frames: this.#frames, releases });
    pdu.sender = side;
    const isPrepare = command === PREPARE || command === REPAIR_PREPARE;
    if (frame === undefined) tellBody(pdu, filled(VSR_TEXTS.command_byte, command));
    else interpretBody(pdu, frame, { commands, frames: this.#frames, releases });
    pdu.readHeaderBy(releases.newest);
    const { group, replica } = pdu.header ?? {};
    if (typeof group === "bigint") pdu.subject = groupText(group);
    // A prepare is passed on under the name of the primary that made it.
    if (!isPrepare && typeof replica === "number") this.#sender(side, replica);
    if (isPrepare) this.#prepare(pdu);
    else if (command === PREPARE_OK) {
      this.#refer(pdu, [`sum ${pdu.header!.prepare_checksum}`]);
    } else if (command === COMMIT) this.#refer(pdu, [opKey(pdu, "commit")]);
    this.#host.exchange({
      command: null,
      name: `vsr.${frame?.name ?? "unknown"}`,
      code: command,
      request: pdu,
      response: null,
      issues: [],
    });
  }

  #sender(side: Side, replica: number): void {
    if (this.#told && this.#replicas[side] === replica) return;
    this.#replicas[side] = replica;
    this.#told = true;
    this.#host.link({ kind: "replica", replicas: { ...this.#replicas } });
  }

  #prepare(pdu: Pdu): void {
    const { packet } = pdu.stamp;
    const sum = pdu.header!.checksum;
    const keys = [opKey(pdu, "op")];
    if (sum !== 0n) {
      keys.push(`sum ${sum}`);
      const before = this.#prepares.get(`sum ${sum}`);
      if (before !== null) {
        const message = `sent again: the prepare of packet ${before}`;
        pdu.report(issue("chat", "sequence", message, packet));
      }
    }
    for (const key of keys) {
      this.#prepares.set(key, packet);
      this.#host.packets.set(key, packet);
    }
  }

  /** Ties a frame to the prepare it is about, on this conversation or any other. */
  #refer(pdu: Pdu, keys: readonly string[]): void {
    for (const key of keys) {
      pdu.refersTo ??= this.#prepares.get(key) ?? this.#host.packets.get(key);
    }
  }
}

function opKey({ header }: Pdu, field: string): string {
  return `op ${header!.group} ${header![field]}`;
}

/** Reads a body by its frame's layout, or by that of the command that it is of. */
function interpretBody(
  pdu: Pdu,
  frame: Frame,
  { commands, frames, releases }: Pick<FramingHost, "releases"> & {
    commands: CommandTable;
    frames: FrameTable;
  },
): void {
  if (frame.operationAt === null) {
    if (pdu.isEmpty && pdu.whole) tellEmpty(pdu, frame, releases);
    // Only where a state is on offer does an empty body lack something.
    if (!pdu.isEmpty || pdu.header?.available === true) {
      pdu.interpret(frame.body, releases);
    }
    return;
  }
  const operation = pdu.bytes[frame.operationAt]!;
  const [command] = commands.byOperation(operation);
  if (command === undefined) {
    const what = frames.operations[operation] ?? operation;
    tellBody(pdu, filled(VSR_TEXTS.operation, what));
    return;
  }
  tellLifespan(pdu, command, releases, frame.operationAt);
  releases.keep(command.from, command.to);
  const layout = command.prepare ?? command.request;
  // An empty body tells releases apart too, where some have none.
  if (pdu.isEmpty && pdu.whole) releases.choose(layout, pdu.bytes, pdu.start, pdu.end);
  pdu.interpret(layout, releases);
}

/** Says of a header by itself that it lacks the body that its release has. */
function tellEmpty(pdu: Pdu, frame: Frame, releases: ReleaseSet): void {
  const needed = (frame.body.fields ?? []).filter(([, { minSize }]) => minSize > 0);
  if (needed.length === 0) return;
  const first = Math.min(...needed.map(([, { from = EARLIEST }]) => from));
  if (first === EARLIEST || releases.oldest < first) return;
  const message = `${frame.name} without a body: servers since Iggy ` +
    `${releaseText(first)} refuse it`;
  pdu.report(issue("error", "malformed", message, pdu.stamp.packet, SIZE_AT));
}

function tellBody(pdu: Pdu, what: string): void {
  if (pdu.isEmpty) return;
  const message = filled(VSR_TEXTS.no_layout, what);
  pdu.report(issue("note", "undecoded", message, pdu.stamp.packet, pdu.start));
}
