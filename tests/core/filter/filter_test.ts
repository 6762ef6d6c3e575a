import { assert, assertEquals, assertThrows } from "../../support/assert.ts";
import { compileFilter } from "../../../core/filter/mod.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";
import { dissectFixture } from "../../support/dissect.ts";
import { type FilterRecord, filterTable } from "../../support/filter_table.ts";

const registry = iggyRegistry();
const options = { maxBytes: 1_000_000, showSecrets: false };

for (const capture of ["classic-080-all.pcap", "classic-050-all.pcap"]) {
  Deno.test(`the table of filters picks what it says from ${capture}`, async (t) => {
    const transactions = await dissectFixture(capture, { registry });
    const records = transactions.map((one) =>
      one.toRecord(options) as unknown as FilterRecord
    );
    for (const { filter, passes } of filterTable) {
      await t.step(filter, () => {
        const test = compileFilter(filter, registry);
        assertEquals(
          transactions.filter(test).map(({ number }) => number),
          records.filter(passes).map(({ transaction }) => transaction),
        );
      });
    }
  });
}

Deno.test("IPv6 addresses are found, whole and by network", async () => {
  const transactions = await dissectFixture("classic-080-ipv6-nano.pcap", { registry });
  const count = (filter: string) =>
    transactions.filter(compileFilter(filter, registry)).length;
  assert(transactions.length > 0);
  assertEquals(count("ipv6.addr == ::1"), transactions.length);
  assertEquals(count("ip.addr == ::1/64"), transactions.length);
  assertEquals(count("ip.addr == 0:0:0:0:0:0:0:1"), transactions.length);
  assertEquals(count("ipv6.addr == fe80::/10"), 0);
  assertEquals(count("ip"), 0);
  assertEquals(count("ip.addr == 127.0.0.1"), 0);
  assertEquals(count("ip.addr != 127.0.0.1"), transactions.length);
});

Deno.test("headers of VSR frames and replicated commands have their fields", async () => {
  const transactions = await dissectFixture("vsr-090e5-cluster.pcap", { registry });
  const records = transactions.map((one) => one.toRecord(options));
  type Vsr = { operation?: string; op?: string; view: number };
  const headers = ({ request, response }: (typeof records)[number]) =>
    [request?.vsr, response?.vsr].filter(Boolean) as unknown as Vsr[];
  const picks = (filter: string) =>
    transactions.filter(compileFilter(filter, registry)).map(({ number }) => number);
  const numbers = (passes: (record: (typeof records)[number]) => boolean) =>
    records.filter(passes).map(({ transaction }) => transaction);
  assertEquals(
    picks('iggy.vsr.operation == "create_stream"'),
    numbers((record) => headers(record).some((vsr) => vsr.operation === "create_stream")),
  );
  assertEquals(
    picks("iggy.vsr.op > 5"),
    numbers((record) => headers(record).some(({ op }) => Number(op ?? 0) > 5)),
  );
  const prepares = picks(
    "iggy.create_stream.request.name && iggy.command contains prepare",
  );
  assert(prepares.length > 0);
  assertEquals(
    prepares.filter((n) => !/^vsr\.(repair_)?prepare$/.test(records[n]!.command ?? "")),
    [],
  );
});

Deno.test("a field has its path of JSON too", async () => {
  const transactions = await dissectFixture("vsr-090e5-all.pcap", { registry });
  const count = (filter: string) =>
    transactions.filter(compileFilter(filter, registry)).length;
  const both = ["messages.offset >= 1", "batches.messages.offset >= 1"]
    .map((rest) => count(`iggy.poll_messages.response.${rest}`));
  assert(both[0]! > 0);
  assertEquals(both[0], both[1]);
});

Deno.test("an empty filter lets everything pass", async () => {
  const transactions = await dissectFixture("classic-080-all.pcap", { registry });
  assertEquals(
    transactions.filter(compileFilter("  ", registry)).length,
    transactions.length,
  );
});

Deno.test("secrets compare only where they may be shown", async () => {
  const transactions = await dissectFixture("classic-080-all.pcap", { registry });
  const filter = 'iggy.login_user.request.password == "iggy"';
  const test = compileFilter(filter, registry, { showSecrets: true });
  assert(transactions.some(test));
  for (
    const oracle of [
      filter,
      'iggy.login_user.request.password contains "i"',
      "len(iggy.login_user.request.password) > 3",
      'lower(iggy.login_user.request.password) == "iggy"',
      'iggy.login_user.request.password in {"a", "iggy"}',
      "iggy.login_user.request.username == iggy.login_user.request.password",
      'any iggy.create_personal_access_token.response.token matches "^a"',
    ]
  ) {
    assertThrows(() => compileFilter(oracle, registry), Error, "is a secret", oracle);
  }
});

Deno.test("a filter on the envelope decodes no body", async () => {
  const transactions = await dissectFixture("classic-080-all.pcap", { registry });
  const test = compileFilter(
    'iggy.command == "ping" && iggy.send_messages.request.messages.payload contains "x"',
    registry,
  );
  let decoded = 0;
  for (const transaction of transactions) {
    const { request } = transaction;
    if (request === null) continue;
    Object.defineProperty(request, "decoded", {
      get() {
        decoded++;
        return null;
      },
    });
    test(transaction);
  }
  assertEquals(decoded, 0);
});
