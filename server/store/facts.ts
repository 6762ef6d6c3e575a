import { type CaptureFinding, Diagnosis } from "../../core/diagnose/mod.ts";
import {
  Offsets,
  type OffsetsRecord,
  offsetsRecord,
  type TimelineRecord,
  type Traffic,
} from "../../core/stats/mod.ts";
import type { ConversationStatistics } from "../../core/tcp/mod.ts";
import type { Stats, Topology } from "../api.ts";
import { StatsBuilder } from "../query/aggregate.ts";
import { TimelineBuilder } from "../query/timeline_builder.ts";
import { TopologyBuilder } from "../query/topology.ts";
import type { Taken } from "./batch.ts";
import type { IndexRow } from "./row_file.ts";

/** What a capture as a whole comes to: known once, asked for at every opening. */
export interface Facts {
  readonly stats: Stats;
  /** By the number of buckets asked for. */
  readonly timelines: Readonly<Record<string, TimelineRecord>>;
  readonly findings: readonly CaptureFinding[];
  readonly consumers: OffsetsRecord;
  readonly topology: Topology;
  /** Names of streams and topics, as in the topology. */
  readonly names: Topology["names"];
}

/** Puts {@link Facts} together as a capture is dissected, in bounded memory. */
export class FactsBuilder {
  readonly #stats = new StatsBuilder();
  readonly #timeline = new TimelineBuilder();
  readonly #diagnosis = new Diagnosis();
  readonly #offsets = new Offsets();
  readonly #topology = new TopologyBuilder();

  /** Takes transactions, each with its row and its traffic at the same place. */
  add(
    taken: readonly Taken[],
    rows: readonly IndexRow[],
    traffic: readonly Traffic[],
  ): void {
    for (const row of rows) {
      this.#stats.add(row);
      this.#timeline.add(row);
    }
    taken.forEach(({ transaction }, i) =>
      this.#diagnosis.transaction(transaction, traffic[i]!)
    );
    taken.forEach(({ transaction }, i) => this.#offsets.add(transaction, traffic[i]!));
    taken.forEach(({ transaction, conversation }, i) =>
      this.#topology.add(transaction, traffic[i]!, conversation)
    );
  }

  /** Takes what TCP says of a conversation, after its transactions. */
  conversation(number: number, statistics: ConversationStatistics): void {
    this.#diagnosis.conversation(number, statistics);
  }

  /** All facts; the capture is over. */
  finish(): Facts {
    const topology = this.#topology.finish();
    return {
      stats: this.#stats.finish(),
      timelines: this.#timeline.finish(),
      findings: this.#diagnosis.finish(),
      consumers: offsetsRecord(this.#offsets),
      topology,
      names: topology.names,
    };
  }
}
