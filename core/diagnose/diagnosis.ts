import type { Transaction } from "../dissect/transaction.ts";
import type { Severity } from "../issue.ts";
import { Oldest } from "../oldest.ts";
import { Traffic } from "../stats/mod.ts";
import type { ConversationStatistics } from "../tcp/mod.ts";
import { LoginRule, LookupRule, RefusalRule, RetryRule } from "./clients.ts";
import { ConnectionRule } from "./connections.ts";
import {
  AssignmentRule,
  ConsumerRule,
  EmptyPollRule,
  RebalanceRule,
} from "./consumers.ts";
import { type CaptureFinding, MAX_SUBJECTS, type Rule } from "./finding.ts";
import { HotPartitionRule, TinyBatchRule } from "./producers.ts";

/** Severities, the most serious first. */
const ORDER: readonly Severity[] = ["error", "warn", "note", "chat"];

/**
 * Looks at a whole capture for what is wrong with the work that clients and servers do. Feed it
 * every transaction and every conversation; memory is bounded.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(new Diagnosis().finish(), []);
 * ```
 */
export class Diagnosis {
  readonly #connections = new ConnectionRule();
  readonly #rules: readonly Rule[] = [
    new ConsumerRule(),
    new EmptyPollRule(),
    new AssignmentRule(),
    new RebalanceRule(),
    new HotPartitionRule(),
    new TinyBatchRule(),
    new RetryRule(),
    new LoginRule(),
    new LookupRule(),
    new RefusalRule(),
    this.#connections,
  ];
  /** When the last response of each connection came, in µs. */
  readonly #answeredAt = new Map<number, number>();
  readonly #oldest = new Oldest(this.#answeredAt);
  #end = 0;

  /** Takes a transaction, with its traffic where somebody has it already. */
  transaction(transaction: Transaction, traffic = new Traffic(transaction)): void {
    const { request, response, conversation } = transaction;
    const stamp = (response ?? request)?.stamp;
    if (stamp === undefined) return;
    const at = stamp.seconds * 1e6 + stamp.nanos / 1e3;
    this.#end = Math.max(this.#end, at);
    const before = this.#answeredAt.get(conversation.id);
    const thinkUs = request === null || before === undefined
      ? null
      : request.stamp.seconds * 1e6 + request.stamp.nanos / 1e3 - before;
    if (response !== null) this.#answered(conversation.id, at);
    const seen = { transaction, traffic, at, thinkUs };
    for (const rule of this.#rules) rule.add(seen);
  }

  #answered(conversation: number, at: number): void {
    if (this.#answeredAt.size >= MAX_SUBJECTS) {
      this.#answeredAt.delete(this.#oldest.take()!);
    }
    this.#answeredAt.delete(conversation);
    this.#answeredAt.set(conversation, at);
  }

  /** Takes what TCP says of a conversation, by its number, after its transactions. */
  conversation(number: number, statistics: ConversationStatistics): void {
    this.#end = Math.max(
      this.#end,
      statistics.endSeconds * 1e6 + statistics.endNanos / 1e3,
    );
    this.#connections.conversation(number, statistics);
  }

  /** All findings, the most serious first, then in the order of what shows them. */
  finish(): CaptureFinding[] {
    return this.#rules.flatMap((rule) => rule.finish(this.#end)).sort((a, b) =>
      ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) ||
      (a.transactions[0] ?? 0) - (b.transactions[0] ?? 0)
    );
  }
}
