import {
  CaptureError,
  captureSteps,
  type CaptureSummary,
  linktypeName,
} from "../../core/capture/mod.ts";
import type { ConversationState } from "../../core/dissect/conversation_state.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import { formatTime } from "../../core/dissect/time.ts";
import type { KeyLog } from "../../core/framing/tls/key_log.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import { conversationRecord } from "../../core/dissect/conversation_record.ts";
import { isError } from "../../core/dissect/outcome.ts";
import { type Issue, issue } from "../../core/issue.ts";
import type { ConversationStatistics, FlowStatistics } from "../../core/tcp/mod.ts";
import type { Capture, Conversation } from "../api.ts";
import { ProblemError } from "../problem.ts";
import type { CaptureIndex } from "./capture_index.ts";

/** Issues about a capture as a whole that are kept. */
const MAX_ISSUES = 100;
/** Conversations without a transaction that are listed; a port scan has millions. */
const MAX_SILENT = 10_000;

/** What {@link ingest} works with. */
export interface IngestContext {
  readonly registry: Registry;
  /** The key log that came with the upload; those inside the capture are put into it. */
  readonly keys: KeyLog;
  /** Told of bytes written. */
  grow(bytes: number): void;
}

/**
 * Dissects a capture as its bytes come and writes down what it finds, but nothing of a key.
 * `capture` is kept up to date on the way. Throws {@link ProblemError} on what is no capture,
 * and whatever the stream or `grow` throws.
 */
export async function ingest(
  stream: ReadableStream<Uint8Array>,
  capture: Capture,
  index: CaptureIndex,
  { registry, keys, grow }: IngestContext,
): Promise<void> {
  const report = (issue: Issue) => {
    if (capture.issues.length < MAX_ISSUES) capture.issues.push(issue);
  };
  let silent = 0;
  const pipeline = new Pipeline(registry, (transaction) => {
    grow(index.add(transaction));
    if (transaction.isRemark) capture.remarks++;
    else capture.transactions++;
    if (isError(transaction.outcome)) capture.errors++;
  }, {
    report,
    keys,
    conversation(state, statistics) {
      grow(index.observe(state.id, statistics));
      const found = conversationOf(state, statistics);
      // Of UDP only what is known to be a connection is one.
      const { transport, framing, protocol } = found;
      if (transport === "udp" && framing === null && protocol === null) return;
      capture.conversations++;
      if (found.framing !== null) capture.iggy_conversations++;
      if (found.transactions === 0 && silent++ >= MAX_SILENT) return;
      grow(index.addConversation(found));
    },
  });
  const steps = captureSteps(
    [stream],
    (packet) => {
      capture.packets++;
      pipeline.push(packet);
    },
    report,
    { secrets: (bytes) => keys.pushWhole(bytes) },
  );
  try {
    for (;;) {
      const { done, value } = await steps.next();
      if (!done) continue;
      pipeline.end();
      describe(capture, value[0]!);
      if (silent > MAX_SILENT) {
        const message =
          `${silent - MAX_SILENT} conversations without a transaction are ` +
          "counted but not listed";
        report(issue("note", "protocol", message, null));
      }
      return;
    }
  } catch (error) {
    throw error instanceof CaptureError ? refusal(error) : error;
  }
}

function describe(capture: Capture, summary: CaptureSummary): void {
  const { format, firstTime, lastTime, linktypes, cut } = summary;
  capture.format = format;
  capture.first_time = firstTime && formatTime(firstTime.seconds, firstTime.nanos);
  capture.last_time = lastTime && formatTime(lastTime.seconds, lastTime.nanos);
  capture.linktypes = linktypes.map((linktype) => linktypeName(linktype));
  capture.cut = cut;
}

function refusal(error: CaptureError): ProblemError {
  const detail = error.message.replace(/^standard input: /, "");
  return new ProblemError(error.kind === "bomb" ? 413 : 415, detail, {}, {
    accept: "application/vnd.tcpdump.pcap, application/gzip, application/zstd",
  });
}

/** A TCP conversation as the API tells it. */
export function conversationOf(
  state: ConversationState,
  found: ConversationStatistics,
): Conversation {
  return {
    ...conversationRecord(state, found),
    conversation: state.id,
    client_flow: flowOf(found.client),
    server_flow: flowOf(found.server),
  };
}

function flowOf(flow: FlowStatistics): Conversation["client_flow"] {
  const { outOfOrder, lost, ...rest } = flow;
  return { ...rest, out_of_order: outOfOrder, lost_bytes: lost };
}
