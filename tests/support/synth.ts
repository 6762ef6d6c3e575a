/**
 * Synthesised captures for tests: the packets of a scenario, and the truth about them.
 *
 * @module
 */
import { ScenarioDocument } from "../../cli/synth/document.ts";
import { runScenario } from "../../cli/synth/run.ts";
import { readScenario, type Scenario } from "../../cli/synth/scenario.ts";
import { Truth } from "../../cli/synth/truth.ts";
import type { Packet } from "../../core/capture/packet.ts";
import type { TransactionRecord } from "../../core/dissect/record.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";

const registry = iggyRegistry();

/** What a run of a scenario gave. */
export interface Synthesised {
  packets: Packet[];
  truth: TransactionRecord[];
}

/** Runs a scenario, with parts of it replaced. */
export function synthesise(
  yaml: string,
  change: Partial<Scenario> & { seed?: number } = {},
): Synthesised {
  const document = new ScenarioDocument("scenario", yaml);
  const packets: Packet[] = [];
  const truth: TransactionRecord[] = [];
  runScenario({ ...readScenario(document), ...change }, {
    registry,
    document,
    packet: (packet) => packets.push(packet),
    truth: new Truth(registry, (line) => truth.push(JSON.parse(line))),
  });
  return { packets, truth };
}

/** A transaction as text, with all that the truth tells of it. */
export function toldOf(
  { client, command, request, response }: TransactionRecord,
): string {
  const pdu = (found: TransactionRecord["request"] | TransactionRecord["response"]) =>
    found && { ...found, status_name: undefined };
  return JSON.stringify([client, command, pdu(request), pdu(response)]);
}

/** The records of transactions, as the truth has them. */
export function recordsOf(transactions: readonly Transaction[]): TransactionRecord[] {
  return transactions.map((transaction) =>
    JSON.parse(JSON.stringify(transaction.toRecord({ maxBytes: 64, showSecrets: false })))
  );
}
