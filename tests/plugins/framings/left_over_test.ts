/**
 * Bytes behind the last field: a release to come may have added them where nothing tells that
 * the release is an older one; else they are malformed.
 *
 * @module
 */
import { decodePdus } from "../../../core/dissect/mod.ts";
import { encode, firstOf } from "../../../core/schema/mod.ts";
import { NEWEST_PROTOCOL } from "../../../plugins/framings/vsr/versions.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";
import loginRegister from "../../../plugins/users/login_register.ts";
import { assertEquals } from "../../support/assert.ts";
import { dialogue, issuesOf, type Step } from "../../support/dialogue.ts";
import { concat } from "../../support/packets.ts";
import { ask, reply, request, vsrFrame } from "../../support/vsr.ts";

const NEWEST = firstOf("0.9.1-edge.8");
const NEWER = "3 bytes after the last field: newer than this program knows";
const UNSURE = `warn undecoded ${NEWER}, or malformed`;
const MALFORMED = "warn malformed 3 trailing bytes";

/** Stream 1 by number. */
const STREAM = new Uint8Array([1, 4, 1, 0, 0, 0]);

const ping = (number: bigint): Step => ["client", ask(1, number, new Uint8Array(3))];

/** The answer to a login of a server with a protocol version. */
function welcome(server_protocol_version: number, server_version: string): Step {
  const fields = { user_id: 1, session: 7n, server_protocol_version, server_version };
  const body = concat(new Uint8Array(4), encode(loginRegister.response, fields, NEWEST));
  return ["server", reply({ operation: "register", request: 0n }, body)];
}

const ROWS: readonly (readonly [what: string, steps: readonly Step[], told: string])[] = [
  ["nothing tells the release", [ping(1n)], UNSURE],
  [
    "the login states the newest protocol version, which a later release may share",
    [welcome(NEWEST_PROTOCOL, "0.9.1-edge.8"), ping(1n)],
    UNSURE,
  ],
  [
    "the login states a version to come",
    [welcome(NEWEST_PROTOCOL + 1, "0.10.0"), ping(1n)],
    `note undecoded ${NEWER}`,
  ],
  [
    "the login states an older version",
    [welcome(11 << 10, "0.9.0"), ping(1n)],
    MALFORMED,
  ],
  [
    "an operation tells that the release is an older one",
    [
      ["client", request({ operation: "purge_stream", request: 1n }, STREAM)],
      ["server", reply({ operation: "purge_stream", request: 1n }, new Uint8Array(4))],
      ping(2n),
    ],
    MALFORMED,
  ],
];

const leftOver = (transactions: Parameters<typeof issuesOf>[0]) =>
  issuesOf(transactions).filter((text) => /after the last|trailing/.test(text));

for (const [what, steps, told] of ROWS) {
  Deno.test(`bytes behind the last field where ${what}: ${told}`, () => {
    const { transactions } = dialogue(steps);
    const last = issuesOf(transactions).filter((text) =>
      /after the last|trailing/.test(text)
    );
    assertEquals(last, [told]);
  });
}

Deno.test("bytes behind the last field of a frame of a stated release are malformed", () => {
  const bytes = vsrFrame(
    5,
    { client: 1n, session: 7n, request: 1n, operation: "non_replicated", _code: 1 },
    new Uint8Array(3),
    NEWEST,
  );
  const told = (release?: string) =>
    issuesOf(decodePdus(iggyRegistry(), bytes, { direction: "request", release }));
  assertEquals([told(), told("0.9.1-edge.8")], [[UNSURE], [MALFORMED]]);
});

Deno.test("classic PDUs have no release to come: more bytes are malformed", () => {
  const bytes = new Uint8Array([7, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3]);
  const { transactions } = dialogue([["client", bytes]]);
  assertEquals(leftOver(transactions), [MALFORMED]);
});
