import { otherSide, type Side } from "../../flow/mod.ts";
import type { SecretLabel, SecretStore } from "../tls/key_log.ts";
import type { TlsSession } from "../tls/session.ts";
import { cipherSuite } from "../tls/suites.ts";
import { MAX_ID, type PacketType } from "./header.ts";
import { type PacketProtection, protectionOf } from "./protection.ts";
import { SessionSearch } from "./session_search.ts";

/** Lengths of ids where none is known. */
const ANY_LENGTH = Array.from({ length: MAX_ID + 1 }, (_, i) => i);

const NONE: readonly number[] = [];

const SECRETS: Readonly<Record<Side, Partial<Record<PacketType, SecretLabel>>>> = {
  client: {
    early: "CLIENT_EARLY_TRAFFIC_SECRET",
    handshake: "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    application: "CLIENT_TRAFFIC_SECRET_0",
  },
  server: {
    handshake: "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    application: "SERVER_TRAFFIC_SECRET_0",
  },
};

/**
 * What takes off the protection of one connection's packets behind the first ones: its version,
 * the lengths of its ids, and the keys that its session's secrets give.
 */
export class PacketKeys {
  /** The version that is spoken, as far as it is known. */
  version: number | null = null;
  readonly #session: TlsSession;
  readonly #store: SecretStore | null;
  /** Made when needed: most of what is no QUIC never gets so far. */
  #search: SessionSearch | null = null;
  #protections: Map<string, PacketProtection> | null = null;
  /** Lengths of the ids by which each side is reached, the last used first. */
  #idLengths: Readonly<Record<Side, number[]>> | null = null;

  constructor(session: TlsSession, store: SecretStore | null) {
    this.#session = session;
    this.#store = store;
  }

  /** Changes of keys: those of the side that changed more often. */
  get updates(): number {
    const updatesOf = (side: Side) =>
      this.#protections?.get(`${side} application`)?.updates ?? 0;
    return Math.max(updatesOf("client"), updatesOf("server"));
  }

  /** Lengths that the id may have by which a side is reached. */
  lengthsOf(side: Side): readonly number[] {
    const known = this.knownLengths(side);
    return known.length > 0 ? known : ANY_LENGTH;
  }

  /** Those of ids that were seen, the last used first. */
  knownLengths(side: Side): readonly number[] {
    return this.#idLengths?.[side] ?? NONE;
  }

  /** A side is reached by an id of a length. */
  reachedBy(side: Side, idLength: number): void {
    this.#idLengths ??= { client: [], server: [] };
    const lengths = this.#idLengths[side];
    if (lengths[0] === idLength) return;
    const at = lengths.indexOf(idLength);
    if (at >= 0) lengths.splice(at, 1);
    lengths.unshift(idLength);
  }

  /** The protection of packets of a type; null where its secret is not known (yet). */
  of(
    side: Side,
    type: PacketType,
    version: number | null = this.version,
  ): PacketProtection | null {
    // Only long headers say their version, and anybody may write any there.
    const key = type === "application" ? `${side} ${type}` : `${side} ${type} ${version}`;
    const known = this.#protections?.get(key);
    if (known !== undefined) return known;
    const label = SECRETS[side][type];
    const { suite } = this.#session.facts;
    if (label === undefined || suite === null || version === null) return null;
    const secret = this.#session.secret(label);
    if (secret === null) return null;
    const made = protectionOf(cipherSuite(suite), version, secret);
    if (made !== null) this.#keep(key, made);
    return made;
  }

  #keep(key: string, protection: PacketProtection): void {
    this.#protections ??= new Map();
    this.#protections.set(key, protection);
  }

  /**
   * A side's protection where the capture lacks the handshake, found by trying on its packet
   * with a short header at `at`; null where that is not found.
   */
  find(side: Side, bytes: Uint8Array, at: number): PacketProtection | null {
    const { begun, agreed, random, facts } = this.#session;
    if (this.#store === null || (side === "client" ? begun : agreed)) return null;
    const peer = otherSide(side);
    this.#search ??= new SessionSearch(this.#store);
    const found = this.#search.find(side, bytes, at, {
      random,
      suite: facts.suite,
      version: this.version,
      idLengths: this.knownLengths(peer),
    });
    if (found === null) return null;
    this.version = found.version;
    this.reachedBy(peer, found.idLength);
    this.#session.assume(found.random, found.suite);
    this.#keep(`${side} application`, found.protection);
    return found.protection;
  }
}
