import type { Endpoints } from "../flow/mod.ts";
import type { Framing, Link } from "../framing/framing.ts";
import type { ReleaseSet } from "../schema/mod.ts";
import type { Registry, StatusName } from "./registry.ts";

/** A conversation as its transactions know it. */
export class ConversationState {
  readonly registry: Registry;
  readonly #endpoints: Endpoints;
  /** A framing reads it: its bytes told which. */
  isRead = false;
  releases: ReleaseSet | null = null;
  /** `classic`, `vsr`, `tls`; null where it is not known. */
  framing: string | null = null;
  /** Names of statuses, as the framing has them. */
  statusName: StatusName;
  /** What the two ends are to each other, where the framing tells. */
  link: Link | null = null;
  transactions = 0;
  errors = 0;
  /** Who logged in last. */
  user: string | null = null;

  constructor(registry: Registry, endpoints: Endpoints) {
    this.registry = registry;
    this.statusName = registry.statusName;
    this.#endpoints = endpoints;
  }

  /** Says which framing reads it, and which releases it may be of. */
  adopt(framing: Framing, releases: ReleaseSet): void {
    this.framing = framing.name;
    this.releases = releases;
    this.statusName = framing.statusName ?? this.registry.statusName;
  }

  /** As tshark's `tcp.stream`. */
  get number(): number {
    return this.#endpoints.number;
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

  get serverPort(): number {
    return this.#endpoints.serverPort;
  }
}
