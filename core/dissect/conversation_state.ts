import {
  type Endpoints,
  type Moment,
  type Transport,
  udpId,
  type Wire,
} from "../flow/mod.ts";
import type { Framing, Link } from "../framing/framing.ts";
import { type SecurityRecord, securityText } from "../framing/tls/facts.ts";
import type { ReleaseSet } from "../schema/mod.ts";
import type { Registry, StatusName } from "./registry.ts";

/** Numbers of connections kept of one conversation. */
const MAX_CONNECTIONS = 256;

/** A conversation as its transactions know it. */
export class ConversationState {
  readonly registry: Registry;
  readonly #endpoints: Endpoints;
  /** The conversation that this is one connection of; null where it is the conversation. */
  readonly #whole: ConversationState | null;
  /** A framing that carries no other one reads it: its bytes told which. */
  isRead = false;
  releases: ReleaseSet | null = null;
  /** `classic`, `vsr`, `tls`; null where it is not known. */
  framing: string | null = null;
  /** Names of statuses, as the framing has them. */
  statusName: StatusName;
  /** What a sealed transport agreed on; null where there is none. */
  security: SecurityRecord | null = null;
  /** Numbers of the QUIC connections that it holds, the first ones; null where there are none. */
  quicConnections: number[] | null = null;
  /** What no framing knows, by its name: `HTTP/1.1`. */
  protocol: string | null = null;
  /** Requests of that protocol, where they are counted. */
  requests: number | null = null;
  /** What the two ends are to each other, where the framing tells. */
  link: Link | null = null;
  transactions = 0;
  errors = 0;
  /** When the last response was complete. */
  answered: Moment | null = null;
  /** When the capture began; null where there is none. */
  began: Moment | null = null;
  /** Who logged in last. */
  user: string | null = null;

  constructor(
    registry: Registry,
    endpoints: Endpoints,
    whole: ConversationState | null = null,
  ) {
    this.registry = registry;
    this.statusName = registry.statusName;
    this.#endpoints = endpoints;
    this.#whole = whole;
  }

  /** One connection of several that the conversation may hold, as of QUIC. */
  part(): ConversationState {
    const part = new ConversationState(this.registry, this.#endpoints, this);
    part.began = this.began;
    return part;
  }

  /** Takes what a sealed transport agreed on: of several connections, the last one read. */
  secured(found: SecurityRecord, connection: number | null): void {
    if (found.opened || !this.security?.opened) this.security = found;
    if (connection === null || this.quicConnections?.includes(connection)) return;
    this.quicConnections ??= [];
    if (this.quicConnections.length < MAX_CONNECTIONS) {
      this.quicConnections.push(connection);
    }
  }

  /** Counts a transaction; `user` is who logged in by it, if anybody. */
  count(isError: boolean, user: string | null): void {
    this.transactions++;
    if (isError) this.errors++;
    this.user = user ?? this.user;
    this.#whole?.count(isError, user);
  }

  /** Says which framing reads it, and which releases it may be of. */
  adopt(framing: Framing, releases: ReleaseSet): void {
    this.isRead = framing.carrier !== true;
    this.framing = framing.name;
    this.releases = this.isRead ? releases : null;
    this.statusName = framing.statusName ?? this.registry.statusName;
  }

  /** What it carries where no framing knows it, its transport included; null where one does. */
  get otherProtocol(): string | null {
    if (this.isRead) return null;
    if (this.security === null) return this.protocol;
    const { opened } = this.security;
    const text = securityText(this.security);
    if (opened) return this.protocol === null ? text : `${this.protocol} in ${text}`;
    return `${text}: not readable without its key log`;
  }

  /** What it is made of. */
  get transport(): Transport {
    return this.#endpoints.transport ?? "tcp";
  }

  /** As tshark's `tcp.stream`, or `udp.stream` for UDP. */
  get number(): number {
    return this.#endpoints.number;
  }

  /** One number for each conversation of a capture: those of UDP count down from -1. */
  get id(): number {
    return this.transport === "udp" ? udpId(this.number) : this.number;
  }

  /** The number as it is shown: `3`, of UDP `u3`. */
  get label(): string {
    return this.transport === "udp" ? `u${this.number}` : `${this.number}`;
  }

  /** `address:port` of the side that sends requests. */
  get client(): string {
    return this.#endpoints.clientEndpoint;
  }

  get server(): string {
    return this.#endpoints.serverEndpoint;
  }

  get clientPort(): number {
    return this.#endpoints.clientPort;
  }

  /** What its segments prove; null where it is not TCP that was captured. */
  get wire(): Wire | null {
    return this.#endpoints.wire ?? null;
  }

  get serverPort(): number {
    return this.#endpoints.serverPort;
  }
}
