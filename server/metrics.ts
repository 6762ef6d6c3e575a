/** What is counted, in Prometheus' words. */
interface Metric {
  readonly type: "counter" | "gauge";
  readonly help: string;
}

const METRICS = {
  iggyscope_requests_total: { type: "counter", help: "HTTP requests by status." },
  iggyscope_uploads_total: { type: "counter", help: "Uploads by how they ended." },
  iggyscope_upload_bytes_total: { type: "counter", help: "Bytes of uploads." },
  iggyscope_transactions_total: { type: "counter", help: "Transactions dissected." },
  iggyscope_searches_total: { type: "counter", help: "Searches through captures." },
  iggyscope_live_transactions_total: { type: "counter", help: "Live transactions." },
  iggyscope_live_commands_total: {
    type: "counter",
    help: "Live transactions by command and status.",
  },
  iggyscope_live_response_seconds_total: {
    type: "counter",
    help: "Time from live requests to their responses, by command.",
  },
  iggyscope_live_messages_total: {
    type: "counter",
    help: "Messages of live traffic by topic and direction.",
  },
  iggyscope_live_message_bytes_total: {
    type: "counter",
    help: "Payload bytes of live traffic by topic and direction.",
  },
  iggyscope_live_consumer_lag: {
    type: "gauge",
    help: "Messages that a consumer or group is behind, by partition.",
  },
  iggyscope_live_dropped_total: {
    type: "counter",
    help: "Listeners dropped because they were slow.",
  },
  iggyscope_proxy_connections_total: { type: "counter", help: "Connections passed on." },
  iggyscope_proxy_bytes_total: { type: "counter", help: "Bytes passed on." },
  iggyscope_proxy_unseen_bytes_total: {
    type: "counter",
    help: "Bytes passed on that were not dissected because too many waited.",
  },
  iggyscope_captures: { type: "gauge", help: "Captures kept." },
  iggyscope_storage_bytes: { type: "gauge", help: "Bytes of captures and indexes." },
  iggyscope_uploads_running: { type: "gauge", help: "Uploads coming in." },
  iggyscope_live_listeners: { type: "gauge", help: "Listeners of live traffic." },
  iggyscope_memory_bytes: { type: "gauge", help: "Resident memory." },
} as const satisfies Record<string, Metric>;

/** Names of what is counted. */
export type MetricName = keyof typeof METRICS;

/** Counters of a server, told as Prometheus text. */
export class Metrics {
  readonly #values = new Map<string, number>();

  /** Adds to a counter; `label` is ready-made: `status="200"`. */
  add(name: MetricName, amount = 1, label = ""): void {
    const key = label === "" ? name : `${name}{${label}}`;
    this.#values.set(key, (this.#values.get(key) ?? 0) + amount);
  }

  /** Sets a gauge; `label` as in `add`. */
  set(name: MetricName, value: number, label = ""): void {
    this.#values.set(label === "" ? name : `${name}{${label}}`, value);
  }

  /** The value of a counter or gauge without labels. */
  value(name: MetricName): number {
    return this.#values.get(name) ?? 0;
  }

  /** All of them, in the text format 0.0.4. */
  text(): string {
    return Object.entries(METRICS).map(([name, { type, help }]) => {
      const lines = [...this.#values]
        .filter(([key]) => key === name || key.startsWith(`${name}{`))
        .map(([key, value]) => `${key} ${value}\n`);
      const values = lines.length > 0 ? lines.join("") : `${name} 0\n`;
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${values}`;
    }).join("");
  }
}
