import { ConversationState, type Moment } from "../../core/dissect/conversation_state.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import type { WireTimes } from "../../core/dissect/time_split.ts";
import { Transaction } from "../../core/dissect/transaction.ts";
import type { Side, Stamp } from "../../core/flow/mod.ts";
import { Pdu } from "../../core/framing/pdu.ts";
import type { Issue } from "../../core/issue.ts";
import { ReleaseSet } from "../../core/schema/mod.ts";
import type { KindNames } from "./kinds.ts";

/** What is written down of a PDU beside its bytes. */
interface PduNote {
  packet: number;
  seconds: number;
  nanos: number;
  /** Length of the packet. */
  frame: number | null;
  /** The packet it began in, where that is another. */
  begun: Stamp | null;
  length: number;
  /** Bytes that were captured. */
  bytes: number;
  start: number;
  end: number;
  status: number | null;
  release: number;
  layout: string | null;
  header: string | null;
  headerEnd: number;
  headerRelease: number;
  evicted: string | null;
  sender: Side | null;
  subject: string | null;
  refersTo: number | null;
}

/** What is written down of a transaction beside the bytes of its PDUs. */
export interface TransactionNote {
  conversation: number;
  client: string;
  server: string;
  framing: string | null;
  release: string | null;
  user: string | null;
  /** When the capture began. */
  began: Moment | null;
  command: string | null;
  name: string | null;
  code: number | null;
  statusName: string | null;
  thinkUs: number | null;
  wire: WireTimes | null;
  issues: readonly Issue[];
  request: PduNote | null;
  response: PduNote | null;
}

/** A transaction's note; the bytes are those of its PDUs, the request's first. */
export function noteOf(transaction: Transaction, kinds: KindNames): TransactionNote {
  const { conversation, request, response } = transaction;
  return {
    conversation: conversation.id,
    client: conversation.client,
    server: conversation.server,
    framing: conversation.framing,
    release: transaction.release,
    user: conversation.user,
    began: conversation.began,
    command: transaction.command?.name ?? null,
    name: transaction.name,
    code: transaction.code,
    statusName: transaction.statusName,
    thinkUs: transaction.thinkUs,
    wire: transaction.wire,
    issues: transaction.issues,
    request: request === null ? null : pduNote(request, kinds),
    response: response === null ? null : pduNote(response, kinds),
  };
}

function pduNote(pdu: Pdu, kinds: KindNames): PduNote {
  const { packet, seconds, nanos, length: frame = null } = pdu.stamp;
  return {
    packet,
    seconds,
    nanos,
    frame,
    begun: begunNote(pdu),
    length: pdu.length,
    bytes: pdu.bytes.length,
    start: pdu.start,
    end: pdu.end,
    status: pdu.status,
    release: pdu.release,
    layout: kinds.nameOf(pdu.layout),
    header: kinds.nameOf(pdu.headerKind),
    headerEnd: pdu.headerEnd,
    headerRelease: pdu.headerRelease,
    evicted: pdu.evicted,
    sender: pdu.sender,
    subject: pdu.subject,
    refersTo: pdu.refersTo,
  };
}

function begunNote({ stamp: { begun } }: Pdu): Stamp | null {
  if (begun === undefined) return null;
  const { packet, seconds, nanos } = begun;
  return { packet, seconds, nanos };
}

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
      request: request === null
        ? null
        : storedPdu(request, bytes.subarray(0, middle), kinds),
      response: response === null
        ? null
        : storedPdu(response, bytes.subarray(middle), kinds),
      issues: [],
    }, []);
    this.release = note.release;
    this.thinkUs = note.thinkUs;
    this.wire = note.wire;
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
    number: isUdp ? -1 - note.conversation : note.conversation,
    transport: isUdp ? "udp" : "tcp",
    clientEndpoint: note.client,
    serverEndpoint: note.server,
    clientPort: portOf(note.client),
    serverPort: portOf(note.server),
  });
  state.framing = note.framing;
  state.user = note.user;
  state.began = note.began;
  return state;
}

function portOf(endpoint: string): number {
  return Number(endpoint.slice(endpoint.lastIndexOf(":") + 1));
}
