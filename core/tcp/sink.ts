import type { Conversation, FlowSink } from "../flow/mod.ts";
import type { ConversationStatistics } from "./statistics.ts";

/** What the tracker tells the stage to its right: flows, and TCP's own view of conversations. */
export interface TcpSink extends Partial<FlowSink> {
  data: FlowSink["data"];
  /**
   * Comes before anything else about the conversation, at the latest before `close`, and
   * not before its sides are settled: hence with the first bytes rather than the first SYN.
   */
  open?(conversation: Conversation): void;
  /**
   * Nothing more will be said or counted about the conversation; always after `close`, once
   * for each conversation, so a row for each can be kept or printed here.
   */
  release?(conversation: Conversation, statistics: ConversationStatistics): void;
}
