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

/** Conversations by their endpoints, found by numbers only. */
export class ConversationTable {
  size = 0;
  /** By hash of the endpoints; those with the same hash follow through `sibling`. */
  readonly #heads = new Map<number, TcpConversation>();
  /** Nobody can write a capture in which all conversations have one hash. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32);
  #last: TcpConversation | null = null;

  /** The conversation the segment belongs to, `side` being `sideOf(segment)`. */
  get(segment: Segment, side: 0 | 1): TcpConversation | undefined {
    const low = side === 0 ? segment.source : segment.destination;
    const high = side === 0 ? segment.destination : segment.source;
    const lowPort = side === 0 ? segment.sourcePort : segment.destinationPort;
    const highPort = side === 0 ? segment.destinationPort : segment.sourcePort;
    let found: TcpConversation | null | undefined = this.#last;
    if (found !== null && matches(found, low, high, lowPort, highPort)) return found;
    found = this.#heads.get(this.#hash(low, high, lowPort, highPort));
    while (found && !matches(found, low, high, lowPort, highPort)) found = found.sibling;
    if (!found) return undefined;
    this.#last = found;
    return found;
  }

  /** Adds a conversation; none with the same endpoints may be there. */
  add(conversation: TcpConversation): void {
    const key = this.#keyOf(conversation);
    conversation.sibling = this.#heads.get(key) ?? null;
    this.#heads.set(key, conversation);
    this.size++;
    this.#last = conversation;
  }

  /** Removes a conversation that is there. */
  delete(conversation: TcpConversation): void {
    const key = this.#keyOf(conversation);
    let before = this.#heads.get(key);
    if (before === conversation) {
      if (conversation.sibling === null) this.#heads.delete(key);
      else this.#heads.set(key, conversation.sibling);
    } else {
      while (before && before.sibling !== conversation) {
        before = before.sibling ?? undefined;
      }
      if (before) before.sibling = conversation.sibling;
    }
    conversation.sibling = null;
    this.size--;
    if (this.#last === conversation) this.#last = null;
  }

  #keyOf({ lowAddress, highAddress, lowPort, highPort }: TcpConversation): number {
    return this.#hash(lowAddress, highAddress, lowPort, highPort);
  }

  #hash(low: number, high: number, lowPort: number, highPort: number): number {
    let h = Math.imul(this.#seed ^ low, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13) ^ high, 0xc2b2ae35);
    h = Math.imul(h ^ (h >>> 16) ^ (lowPort << 16 | highPort), 0x27d4eb2f);
    return (h ^ (h >>> 15)) & 0x3fffffff;
  }
}

function matches(
  conversation: TcpConversation,
  low: number,
  high: number,
  lowPort: number,
  highPort: number,
): boolean {
  return conversation.lowPort === lowPort && conversation.highPort === highPort &&
    conversation.lowAddress === low && conversation.highAddress === high;
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
