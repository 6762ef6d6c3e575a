import type { Side, Stamp, Transport } from "../flow/mod.ts";
import type { BufferPool } from "../bytes/pool.ts";
import type { Issue } from "../issue.ts";
import type { CommandTable, Kind, ReleaseSet } from "../schema/mod.ts";
import type { SecurityRecord } from "./tls/facts.ts";
import type { SecretStore } from "./tls/key_log.ts";
import type { PacketIndex } from "./packet_index.ts";
import type { Exchange } from "./pdu.ts";

/** What one packet of an opening brought. */
export interface OpeningSegment {
  readonly side: Side;
  readonly bytes: Uint8Array;
  /** Bytes it had on the wire: more where the capture cut it. */
  readonly length: number;
}

/** The first bytes of a conversation, as far as they are there. */
export interface Opening {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
  /** The same by packet, those behind lost bytes too; left out where a carrier hides them. */
  readonly segments?: readonly OpeningSegment[];
  /** The conversation's handshake was captured, so the first bytes are the first ever. */
  readonly fromStart: boolean;
  /** The server's port is one the framing is known on, or the user said so. */
  readonly expected: boolean;
  /** No more bytes will come. */
  readonly ended: boolean;
  /** Only the server's port is an expected one, so nothing in the bytes changes the sides. */
  readonly sided?: boolean;
}

/**
 * What a framing makes of an opening: `yes`, `no`, `more` to wait for bytes, or `swapped` where
 * the bytes show that client and server were guessed the wrong way round.
 */
export type Verdict = "yes" | "no" | "more" | "swapped";

/** What framings may ask about while they look at an opening. */
export interface Known {
  readonly commands: CommandTable;
  /** Every framing of the registry, in the order they are tried: what a carrier may carry. */
  readonly framings: readonly Framing[];
}

/** Whether a side's message of `length` bytes that begins with these holds one PDU. */
export type MessageTest = (
  side: Side,
  payload: Uint8Array,
  length: number,
  commands: CommandTable,
) => boolean;

/** How messages of a carrier, such as WebSocket's, hold PDUs of a framing. */
export interface MessageShape {
  /** Tells messages that can be nothing else, to recognise a carrier by them. */
  readonly certain: MessageTest;
  /** Tells messages well enough to find the next one on a connection known to carry them. */
  readonly plausible: MessageTest;
  /**
   * Bytes the message should have, as its first bytes state them, where servers take exactly
   * one PDU a message; null where they do not tell.
   */
  stated?(payload: Uint8Array): number | null;
}

/** What a framing's part of the Wireshark export is made with. */
export interface FramingLuaTools {
  /** Adds fields of a layout under a path, and gives the Lua of the layout. */
  layout(kind: Kind<unknown>, path: string, doc: string): string;
  /** Adds the fields of headers under one path, and gives the Lua of each. */
  headers(kinds: readonly Kind<unknown>[], path: string, doc: string): string[];
  /** Adds a group of fields that has no layout of its own. */
  group(path: string, doc: string): void;
}

/** What the Lua of a framing knows of its data: numbers, names, texts. */
export type LuaFact =
  | number
  | string
  | boolean
  | readonly LuaFact[]
  | { readonly [name: string]: LuaFact };

/**
 * A framing's part of the Wireshark export. Its Lua is a twin of the framing's algorithms; what
 * these know of the protocol's data reaches it as one table.
 */
export interface FramingLua {
  /** The table `FACTS` of its Lua: constants, names and texts, each taken from its one place. */
  readonly facts: Readonly<Record<string, LuaFact>>;
  /** Lua that defines a local table named as the framing; docs/wireshark.md says what is in it. */
  readonly runtime: string;
  /** Fields of payloads that the Lua asks the text of, beside those of summaries. */
  readonly reads?: readonly string[];
  /** Lua that fills what the runtime declared, made from the framing's data. */
  tables?(tools: FramingLuaTools, root: string): string;
}

/** Who the two ends of a conversation are, as far as its frames tell. */
export interface Link {
  /** A client with a server, or two servers of a cluster. */
  readonly kind: "client" | "replica";
  /** Ids of the replicas at both ends, on a link between replicas. */
  readonly replicas: Readonly<Record<Side, number | null>>;
}

