import { assertEquals, assertLess } from "@std/assert";
import type {
  Capture,
  CaptureFindings,
  ConversationPage,
  RowPage,
  Stats,
  Timeline,
  Topology,
} from "../../server/api.ts";
import {
  commandFilter,
  conversationFilter,
  type Counted,
  errorKinds,
  errorTiles,
} from "../../server/page/src/counts.ts";
import { seriesOf } from "../../server/page/src/series.ts";
import { filterOf, graphOf } from "../../server/page/src/topology_graph.ts";
import { withServer } from "./support.ts";

/** Every framing and release, losses, remarks, groups, and servers among themselves. */
const CAPTURES = [
  "classic-050-all.pcap",
  "classic-080-all.pcap",
  "classic-080-groups.pcap",
  "classic-080-lossy.pcap",
  "classic-080-midstream.pcap",
  "classic-080-pipelined.pcap",
  "classic-080-tls.pcap",
  "classic-080-websocket.pcap",
  "mismatch-py080-on-090e5.pcap",
  "proto-0110-client.pcap",
  "proto-0110-replica.pcap",
  "vsr-090e5-all.pcap",
  "vsr-090e5-cluster.pcap",
  "vsr-090e5-lossy.pcap",
  "vsr-090e5-pipelined.pcap",
  "vsr-090e5-quic.pcap",
];

for (const name of CAPTURES) {
  Deno.test(`each number of the page opens as many rows as it says: ${name}`, async () => {
    await withServer({}, async ({ upload, json }) => {
      const capture = await upload(name);
      const path = `/api/captures/${capture.id}`;
      const transactions = async (choice: string) => {
        const { total, remarks, items } = await json<RowPage>(
          `${path}/transactions?view=row&limit=1000${choice}`,
        );
        if (total <= 1000) {
          assertEquals(items.filter(({ packet }) => packet === null).length, remarks);
        }
        return { transactions: total - remarks, rows: total };
      };
      const opens = async (what: string, { count, filter }: Counted, time = "") => {
        const found = await transactions(`&filter=${encodeURIComponent(filter)}${time}`);
        assertEquals([what, found.transactions], [what, count]);
      };

      const all = await transactions("");
      const stats = await json<Stats>(`${path}/stats`);
      assertEquals(all.transactions, capture.transactions);
      assertEquals(all.rows, capture.transactions + capture.remarks);
      assertEquals(stats.total.count, capture.transactions);
      assertEquals(stats.total.errors, capture.errors);
      await everyCount(stats, capture);

      // The same of a part of the time.
      const timeline = await json<Timeline>(`${path}/timeline?buckets=240`);
      const { start, interval, length, count } = seriesOf(timeline);
      assertEquals(sum(count), capture.transactions);
      if (length > 1) {
        const cut = length >> 1;
        const time = (start + cut * interval).toFixed(6);
        const halves = [
          [`&to=${time}`, sum(count.slice(0, cut))],
          [`&from=${time}`, sum(count.slice(cut))],
        ] as const;
        for (const [half, expected] of halves) {
          const some = await json<Stats>(`${path}/stats?${half.slice(1)}`);
          const { transactions: found } = await transactions(half);
          assertEquals([half, found, some.total.count], [half, expected, expected]);
          await everyCount(some, null, half);
        }
      }

      async function everyCount(stats: Stats, of: Capture | null, time = "") {
        for (const group of stats.groups) {
          const { count } = group;
          const filter = commandFilter(group);
          await opens(`command ${group.key}`, { count, filter }, time);
        }
        for (const kind of errorKinds(stats)) await opens(kind.key, kind, time);
        for (const { name, count, filter } of errorTiles(stats)) {
          const query = `&filter=${encodeURIComponent(filter)}${time}`;
          assertEquals([name, (await transactions(query)).rows], [name, count]);
        }
        const topology = await json<Topology>(`${path}/topology?${time.slice(1)}`);
        for (const node of graphOf(topology).nodes) {
          const { id, count } = node;
          await opens(`box ${id}`, { count, filter: filterOf(node) }, time);
        }
        if (of === null) return;
        const { items } = await json<ConversationPage>(
          `${path}/conversations?limit=500&iggy=false`,
        );
        for (const { conversation, transactions: count } of items) {
          const filter = conversationFilter(conversation);
          await opens(`conversation ${conversation}`, { count, filter });
        }
        assertEquals(sum(items.map((each) => each.transactions)), of.transactions);
        const findings = await json<CaptureFindings>(`${path}/findings`);
        for (const { transactions } of findings.items) {
          for (const n of transactions) assertLess(n, of.transactions + of.remarks);
        }
      }
    });
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
