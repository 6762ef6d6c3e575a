/**
 * Captures of which parts are missing: one direction, no login, packets cut short. What is read
 * is never called malformed, and the range of releases always holds the true one.
 *
 * @module
 */
import type { Packet } from "../../core/capture/packet.ts";
import { firstOf, lastOf, releaseOf } from "../../core/schema/mod.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { dissectFixture } from "../support/dissect.ts";

/** Captures of one release each, on loopback, and their release. */
const CAPTURES = [
  ["vsr-090e4-all.pcap", "0.9-edge.4"],
  ["vsr-090e5-all.pcap", "0.9-edge.5"],
  ["proto-0110-client.pcap", "0.9.0"],
  ["proto-0110-replica.pcap", "0.9.0"],
  ["proto-0111e8-client.pcap", "0.9.1-edge.8"],
  ["proto-0111e8-replica.pcap", "0.9.1-edge.8"],
] as const;

const REQUEST = 5, REPLY = 8, REGISTER = 1;

/** What TCP carries in a packet of Ethernet and IPv4, and where from and to. */
function payloadOf(
  { bytes, start, end }: Packet,
): { from: number; to: number; payload: Uint8Array } {
  const ip = bytes.subarray(start + 14, end);
  const tcp = ip.subarray((ip[0]! & 15) * 4, ip[2]! << 8 | ip[3]!);
  return {
    from: tcp[0]! << 8 | tcp[1]!,
    to: tcp[2]! << 8 | tcp[3]!,
    payload: tcp.subarray((tcp[12]! >> 4) * 4),
  };
}

function isServer(port: number): boolean {
  return port === 8090 || port === 9090;
}

/** Ways to lose packets. */
const LOSSES: Readonly<Record<string, (packet: Packet) => boolean>> = {
  "the client's half": (packet) => isServer(payloadOf(packet).to),
  "the server's half": (packet) => isServer(payloadOf(packet).from),
  "every login and its answer": (packet) => {
    const { payload } = payloadOf(packet);
    const [command] = payload.subarray(60);
    return !(command === REQUEST && payload[176] === REGISTER ||
      command === REPLY && payload[208] === REGISTER);
  },
};

/** Whether a range as text, such as `0.9-edge.4..0.9.1-edge.1`, holds a release. */
function holds(range: string, release: string): boolean {
  const [first, last = first] = range.replace("+", "").split("..");
  const [from, to] = [firstOf(first!), range.endsWith("+") ? Infinity : lastOf(last!)];
  const wanted = releaseOf(release)!;
  return wanted >= from && wanted <= to;
}

for (const [name, release] of CAPTURES) {
  for (const [lost, keep] of Object.entries(LOSSES)) {
    const less = lost.startsWith("the") ? `only ${lost}` : `all but ${lost}`;
    Deno.test(`${less} of ${name} is read as its release or left open`, async () => {
      const transactions = await dissectFixture(name, { keep });
      assert(transactions.length > 0, name);
      const malformed = transactions.flatMap(({ issues }) =>
        issues.filter(({ group }) => group === "malformed")
      );
      assertEquals(malformed, []);
      const wrong = transactions.filter((each: Transaction) =>
        each.release !== null && !holds(each.release, release)
      );
      assertEquals(wrong.map(({ number, release }) => [number, release]), []);
    });
  }
}
