import { assertEquals, assertMatch } from "@std/assert";
import { decode, encode, firstOf, xxh3 } from "../../../core/schema/mod.ts";
import poll from "../../../plugins/messages/poll_messages.ts";
import { dissectFixture } from "../../support/dissect.ts";

Deno.test("XXH3-64 gives the published value of an empty input", () => {
  assertEquals(xxh3(new Uint8Array(0)), 0x2d06800538d394c2n);
});

/** Captures with messages, and the layouts whose checksums cover the bytes as sent. */
const POLLED = [
  ["classic-050-all.pcap", /CRC-32/],
  ["classic-060-all.pcap", /XXH3-64/],
  ["classic-080-all.pcap", /XXH3-64/],
  ["vsr-090e5-all.pcap", /XXH3-64/],
] as const;

for (const [capture, algorithm] of POLLED) {
  Deno.test(`a changed payload byte of ${capture} is a note on its message`, async () => {
    const polls = (await dissectFixture(capture)).filter(({ name, response }) =>
      name === poll.name && (response?.length ?? 0) > 200
    );
    const pdu = polls[0]!.response!;
    assertEquals(pdu.decoded!.issues, []);
    const bytes = pdu.bytes.slice(pdu.start, pdu.end);
    bytes[bytes.length - 1]! ^= 1;
    const { issues, problems } = decode(poll.response, bytes, pdu.release);
    assertEquals(issues.map(({ severity, group }) => `${severity} ${group}`), [
      "note protocol",
    ]);
    assertEquals(problems, 0);
    assertMatch(issues[0]!.message, algorithm);
  });
}

Deno.test("a checksum of 0 was never made and is not verified", () => {
  const message = {
    checksum: 0n,
    id: 1n,
    offset: 0n,
    timestamp: 0n,
    origin_timestamp: 0n,
    reserved: 0n,
    payload: new Uint8Array([1, 2]),
    user_headers: [],
  };
  const release = firstOf("0.8");
  const bytes = encode(
    poll.response,
    { partition_id: 0, current_offset: 0n, messages: [message] } as never,
    release,
  );
  assertEquals(decode(poll.response, bytes, release).issues, []);
});
