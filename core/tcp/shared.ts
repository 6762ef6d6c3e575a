import type { Conversation } from "../flow/mod.ts";
import type { Issue, Severity } from "../issue.ts";
import type { Segment } from "../net/segment.ts";
import type { TcpConversation } from "./connection.ts";
import type { Rings } from "./history.ts";
import type { HoleRelease, TcpLimits } from "./limits.ts";
import type { TcpSink } from "./sink.ts";

/** Receives issues with the conversation they are about; null for none in particular. */
export type ConversationReport = (
  conversation: Conversation | null,
  issue: Issue,
) => void;

/** What a tracker lends its flows. */
export interface Shared {
  readonly sink: TcpSink;
  readonly limits: Readonly<TcpLimits>;
  readonly holes: HoleRelease;
  /** Whether segments are counted as Wireshark does. */
  readonly analysis: boolean;
  /** Out-of-order bytes held by all flows. */
  held: number;
  /** Memory for the bytes that flows remember. */
  readonly rings: Rings;
  /** The text of an interned address. */
  addressText(address: number): string;
  /** Tells the sink of the conversation, the first time it is called for it. */
  open(conversation: TcpConversation): void;
  /** Reports an issue of group `sequence`, within the limit of the conversation. */
  report(
    conversation: TcpConversation,
    severity: Severity,
    message: string,
    segment: Segment | null,
  ): void;
}
