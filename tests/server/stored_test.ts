import { assert, assertEquals } from "@std/assert";
import { ndjsonExporter } from "../../core/export/mod.ts";
import { secretRanges } from "../../core/export/secrets.ts";
import { compileFilter } from "../../core/filter/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import type { TransactionDetail } from "../../server/api.ts";
import { hexOf } from "../../server/query/detail.ts";
import { dissectFixture } from "../support/dissect.ts";
import { withServer } from "./support.ts";

const CAPTURES = [
  "classic-050-all.pcap",
  "classic-060-badframes.pcap",
  "classic-080-all.pcap",
  "classic-080-any-sll2.pcap",
  "classic-080-ipv6-nano.pcap",
  "classic-080-lossy.pcap",
  "classic-080-midstream.pcap",
  "classic-080-mtu1500.pcapng",
  "classic-080-pipelined.pcap",
  "classic-080-tls.pcap",
  "classic-080-websocket.pcap",
  "vsr-090e4-all.pcap",
  "vsr-090e5-all.pcap",
  "vsr-090e5-cluster.pcap",
  "vsr-090e5-lossy.pcap",
  "vsr-090e5-websocket.pcap",
];

for (const name of CAPTURES) {
  Deno.test(`transactions kept of ${name} say what they said`, async () => {
    const exporter = ndjsonExporter({ maxBytes: 64, showSecrets: false });
    const expected = (await dissectFixture(name))
      .map((transaction) => exporter.transaction(transaction));
    await withServer({}, async ({ upload, ask }) => {
      const { id, transactions, remarks } = await upload(name);
      assertEquals(transactions + remarks, expected.length);
      const response = await ask(`/api/captures/${id}/transactions?format=ndjson`);
      assertEquals((await response.text()).split(/(?<=\n)/), expected);
    });
  });
}

Deno.test("details and searches give the captured bytes, however often they are asked", async () => {
  const name = "vsr-090e5-cluster.pcap";
  const registry = iggyRegistry();
  const asCaptured = (await dissectFixture(name, { registry })).map((transaction) =>
    [transaction.request, transaction.response].map((pdu) =>
      pdu && hexOf(pdu.bytes, secretRanges(pdu, transaction.request === null))
    )
  );
  await withServer({}, async ({ upload, ask, json }) => {
    const { id } = await upload(name);
    for (let round = 0; round < 2; round++) {
      for (const [n, expected] of asCaptured.entries()) {
        const detail = await json<TransactionDetail>(
          `/api/captures/${id}/transactions/${n}`,
        );
        const { request, response } = detail;
        assertEquals([request?.hex ?? null, response?.hex ?? null], expected, `${n}`);
      }
      const filter = encodeURIComponent("iggy.vsr.view > 0");
      await (await ask(`/api/captures/${id}/transactions?filter=${filter}`)).text();
    }
  });
});

Deno.test("filters choose from what is kept as from what is dissected", async () => {
  const registry = iggyRegistry();
  const filters = [
    "iggy.status != 0",
    "iggy.failed",
    "iggy.think_time > 1ms && iggy.server_time < 1s",
    "iggy.network_time > 10us",
    'iggy.command == "poll_messages" && iggy.response_time > 100us',
    "iggy.poll_messages.response.messages.offset >= 3",
    "frame.number > 50 && ip.addr == 127.0.0.1 && tcp.port == 8090",
    'iggy.issue.severity == "warn" || iggy.release contains "0.8"',
    "tcp.stream == 0",
  ];
  const transactions = await dissectFixture("classic-080-all.pcap", { registry });
  await withServer({}, async ({ upload, json }) => {
    const { id } = await upload("classic-080-all.pcap");
    let most = 0;
    for (const filter of filters) {
      const passes = compileFilter(filter, registry);
      const expected = transactions.filter(passes).map(({ number }) => number);
      const page = await json<{ items: { transaction: number }[]; total: number }>(
        `/api/captures/${id}/transactions?limit=1000&filter=${
          encodeURIComponent(filter)
        }`,
      );
      assertEquals(page.items.map(({ transaction }) => transaction), expected, filter);
      most = Math.max(most, page.total);
    }
    assert(most > 0);
  });
});
