import { assert, assertEquals } from "../../support/assert.ts";
import { judge, truthOfPackets } from "../../support/judge.ts";
import { packetsOf } from "../../support/packets.ts";

/** One connection: a login, 12 requests in a write, 16, 500 pings, then 60 polls. */
const CAPTURE = "classic-080-pipelined.pcap";

/** What is found of the capture without some packets of the first connection. */
async function without(...numbers: number[]) {
  const packets = await packetsOf(CAPTURE);
  const truth = truthOfPackets(packets);
  const left = packets.filter(({ number }) => !numbers.includes(number));
  const { judged, lost, wrong, invented } = judge(truth, left);
  assertEquals([wrong, invented], [[], []]);
  return { judged, lost };
}

Deno.test("lost responses of a known length cost a pipeline no other pair", async () => {
  // 499 empty responses: nothing but 499 answers to pings has that length.
  assertEquals(await without(21), { judged: 370, lost: 0 });
  assertEquals(await without(19, 21), { judged: 369, lost: 0 });
});

Deno.test("what a lost burst held is told by the first response of another shape", async () => {
  // 1347 bytes of requests may be 1 to 168 of them. Their 16 responses answer some of those;
  // the 500 that follow could, until one is no ping's: then all of them are known.
  const { judged, lost } = await without(13);
  assert(judged > 800);
  assertEquals(lost, 0);
});

Deno.test("a login whose response is lost leaves the pipeline behind it paired", async () => {
  assertEquals((await without(6)).lost, 0);
});

Deno.test("a burst that was lost with its responses leaves the others paired", async () => {
  assertEquals((await without(13, 14, 16)).lost, 0);
});
