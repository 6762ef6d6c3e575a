/**
 * What `diagnose` finds in parts of the shipped captures: begun late, cut off, one direction
 * alone, some connections alone. What was not captured is no proof of anything, so a part shows
 * nothing that the whole does not show, but for what is missing in it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Packet } from "../../../core/capture/mod.ts";
import { NetDecoder } from "../../../core/net/mod.ts";
import { Diagnosis } from "../../../core/diagnose/mod.ts";
import { dissectFixture } from "../../support/dissect.ts";

/** Captures of real clients at ordinary work, and some whose whole has findings. */
const CAPTURES = [
  "classic-050-all.pcap",
  "classic-080-all.pcap",
  "classic-080-mtu1500.pcapng",
  "classic-080-midstream-full.pcap",
  "classic-080-lossy.pcap",
  "classic-080-groups.pcap",
  "classic-080-concurrent.pcap",
  "classic-080-websocket.pcap",
  "vsr-090e5-all.pcap",
  "vsr-090e5-go.pcap",
  "vsr-090e5-lossy.pcap",
  "vsr-090e5-cluster.pcap",
  "vsr-090e5-cluster-client.pcap",
  "vsr-090e5-java-overtake.pcap",
  "classic-080-idlepoll.pcap",
  "classic-080-pipelined.pcap",
  "mismatch-py080-on-090e5.pcap",
];
/** What says that something is missing may be found in any part. */
const ABOUT_THE_PART = ["capture_loss"];
/** Ports of servers. */
const SERVERS = [8090, 8092, 9190, 9191, 9192];

type Keep = (packet: Packet) => boolean;

/** Keeps packets by the ports of their segment; what is no segment is left out. */
function bySegment(choose: (from: number, to: number) => boolean): Keep {
  let kept = false;
  const net = new NetDecoder(({ sourcePort, destinationPort }) => {
    kept = choose(sourcePort, destinationPort);
  }, () => {});
  return (packet) => {
    kept = false;
    net.decode(packet);
    return kept;
  };
}

function client(from: number, to: number): number {
  return SERVERS.includes(from) ? to : from;
}

/** The parts of a capture of so many packets, by what they are called. */
function parts(count: number): Record<string, Keep> {
  const from = (part: number): Keep => ({ number }) => number > count * part;
  const upTo = (part: number): Keep => ({ number }) => number <= count * part;
  const both = (one: Keep, other: Keep): Keep => (packet) => {
    const [first, second] = [one(packet), other(packet)];
    return first && second;
  };
  return {
    "its last two thirds": from(1 / 3),
    "its second half": from(1 / 2),
    "its first half": upTo(1 / 2),
    "its first tenth": upTo(1 / 10),
    "its middle": both(from(1 / 4), upTo(3 / 4)),
    "what clients sent": bySegment((_, to) => SERVERS.includes(to)),
    "what servers sent": bySegment((from) => SERVERS.includes(from)),
    "every other connection": bySegment((from, to) => client(from, to) % 2 === 0),
    "the other connections": bySegment((from, to) => client(from, to) % 2 === 1),
    "half of what servers sent": both(
      bySegment((from) => SERVERS.includes(from)),
      from(1 / 2),
    ),
  };
}

/** The ids and subjects of what is found in a part. */
async function found(capture: string, keep: Keep): Promise<Set<string>> {
  const diagnosis = new Diagnosis();
  const ended: Parameters<Diagnosis["conversation"]>[] = [];
  const transactions = await dissectFixture(capture, {
    keep,
    conversation: ({ id }, statistics) => ended.push([id, statistics]),
  });
  for (const transaction of transactions) diagnosis.transaction(transaction);
  for (const each of ended) diagnosis.conversation(...each);
  return new Set(
    diagnosis.finish().filter(({ id }) => !ABOUT_THE_PART.includes(id))
      .map(({ id, subject, message }) => `${id} ${subject}: ${message}`),
  );
}

for (const capture of CAPTURES) {
  Deno.test(`no part of ${capture} shows what the whole does not`, async (t) => {
    let count = 0;
    const whole = await found(capture, () => ++count > 0);
    const ids = new Set([...whole].map((text) => text.split(" ")[0]));
    for (const [name, keep] of Object.entries(parts(count))) {
      await t.step(name, async () => {
        const more = [...await found(capture, keep)].filter((text) =>
          !ids.has(text.split(" ")[0])
        );
        assertEquals(more, []);
      });
    }
  });
}
