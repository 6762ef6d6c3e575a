import { assert, assertEquals } from "@std/assert";
import { Statistics, statisticsRecord } from "../../../core/stats/mod.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import { dissectFixture } from "../../support/dissect.ts";

interface Message {
  payload: Uint8Array;
}

/** Payload bytes by reading every message. */
function decodedPayload(pdu: Pdu): number {
  const { messages, batches } = pdu.decoded!.fields as {
    messages?: Message[];
    batches?: { messages: Message[] }[];
  };
  const all = messages ?? batches?.flatMap((batch) => batch.messages) ?? [];
  return all.reduce((sum, { payload }) => sum + payload.length, 0);
}

const CAPTURES = [
  "classic-050-all.pcap",
  "classic-060-all.pcap",
  "classic-080-all.pcap",
  "classic-080-midstream-full.pcap",
  "vsr-090e4-all.pcap",
  "vsr-090e5-all.pcap",
  "vsr-090e5-java-overtake.pcap",
];

for (const capture of CAPTURES) {
  Deno.test(`payload bytes of ${capture} are those of its messages`, async () => {
    const statistics = new Statistics();
    let sent = 0, polled = 0;
    for (const transaction of await dissectFixture(capture)) {
      statistics.add(transaction);
      const { name, request, response } = transaction;
      if (response?.status !== 0) continue;
      if (name === "send_messages" && request !== null) sent += decodedPayload(request);
      if (name === "poll_messages") polled += decodedPayload(response);
    }
    const { total } = statisticsRecord(statistics) as {
      total: { produced?: { bytes: number }; consumed?: { bytes: number } };
    };
    assert(sent > 0 && polled > 0);
    assertEquals([total.produced?.bytes, total.consumed?.bytes], [sent, polled]);
  });
}
