/**
 * What `diagnose` finds in every shipped capture. Most are ordinary: nothing. A row is read by
 * a person before it changes: a new finding is either true or a false alarm.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  CAPTURE_FINDINGS,
  type CaptureFinding,
  Diagnosis,
} from "../../../core/diagnose/mod.ts";
import { dissectFixture } from "../../support/dissect.ts";

/** Findings by capture, each with how many there are; captures not named have none. */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  // A connection for each malformed request, on purpose.
  "classic-060-badframes.pcap": { short_connections: 1 },
  // Twenty workers that do all sorts of things at random, so joins, leaves and reads too.
  "classic-080-concurrent.pcap": {
    rebalance_loop: 1,
    poll_too_small: 5,
    not_assigned: 3,
  },
  // Three partitions are read by nobody any more.
  "classic-080-groups.pcap": { consumer_stopped: 3 },
  "classic-080-idlepoll.pcap": { empty_poll_storm: 1 },
  "classic-080-load-small.pcap.gz": { tiny_batches: 1 },
  "classic-080-lossy.pcap": { retransmissions: 1 },
  "classic-080-pipelined.pcap": {
    unknown_command: 1,
    short_connections: 1,
    repeated_lookups: 2,
  },
  "mismatch-py080-on-090e5.pcap": { never_answered: 1 },
  // Frames that the protocol forbids, a connection each; five reasons to be evicted.
  "proto-0110-frames-negative.pcap": { session_ended: 5, short_connections: 1 },
  "proto-0111e8-frames-negative.pcap": { session_ended: 5, short_connections: 1 },
  // The client goes on trying while the cluster elects a new primary.
  "vsr-090e5-cluster-client.pcap": { login_storm: 1 },
  "vsr-090e5-java-overtake.pcap": { unknown_command: 1 },
  "vsr-090e5-lossy.pcap": { retransmissions: 1 },
  "vsr-090e5-pipelined.pcap": { never_answered: 1 },
};

async function diagnosed(capture: string): Promise<CaptureFinding[]> {
  const diagnosis = new Diagnosis();
  const ended: Parameters<Diagnosis["conversation"]>[] = [];
  const transactions = await dissectFixture(capture, {
    conversation: ({ number }, statistics) => ended.push([number, statistics]),
  });
  for (const transaction of transactions) diagnosis.transaction(transaction);
  for (const each of ended) diagnosis.conversation(...each);
  return diagnosis.finish();
}

const CAPTURES = [
  ...Deno.readDirSync(new URL("../../../fixtures/captures", import.meta.url)),
].map(({ name }) => name).filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name)).sort();

for (const capture of CAPTURES) {
  Deno.test(`diagnose finds what is wrong in ${capture}, and nothing else`, async () => {
    const findings = await diagnosed(capture);
    const counts: Record<string, number> = {};
    for (const { id } of findings) counts[id] = (counts[id] ?? 0) + 1;
    assertEquals(counts, EXPECTED[capture] ?? {}, JSON.stringify(findings, null, 1));
    for (const { id, severity, message, transactions, packets, count } of findings) {
      assertEquals(severity, CAPTURE_FINDINGS[id].severity);
      assert(message !== "" && count > 0);
      assert(transactions.length > 0 && transactions.length === packets.length);
    }
  });
}

Deno.test("the polls of a storm are counted as the capture has them", async () => {
  const [storm] = await diagnosed("classic-080-idlepoll.pcap");
  const transactions = await dissectFixture("classic-080-idlepoll.pcap");
  type Polled = { messages_count: number };
  const [first] = storm!.transactions;
  const from = transactions.findIndex(({ number }) => number === first);
  let empty = 0;
  for (const { name, response } of transactions.slice(from)) {
    if (name !== "poll_messages") continue;
    if ((response!.decoded!.fields as Polled).messages_count > 0) break;
    empty++;
  }
  assert(storm!.count <= empty && storm!.count > 1000, `${storm!.count} of ${empty}`);
});