/** What a framing is given to work with. */
export interface FramingHost extends Known {
  readonly releases: ReleaseSet;
  /** The first bytes of the conversation were captured, so frames begin there. */
  readonly fromStart: boolean;
  /** The server's port is one a framing is known on, or the user said so. */
  readonly expected: boolean;
  /** Secrets that open sealed transports; null where there are none. */
  readonly keys: SecretStore | null;
  /** Most requests kept waiting for their response. */
  readonly maxOutstanding: number;
  /** Most bytes one PDU may have. */
  readonly maxPdu: number;
  /** Packets that PDUs of any conversation may refer to, by keys of the framing's own. */
  readonly packets: PacketIndex;
  /**
   * Lends buffers for long PDUs. There is none where PDUs may be kept; else they are given back
   * once their exchange was taken.
   */
  readonly buffers?: BufferPool | null;
  /** Takes a finished exchange. */
  exchange(exchange: Exchange): void;
  /** Takes a finding that belongs to no PDU; it goes with the next exchange. */
  report(issue: Issue): void;
  /**
   * Told of bytes of a flow that are a carrier's own, such as the heads of its frames, for
   * whoever writes the flow again; left out where nobody does.
   */
  own?(side: Side, sequence: number, bytes: Uint8Array): void;
  /** Takes what the frames tell of the two ends; may come again with more. */
  link(link: Link): void;
  /**
   * Takes what a sealed transport agreed on, and the number of its connection where the
   * conversation may hold several; may come again with more.
   */
  security(found: SecurityRecord, connection?: number | null): void;
  /**
   * Takes the first bytes of what a carrier holds and no framing knows, to be named. Gives
   * who wants to see the rest, from those bytes on.
   */
  unrecognised(opening: Opening, packet: number | null): Framer | null;
  /**
   * Says that this conversation is the carrier of another framing: it is named by that one from
   * now on. Gives what that one works with: of a carrier's connection among several, what the
   * framing tells of it is kept apart.
   */
  carry(framing: Framing, fromStart: boolean, amongSeveral?: boolean): FramingHost;
}

/** Reads the two flows of one conversation. Bytes are only valid during the call. */
export interface Framer {
  data(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void;
  /** `length` bytes of a flow are lost. */
  gap(side: Side, length: number, stamp: Stamp | null): void;
  /** A flow ended. */
  finish(side: Side, stamp: Stamp): void;
  /** The conversation ended: everything still open is given out. */
  close(): void;
}

/**
 * Something that a plugin adds to a framing, such as a kind of frame. Only the framing knows
 * what it is; the registry hands it over.
 */
export interface FramingPart {
  /** The framing's name, and the part's own. */
  readonly framing: string;
  readonly name: string;
  /** First and last release that has it. */
  readonly from: number;
  readonly to: number;
}

/**
 * A way to cut flows into PDUs and to pair them. Framings are plain values in the registry, so
 * another protocol is added without touching `core/`.
 */
export interface Framing {
  readonly name: string;
  /** Release series the framing carries, as in `since` and `upTo`. */
  readonly since: string;
  readonly upTo?: string;
  /** Ports its servers listen on by default. */
  readonly ports: readonly number[];
  /** Layouts of the headers that PDUs show; their fields are `<root>.<name>.<field>`. */
  readonly headers?: readonly Kind<unknown>[];
  /** Names of its responses' statuses, where they are not those of the registry. */
  readonly statusName?: (status: number, release: number) => string | null;
  /** Layouts of bodies that are no command's, by the name of their PDU. */
  readonly bodies?: Readonly<Record<string, Kind<unknown>>>;
  /** It only carries other framings: Wireshark's own dissectors of it ask ours. */
  readonly carrier?: boolean;
  /** What it comes over; TCP where left out. For UDP each event holds one datagram. */
  readonly transport?: Transport;
  /** Its part of the Wireshark export; a framing without it cannot be exported. */
  readonly lua?: FramingLua;
  /** Data besides commands whose releases count: parts of its own and those that were added. */
  readonly parts?: readonly FramingPart[];
  /** The framing as a registry has it: it knows the registry's commands, and parts added to it. */
  bind?(commands: CommandTable, parts: readonly FramingPart[]): Framing;
  /** How carriers' messages hold its PDUs; left out where no carrier carries it. */
  readonly message?: MessageShape;
  detect(opening: Opening, known: Known): Verdict;
  open(host: FramingHost): Framer;
}
