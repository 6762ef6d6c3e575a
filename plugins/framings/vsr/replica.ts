import type { Side, Stamp } from "../../../core/flow/mod.ts";
import { issue } from "../../../core/issue.ts";
import { type CommandTable, nothing } from "../../../core/schema/mod.ts";
import type { FramingHost } from "../../../core/framing/framing.ts";
import { PacketIndex } from "../../../core/framing/packet_index.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import { replicaBody } from "./bodies.ts";
import {
  COMMAND_NAMES,
  COMMIT,
  groupText,
  OPERATION_NAMES,
  PREPARE,
  PREPARE_OK,
  REPAIR_PREPARE,
} from "./names.ts";
import { framePdu } from "./reply.ts";

/** Prepares of one conversation that are remembered. */
const REMEMBERED = 4096;
const OPERATION_AT = 208;

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

  constructor(host: FramingHost) {
    this.#host = host;
  }

  /** Takes a frame of either side. */
  frame(side: Side, bytes: Uint8Array, length: number, stamp: Stamp): void {
    const command = bytes[60]!;
    const pdu = framePdu(stamp, bytes, length);
    pdu.sender = side;
    const isPrepare = command === PREPARE || command === REPAIR_PREPARE;
    if (isPrepare) interpretPrepare(pdu, this.#host);
    else {
      // Only where a state is on offer does an empty body lack something.
      const none = pdu.isEmpty && pdu.header?.available !== true;
      pdu.interpret(none ? nothing : replicaBody(command), this.#host.releases);
    }
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
      name: `vsr.${COMMAND_NAMES[command]}`,
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

/** Reads a prepare's body as the command that it replicates. */
function interpretPrepare(
  pdu: Pdu,
  { commands, releases }: { commands: CommandTable } & Pick<FramingHost, "releases">,
): void {
  const operation = pdu.bytes[OPERATION_AT]!;
  const [command] = commands.byOperation(operation);
  if (command !== undefined) {
    pdu.interpret(command.prepare ?? command.request, releases);
  } else if (!pdu.isEmpty) {
    const name = OPERATION_NAMES[operation] ?? operation;
    const message = `no layout for the body of operation ${name}`;
    pdu.report(issue("note", "undecoded", message, pdu.stamp.packet, pdu.start));
  }
}
