/**
 * What is newer than this program in Wireshark: it is told there in the words of the program.
 *
 * @module
 */
import { command, encode, firstOf } from "../../core/schema/mod.ts";
import loginRegister from "../../plugins/users/login_register.ts";
import { NEWEST_PROTOCOL } from "../../plugins/framings/vsr/versions.ts";
import createStream from "../../plugins/streams/create_stream.ts";
import { conversation, withFolder } from "../cli/support.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { dialogue } from "../support/dialogue.ts";
import { LuaPeer } from "../support/lua_peer.ts";
import { concat } from "../support/packets.ts";
import { requireTsharks } from "../support/tshark.ts";
import { ask, reply, request, vsrFrame } from "../support/vsr.ts";

const NEWEST = firstOf("0.9.1-edge.8");
/** A protocol version after all that are known: 0.13.0. */
const TO_COME = 13 << 10;

const stream = createStream.request as ReturnType<typeof command>["request"];
const option = (key: string, value: string) => ({
  key_kind: "string",
  key,
  value_kind: "string",
  value,
});
const options = encode(stream, {
  name: "orders",
  options: [option("warp_factor", "nine"), option("durability", "persisted")],
}, NEWEST);
const later = encode(stream, {
  name: "orders",
  options: [option("replication_factor", "3")],
}, NEWEST);

/** The answer to a login of a server with a protocol version. */
const welcome = (protocol: number, version: string) =>
  reply(
    { operation: "register", request: 0n },
    concat(
      new Uint8Array(4),
      encode(loginRegister.response, {
        user_id: 1,
        session: 7n,
        server_protocol_version: protocol,
        server_version: version,
      }, NEWEST),
    ),
  );

/** Bytes that are odd: an operation, a command byte, reserved bytes in use. */
const unknownFrame = ask(0, 4n);
unknownFrame[60] = 77;
const reserved = ask(1, 5n);
reserved[250] = 9;

const create = (number: bigint, body: Uint8Array) =>
  request({ operation: "create_stream", request: number }, body);

/** What each dialogue says, and what is told of it. */
const ROWS: readonly {
  readonly steps: Parameters<typeof dialogue>[0];
  readonly told: readonly string[];
}[] = [
  {
    steps: [
      ["client", request({ operation: 163, request: 2n })],
      ["client", unknownFrame],
    ],
    told: [
      "value 163 is newer than this program knows",
      "value 77 is newer than this program knows",
    ],
  },
  {
    steps: [["client", create(2n, options)]],
    told: ["option warp_factor is newer than this program knows"],
  },
  {
    steps: [
      ["server", welcome(0x2c00, "0.9.0-edge.5")],
      ["client", create(3n, later)],
    ],
    told: ["option replication_factor came with release 0.9.1-edge.7"],
  },
  {
    steps: [["client", ask(1, 9n, new Uint8Array(3))]],
    told: [
      "3 bytes after the last field: newer than this program knows, or malformed",
    ],
  },
  {
    // Builds of other releases may state the newest protocol version too: 0.9.1-edge.8 did.
    steps: [
      ["server", welcome(NEWEST_PROTOCOL, "0.9.1-edge.8")],
      ["client", ask(1, 9n, new Uint8Array(3))],
    ],
    told: [
      "3 bytes after the last field: newer than this program knows, or malformed",
    ],
  },
  {
    // A release known to be older has no more fields: that is malformed, and not told as newer.
    steps: [
      ["server", welcome(0x2c00, "0.9.0-edge.5")],
      ["client", ask(1, 9n, new Uint8Array(3))],
    ],
    told: [],
  },
  {
    steps: [
      ["server", welcome(TO_COME, "0.10.0")],
      ["client", reserved],
      ["client", ask(1, 6n, new Uint8Array(3))],
      ["client", create(8n, options)],
    ],
    told: [
      "a reserved byte is in use: newer than this program knows",
      "3 bytes after the last field: newer than this program knows",
      "option warp_factor is newer than this program knows",
    ],
  },
];

const EXPERT = /name="_ws.expert.message"[^>]* show="([^"]*)"/g;
const NEWER = /newer than this program|came with release/;

Deno.test("what is newer is told in Wireshark as in the program", async () => {
  const tsharks = await requireTsharks();
  if (tsharks === null) return;
  using peer = new LuaPeer();
  await withFolder(async (folder) => {
    for (const { steps, told } of ROWS) {
      const { transactions } = dialogue(steps);
      const ours = transactions.flatMap(({ issues }) =>
        issues.map(({ packet, message }) => ({ packet, message }))
      ).filter(({ message }) => NEWER.test(message))
        .toSorted((a, b) => a.packet! - b.packet!);
      assertEquals(ours.map(({ message }) => message), told);
      const path = `${folder}/newer.pcap`;
      await Deno.writeFile(
        path,
        conversation(steps as Parameters<typeof conversation>[0]),
      );
      for (const tshark of tsharks) {
        const text = await peer.run(tshark, path, ["-T", "pdml"]);
        const theirs = [...text.matchAll(EXPERT)].map(([, message]) => message!)
          .filter((message) => NEWER.test(message));
        assertEquals(theirs, told, tshark.version);
      }
    }
  });
});

Deno.test("a frame of the newest release has nothing newer in it", () => {
  const { transactions } = dialogue([[
    "client",
    vsrFrame(5, {
      client: 1n,
      session: 7n,
      request: 1n,
      operation: "non_replicated",
      _code: 1,
    }),
  ]]);
  assert(transactions.every(({ issues }) => issues.every((i) => !NEWER.test(i.message))));
});
