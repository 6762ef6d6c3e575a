import type { Framer, Framing, FramingHost, Link, Opening } from "../framing/framing.ts";
import type { Exchange } from "../framing/pdu.ts";
import type { SecurityRecord } from "../framing/tls/facts.ts";
import type { Issue } from "../issue.ts";
import type { ReleaseSet } from "../schema/mod.ts";
import type { ConversationReader } from "./conversation_reader.ts";
import type { ConversationState } from "./conversation_state.ts";

/**
 * What the framing of a conversation works with. Each conversation has one as long as it is
 * open, so it holds no more than what is its own, and no functions.
 */
export class ReaderHost implements FramingHost {
  readonly reader: ConversationReader;
  readonly state: ConversationState;
  readonly releases: ReleaseSet;
  readonly fromStart: boolean;
  readonly expected: boolean;

  constructor(
    reader: ConversationReader,
    state: ConversationState,
    releases: ReleaseSet,
    fromStart: boolean,
    expected: boolean,
  ) {
    this.reader = reader;
    this.state = state;
    this.releases = releases;
    this.fromStart = fromStart;
    this.expected = expected;
  }

  get commands(): FramingHost["commands"] {
    return this.reader.shared.registry.commands;
  }
  get framings(): FramingHost["framings"] {
    return this.reader.shared.registry.framings;
  }
  get keys(): FramingHost["keys"] {
    return this.reader.shared.keys;
  }
  get maxOutstanding(): number {
    return this.reader.shared.maxOutstanding;
  }
  get maxPdu(): number {
    return this.reader.shared.maxPdu;
  }
  get packets(): FramingHost["packets"] {
    return this.reader.shared.packets;
  }
  get buffers(): FramingHost["buffers"] {
    return this.reader.shared.buffers;
  }

  exchange(exchange: Exchange): void {
    this.reader.exchange(exchange, this.state);
  }

  report(found: Issue): void {
    this.reader.report(found);
  }

  get own(): FramingHost["own"] {
    const { reader: { shared: { carrier } }, state } = this;
    if (carrier === null) return undefined;
    return (side, ...bytes) =>
      carrier(state.number, side === "client" ? state.client : state.server, ...bytes);
  }

  link(link: Link): void {
    this.reader.state.link = this.state.link = link;
  }

  security(found: SecurityRecord, connection: number | null = null): void {
    this.state.secured(found, connection);
  }

  unrecognised(opening: Opening, packet: number | null): Framer | null {
    return this.reader.unrecognised(opening, packet);
  }

  carry(framing: Framing, fromStart: boolean, amongSeveral = false): FramingHost {
    return this.reader.hostOf(framing, fromStart, amongSeveral);
  }
}
