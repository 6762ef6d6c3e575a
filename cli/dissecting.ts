import { amount } from "../core/bytes/amount.ts";
import type { CarrierBytes } from "../core/dissect/conversation_reader.ts";
import type { ConversationState } from "../core/dissect/conversation_state.ts";
import { Pipeline } from "../core/dissect/pipeline.ts";
import type { Registry } from "../core/dissect/registry.ts";
import type { Transaction } from "../core/dissect/transaction.ts";
import type { Filter } from "../core/filter/compile.ts";
import { FilterError } from "../core/filter/error.ts";
import type { KeyLog } from "../core/framing/tls/key_log.ts";
import type { ConversationStatistics } from "../core/tcp/statistics.ts";
import { type OptionValues, UsageError, wholeNumber } from "./command.ts";
import { decodedAs } from "./decode_as.ts";
import { keylogOption, openKeyLogs } from "./keylog.ts";
import { OtherProtocols } from "./other_protocols.ts";
import { say } from "./output.ts";
import { pluginOption, registryWith } from "./plugins.ts";
import { Findings, readFor, sourcesOf } from "./reading.ts";

/** Options of every command that reads captures. */
export const captureOptions = {
  "display-filter": {
    short: "Y",
    value: "FILTER",
    names: "filter",
    help: "Only transactions that match, in Wireshark's language: iggy.failed",
  },
  count: { short: "c", value: "N", help: "Stop after N packets." },
  "decode-as": {
    short: "d",
    value: "tcp.port==N,iggy",
    repeatable: true,
    help: "Take a port, or the ports from N to M written N-M, for Iggy's.",
  },
  keylog: keylogOption,
  plugin: pluginOption,
} as const;

/** What else a command that reads captures may want. */
export interface DissectHooks {
  /** Told of the bytes that are a carrier's own. */
  readonly carrier?: CarrierBytes;
  /** Told of each conversation when nothing further will be said of it. */
  conversation?(state: ConversationState, statistics: ConversationStatistics): void;
  /** Awaited before each chunk. */
  readonly pace?: () => Promise<void>;
  /** Asked at each chunk; true ends the reading early. */
  stopped?(): boolean;
  /** Where what is no Iggy, or sealed, is counted. */
  readonly others?: OtherProtocols;
  /** Secrets in the captures are passed over, so that TLS and QUIC stay sealed. */
  readonly staysSealed?: boolean;
  /** The captures were read before: what is to be said of them was said. */
  readonly isRepeated?: boolean;
}

/**
 * Calls `take` with each transaction that passes the filter, which may not keep it; gives the
 * exit code.
 */
export async function dissectFor(
  operands: readonly string[],
  options: OptionValues<typeof captureOptions> & {
    readonly follow?: boolean;
    readonly "show-secrets"?: boolean;
    readonly "trace-plugin"?: string;
    /** Secrets of sessions, where they are known already. */
    readonly keys?: KeyLog;
  },
  take: (transaction: Transaction) => void,
  done: () => void = () => {},
  hooks: DissectHooks = {},
): Promise<number> {
  const { carrier, conversation: ended, pace, stopped, isRepeated = false } = hooks;
  const { others = new OtherProtocols(), staysSealed = false } = hooks;
  const sources = sourcesOf(operands);
  const registry = await registryWith(options.plugin);
  const traced = options["trace-plugin"];
  const trace = traced === undefined
    ? null
    : new (await import("./trace_plugin.ts")).PluginTrace(registry, traced);
  const passes = await filterOf(
    registry,
    options["display-filter"],
    options["show-secrets"] ?? false,
  );
  const most = options.count === undefined
    ? Infinity
    : wholeNumber("count", options.count, 1);
  const findings = new Findings();
  const report = isRepeated ? () => {} : findings.report;
  const keys = options.keys ?? openKeyLogs(options.keylog);
  let packets = 0, conversations = 0, transactions = 0, readable = 0;
  const pipeline = new Pipeline(registry, (transaction) => {
    transactions++;
    if (transaction.request !== null || transaction.response !== null) readable++;
    trace?.transaction(transaction);
    if (passes === null || passes(transaction)) take(transaction);
  }, {
    ...decodedAs(options["decode-as"]),
    transient: true,
    analysis: ended !== undefined,
    carrier,
    keys,
    conversation(conversation, statistics) {
      if (conversation.transport === "tcp") conversations++;
      others.add(conversation);
      trace?.conversation(conversation);
      ended?.(conversation, statistics);
    },
    report,
  });
  const { code } = await readFor(sources, {
    packet(packet) {
      if (packets >= most) return;
      packets++;
      pipeline.push(packet);
    },
    stopped: () => packets >= most || stopped?.() === true,
    pace,
    follow: options.follow ? new AbortController().signal : undefined,
    secrets(bytes) {
      if (!staysSealed) keys.pushWhole(bytes);
    },
    report,
    end() {
      pipeline.end();
      done();
      trace?.end();
    },
  });
  if (isRepeated) return code;
  if (conversations === 0 && transactions === 0 && others.list().length === 0) {
    say(`no TCP in ${amount(packets, "packet")}`);
  } else if (transactions === 0) {
    say(
      `no Iggy in ${amount(conversations, "TCP conversation")}${others.text()}; ` +
        "-d tcp.port==N,iggy names its port",
    );
  } else if (readable === 0 && others.sealed > 0) say(`nothing readable${others.text()}`);
  return code;
}

async function filterOf(
  registry: Registry,
  filter: string | undefined,
  showSecrets: boolean,
): Promise<Filter | null> {
  if (filter === undefined) return null;
  const { compileFilter } = await import("../core/filter/compile.ts");
  try {
    return compileFilter(filter, registry, { showSecrets });
  } catch (error) {
    if (error instanceof FilterError) throw new UsageError(error.explain(filter));
    throw error;
  }
}
