import { portOf } from "../../core/net/endpoint.ts";
import { ConversationState } from "../../core/dissect/conversation_state.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import { Transaction } from "../../core/dissect/transaction.ts";
import { type Stamp, udpId } from "../../core/flow/mod.ts";
import { Pdu } from "../../core/framing/pdu.ts";
import type { Issue } from "../../core/issue.ts";
import { ReleaseSet } from "../../core/schema/mod.ts";
import type { KindNames } from "./kinds.ts";
import type { PduNote, TransactionNote } from "./note_columns.ts";

/**
 * A transaction made again of its note and its bytes: it answers everything as the first one
 * did when it completed, and decodes its fields when asked for them.
 */
export class StoredTransaction extends Transaction {
  override readonly release: string | null;
  readonly #note: TransactionNote;

  constructor(
    number: number,
    note: TransactionNote,
    bytes: Uint8Array,
    registry: Registry,
    kinds: KindNames,
  ) {
    const middle = note.request?.bytes ?? 0;
    const { request, response } = note;
    super(number, stateOf(note, registry), {
      command: note.command === null
        ? null
        : registry.commands.byName(note.command) ?? null,
      name: note.name,
      code: note.code,
      connection: note.connection ?? undefined,
      stream: note.stream ?? undefined,
      request: request === null
        ? null
        : storedPdu(request, bytes.subarray(0, middle), kinds),
      response: response === null
        ? null
        : storedPdu(response, bytes.subarray(middle), kinds),
      issues: [],
    }, []);
    this.release = note.release;
    this.setTimes(note.thinkUs, note.wire);
    this.#note = note;
  }

  override get issues(): readonly Issue[] {
    return this.#note.issues;
  }

  override get statusName(): string | null {
    return this.#note.statusName;
  }
}

function storedPdu(note: PduNote, bytes: Uint8Array, kinds: KindNames): Pdu {
  const { packet, seconds, nanos, length, start, end, status } = note;
  const stamp: Stamp = { packet, seconds, nanos };
  if (note.frame !== null) stamp.length = note.frame;
  if (note.begun !== null) stamp.begun = note.begun;
  const pdu = new Pdu(stamp, bytes, length, start, status, end);
  const header = kinds.kindOf(note.header);
  if (header !== null) {
    pdu.interpretHeader(header, note.headerEnd, new ReleaseSet([note.headerRelease]));
  }
  pdu.evicted = note.evicted;
  pdu.sender = note.sender;
  pdu.subject = note.subject;
  pdu.refersTo = note.refersTo;
  const layout = kinds.kindOf(note.layout);
  if (layout !== null) pdu.interpret(layout, new ReleaseSet([note.release]));
  return pdu;
}

function stateOf(note: TransactionNote, registry: Registry): ConversationState {
  const isUdp = note.conversation < 0;
  const state = new ConversationState(registry, {
    number: isUdp ? udpId(note.conversation) : note.conversation,
    transport: isUdp ? "udp" : "tcp",
    clientEndpoint: note.client,
    serverEndpoint: note.server,
    clientPort: portOf(note.client),
    serverPort: portOf(note.server),
  });
  state.framing = note.framing;
  state.user = note.user;
  state.began = note.began;
  state.security = note.security;
  return state;
}
