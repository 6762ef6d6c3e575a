/**
 * Finding PDUs again inside long ones whose payloads look like PDUs, after a start in the
 * middle and after a lost packet.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { judge, truthOfPackets } from "../support/judge.ts";
import { synthesise } from "../support/synth.ts";

/** Payloads in hex, repeated. */
const PAYLOADS: Readonly<Record<string, string>> = {
  "zeros": "0000000000000000",
  "small numbers": "0100000000000000",
  "long responses": "0000000000010000",
  "short responses": "0000000008000000",
  "text": "69676779",
};

/** Payloads that read as requests in a row: a run of PDUs that tile proves them. */
const REQUESTS = "0400000001000000";

function judged(payload: string, mss: number, seed = 1) {
  const hex = `{ hex: "${payload.repeat(16)}" }`;
  const { packets } = synthesise(
    `
clients:
  - steps:
      - command: login_user
      - repeat: 2
        steps:
          - command: send_messages
            request: { messages: { times: 40, of: { payload: ${hex} } } }
          - command: poll_messages
            response: { messages: { times: 60, of: { payload: ${hex} } } }
          - command: get_streams
          - { command: ping, repeat: 3 }`,
    { seed, tcp: { mss } },
  );
  const truth = truthOfPackets(packets);
  const found = { judged: 0, lost: 0, wrong: [] as string[], invented: [] as string[] };
  const step = Math.ceil(packets.length / 40);
  for (let at = 4; at < packets.length; at += step) {
    for (const left of [packets.slice(at), packets.toSpliced(at, 1)]) {
      const { judged, lost, wrong, invented } = judge(truth, left);
      found.judged += judged;
      found.lost += lost;
      found.wrong.push(...wrong);
      found.invented.push(...invented);
    }
  }
  return found;
}

for (const [name, payload] of Object.entries(PAYLOADS)) {
  Deno.test(`no PDU is invented inside long ones of ${name}`, () => {
    for (const mss of [100, 333, 1448]) {
      const { judged: all, lost, wrong, invented } = judged(payload, mss);
      assertEquals([wrong, invented], [[], []], `mss ${mss}`);
      assert(lost / all < 0.0015, `mss ${mss}: ${lost} of ${all} lost`);
    }
  });
}

Deno.test("zeros with a few numbers among them are not taken for VSR frames", () => {
  const { judged: all, lost, wrong } = judged(PAYLOADS["zeros"]!, 100, 8);
  assertEquals(wrong, []);
  assert(lost / all < 0.0015, `${lost} of ${all} lost`);
});

Deno.test("messages that hold requests make no wrong pair", () => {
  assertEquals(judged(REQUESTS, 536).wrong, []);
});
