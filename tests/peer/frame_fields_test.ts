/**
 * Fields of frames against tshark: lengths and times of the packets that completed a PDU.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { compileFilter, fieldTable } from "../../core/filter/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { fixture } from "../cli/support.ts";
import { dissectFixture } from "../support/dissect.ts";
import { requireTshark } from "../support/tshark.ts";
import { withServer } from "../server/support.ts";

const CAPTURES = [
  "classic-080-all.pcap",
  "classic-080-ipv6-nano.pcap",
  "classic-080-mtu1500.pcapng",
  "vsr-090e5-lossy.pcap",
];
const FIELDS = ["frame.number", "frame.len", "frame.time_relative"] as const;

for (const capture of CAPTURES) {
  Deno.test(`frame.len and frame.time_relative of ${capture} are tshark's`, async () => {
    const tshark = await requireTshark();
    if (tshark === null) return;
    const args = ["-T", "fields", ...FIELDS.flatMap((field) => ["-e", field])];
    const { stdout } = await tshark.run({ capture: fixture(capture), args });
    const packets = new Map(
      new TextDecoder().decode(stdout).trim().split("\n").map((line) =>
        line.split("\t").map(Number)
      ).map((
        [number, length, seconds],
      ) => [number, [length, seconds]]),
    );
    const table = fieldTable(iggyRegistry());
    const [numbers, lengths, times] = FIELDS.map((path) => table.get(path)!);
    const transactions = await dissectFixture(capture);
    for (const transaction of transactions) {
      const read = [lengths, times].map((field) => field!.read(transaction) as number[]);
      numbers!.read(transaction).forEach((number, i) => {
        const [length, seconds] = packets.get(number as number)!;
        assertEquals(read[0]![i], length);
        assert(Math.abs(read[1]![i]! / 1e9 - seconds!) < 1e-6, `packet ${number}`);
      });
    }
    assert(transactions.length > 50);
  });
}

Deno.test("a stored capture answers filters on frames and times as the file does", async () => {
  const capture = "classic-080-lossy.pcap";
  const transactions = await dissectFixture(capture);
  await withServer({}, async ({ ask, upload }) => {
    const { id } = await upload(capture);
    const slow = transactions.find(({ timeSplit }) => (timeSplit.lostUs ?? 0) > 0)!;
    const path = `/api/captures/${id}/transactions/${slow.number}`;
    const { time_split } = await (await ask(path)).json();
    const { serverUs, lostUs, roundTripUs } = slow.timeSplit;
    assertEquals(
      [time_split.server_us, time_split.lost_us, time_split.round_trip_us],
      [serverUs, lostUs, roundTripUs],
    );
    for (
      const filter of [
        "frame.len > 1000",
        "frame.time_relative < 2",
        "iggy.server_time > 5ms",
        "iggy.network_time > 5ms",
        "iggy.think_time > 5ms",
        "iggy.lost_time > 1ms",
      ]
    ) {
      const query = new URLSearchParams({ filter, format: "ndjson" });
      const answer = await ask(`/api/captures/${id}/transactions?${query}`);
      const lines = (await answer.text()).trim().split("\n");
      const found = lines.map((line) => JSON.parse(line).transaction);
      const wanted = transactions.filter(compileFilter(filter, iggyRegistry()))
        .map(({ number }) => number);
      assertEquals(found, wanted, filter);
      assert(found.length > 0 && found.length < transactions.length, filter);
    }
  });
});
