import type { Segment } from "../net/segment.ts";
import type { TcpConversation } from "./connection.ts";

/**
 * Which side of its conversation sent a segment: 0 is the endpoint that orders first by
 * address number, then port.
 */
export function sideOf(segment: Segment): 0 | 1 {
  const { source, destination } = segment;
  if (source !== destination) return source < destination ? 0 : 1;
  return segment.sourcePort <= segment.destinationPort ? 0 : 1;
}

/** Address numbers stay below this, so that two fit one exact number. */
const ADDRESSES = 2 ** 26;

/** Conversations by their endpoints, found by numbers only. */
export class ConversationTable {
  size = 0;
  /** By the pair of addresses, then the pair of ports. */
  readonly #hosts = new Map<number, Map<number, TcpConversation>>();
  #last: TcpConversation | null = null;

  /** The conversation the segment belongs to, `side` being `sideOf(segment)`. */
  get(segment: Segment, side: 0 | 1): TcpConversation | undefined {
    const low = side === 0 ? segment.source : segment.destination;
    const high = side === 0 ? segment.destination : segment.source;
    const lowPort = side === 0 ? segment.sourcePort : segment.destinationPort;
    const highPort = side === 0 ? segment.destinationPort : segment.sourcePort;
    const last = this.#last;
    if (
      last !== null && last.ports[0] === lowPort && last.ports[1] === highPort &&
      last.addresses[0] === low && last.addresses[1] === high
    ) return last;
    const found = this.#hosts.get(low * ADDRESSES + high)?.get(
      lowPort * 65_536 + highPort,
    );
    if (found !== undefined) this.#last = found;
    return found;
  }

  /** Adds a conversation, in place of an earlier one with the same endpoints. */
  set(conversation: TcpConversation): void {
    const key = hostsKey(conversation);
    let ports = this.#hosts.get(key);
    if (ports === undefined) this.#hosts.set(key, ports = new Map());
    this.size -= ports.size;
    ports.set(portsKey(conversation), conversation);
    this.size += ports.size;
    this.#last = conversation;
  }

  delete(conversation: TcpConversation): void {
    const key = hostsKey(conversation);
    const ports = this.#hosts.get(key);
    if (ports?.delete(portsKey(conversation))) this.size--;
    if (ports?.size === 0) this.#hosts.delete(key);
    if (this.#last === conversation) this.#last = null;
  }
}

function hostsKey({ addresses }: TcpConversation): number {
  return addresses[0] * ADDRESSES + addresses[1];
}

function portsKey({ ports }: TcpConversation): number {
  return ports[0] * 65_536 + ports[1];
}

/** Conversations in order of use, the least recent one first; a list through themselves. */
export class UseList {
  size = 0;
  oldest: TcpConversation | null = null;
  #newest: TcpConversation | null = null;

  /** Appends a conversation, which leaves the list it was in. */
  add(conversation: TcpConversation): void {
    conversation.list?.remove(conversation);
    conversation.older = this.#newest;
    conversation.newer = null;
    if (this.#newest === null) this.oldest = conversation;
    else this.#newest.newer = conversation;
    this.#newest = conversation;
    conversation.list = this;
    this.size++;
  }

  remove(conversation: TcpConversation): void {
    const { older, newer } = conversation;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    conversation.older = conversation.newer = conversation.list = null;
    this.size--;
  }

  /** Makes a conversation of this list the most recently used. */
  touch(conversation: TcpConversation): void {
    if (this.#newest !== conversation) this.add(conversation);
  }
}
