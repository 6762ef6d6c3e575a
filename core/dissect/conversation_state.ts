import type { Side, Stamp } from "../flow/mod.ts";
import type { Framer, Framing, Link } from "../framing/framing.ts";
import type { Issue } from "../issue.ts";
import type { ReleaseSet } from "../schema/mod.ts";
import type { Conversation } from "../tcp/conversation.ts";
import type { Registry, StatusName } from "./registry.ts";

/** What happened on a conversation before its framing was known, kept to be told again. */
export type Held =
  | { kind: "data"; side: Side; bytes: Uint8Array; stamp: Stamp }
  | { kind: "gap"; side: Side; length: number; stamp: Stamp | null }
  | { kind: "finish"; side: Side; stamp: Stamp };

/** A conversation as the dissection sees it. */
export class ConversationState {
  readonly registry: Registry;
  readonly #conversation: Conversation;
  /** The framing, once its bytes told; null before and where none fits. */
  framer: Framer | null = null;
  releases: ReleaseSet | null = null;
  /** `classic`, `vsr`, `tls`; null where it is not known. */
  framing: string | null = null;
  /** Names of statuses, as the framing has them. */
  statusName: StatusName;
  /** What the two ends are to each other, where the framing tells. */
  link: Link | null = null;
  /** Nothing on this conversation is for us. */
  ignored = false;
  /** Bytes held until the framing is known. */
  held: Held[] = [];
  heldBytes = 0;
  /** Bytes held when the framing is looked for again. */
  nextDetection = 0;
  /** Findings that go with the next transaction. */
  issues: Issue[] = [];
  issueCount = 0;
  transactions = 0;
  errors = 0;
  /** Who logged in last. */
  user: string | null = null;

  constructor(registry: Registry, conversation: Conversation) {
    this.registry = registry;
    this.statusName = registry.statusName;
    this.#conversation = conversation;
  }

  /** Says which framing reads it, and which releases it may be of. */
  adopt(framing: Framing, releases: ReleaseSet): void {
    this.framing = framing.name;
    this.releases = releases;
    this.statusName = framing.statusName ?? this.registry.statusName;
  }

  /** As tshark's `tcp.stream`. */
  get number(): number {
    return this.#conversation.number;
  }

  /** `address:port` of the side that sends requests. */
  get client(): string {
    return this.#conversation.clientEndpoint;
  }

  get server(): string {
    return this.#conversation.serverEndpoint;
  }

  get clientPort(): number {
    return this.#conversation.clientPort;
  }

  get serverPort(): number {
    return this.#conversation.serverPort;
  }

  get handshake(): boolean {
    return this.#conversation.handshake;
  }

  swapSides(): void {
    this.#conversation.swapSides();
  }

  /** Whether one of its ports is among these. */
  usesPort(ports: ReadonlySet<number> | readonly number[]): boolean {
    const set = ports instanceof Set ? ports : new Set(ports);
    return set.has(this.serverPort) || set.has(this.clientPort);
  }
}
