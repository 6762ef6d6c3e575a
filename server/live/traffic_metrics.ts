import type { Transaction } from "../../core/dissect/transaction.ts";
import { Offsets, Traffic } from "../../core/stats/mod.ts";
import type { MetricName, Metrics } from "../metrics.ts";

/** Sets of labels kept of each metric; what comes beyond counts as `(others)`. */
const MAX_SERIES = 1000;
const OTHERS = "(others)";

/** Names and values of labels. */
type Labels = Readonly<Record<string, string>>;

/** Counts live traffic for Prometheus: by command, status and topic, and the lag of consumers. */
export class TrafficMetrics {
  readonly #metrics: Metrics;
  readonly #series = new Map<MetricName, Set<string>>();
  readonly #offsets = new Offsets();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  add(transaction: Transaction): void {
    const traffic = new Traffic(transaction);
    const command = transaction.name ?? "unknown";
    const status = transaction.statusName ?? transaction.outcome ?? "unknown";
    this.#count("iggyscope_live_commands_total", 1, { command, status });
    const time = transaction.responseTimeUs;
    if (time !== null && time > 0) {
      this.#count("iggyscope_live_response_seconds_total", time / 1e6, { command });
    }
    const { produced, consumed } = traffic;
    const messages = produced ?? consumed;
    if (messages !== null && messages.messages > 0) {
      const direction = produced === null ? "consumed" : "produced";
      const labels = { topic: traffic.topic ?? "unknown", direction };
      this.#count("iggyscope_live_messages_total", messages.messages, labels);
      this.#count("iggyscope_live_message_bytes_total", messages.payloadBytes, labels);
    }
    this.#offsets.add(transaction, traffic);
  }

  /** Sets the gauges that are told when somebody asks. */
  refresh(): void {
    for (
      const { partition, consumer, lag } of this.#offsets.places.slice(0, MAX_SERIES)
    ) {
      if (lag === null) continue;
      const label = labelsText({ partition, consumer });
      this.#metrics.set("iggyscope_live_consumer_lag", Number(lag), label);
    }
  }

  #count(name: MetricName, amount: number, labels: Labels): void {
    let known = this.#series.get(name);
    if (known === undefined) this.#series.set(name, known = new Set());
    let label = labelsText(labels);
    if (!known.has(label)) {
      if (known.size < MAX_SERIES) known.add(label);
      else {
        label = labelsText(
          Object.fromEntries(Object.keys(labels).map((key) => [key, OTHERS])),
        );
      }
    }
    this.#metrics.add(name, amount, label);
  }
}

/** Labels as Prometheus' text has them; what is captured cannot end a value or a line. */
function labelsText(labels: Labels): string {
  return Object.entries(labels).map(([key, value]) => {
    const safe = value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
    return `${key}="${safe}"`;
  }).join(",");
}
