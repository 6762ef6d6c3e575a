/**
 * Clients on servers of another generation: what is said names both sides' versions and which
 * of them has to move.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encode, firstOf } from "../../../core/schema/mod.ts";
import { releases } from "../../../plugins/releases.ts";
import { dialogue, issuesOf } from "../../support/dialogue.ts";
import { dissectFixture } from "../../support/dissect.ts";
import { request, vsrFrame } from "../../support/vsr.ts";
import { kindOf } from "../bodies.ts";

/** A protocol version, with the newest release that states it. */
interface Version {
  readonly number: number;
  readonly text: string;
  readonly release: number;
}

/** The protocol versions there are, oldest first. */
const VERSIONS: readonly Version[] = [
  ...new Map(releases.flatMap(({ name, protocol }) => {
    if (protocol === undefined) return [];
    const [major, minor, patch] = protocol;
    const text = protocol.join(".");
    const number = major << 20 | minor << 10 | patch;
    return [[text, { number, text, release: firstOf(name) }] as const];
  })).values(),
];

function login({ number, release }: Version): Uint8Array {
  const version_info = { protocol_version: number, sdk_name: "s", sdk_version: "1" };
  const body = encode(kindOf("login_register", "request"), {
    version_info,
    bind_secret: new Uint8Array(32),
    username: "iggy",
    password: "iggy",
    client_context: null,
  }, release);
  return request({ operation: "register", session: 0n, request: 0n }, body);
}

for (const client of VERSIONS) {
  for (const server of VERSIONS) {
    if (client === server) continue;
    Deno.test(`a client of protocol ${client.text} on a server of ${server.text} is told who has to move`, () => {
      const eviction = vsrFrame(13, {
        reason: "incompatible_protocol",
        server_protocol_version: server.number,
        server_protocol_version_min: server.number,
        client: 1n,
      });
      const { transactions } = dialogue([["client", login(client)], [
        "server",
        eviction,
      ]]);
      const said = issuesOf(transactions).find((text) =>
        text.includes("speaks protocol")
      );
      assertStringIncludes(
        said ?? "",
        `the client speaks protocol ${client.text} (Iggy 0.9`,
      );
      assertStringIncludes(said!, `takes protocol version ${server.text} (Iggy 0.9`);
      const move = client.number > server.number
        ? ": update the server, or use an older client"
        : ": update the client, or use an older server";
      assert(said!.endsWith(move), said);
      assert(!issuesOf(transactions).some((text) => text.includes("malformed")), said);
    });
  }
  Deno.test(`a client of protocol ${client.text} on a server up to 0.8 is told who has to move`, () => {
    const error = Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0);
    const { transactions } = dialogue([["client", login(client)], ["server", error]]);
    const [said] = issuesOf(transactions);
    assertStringIncludes(said!, `VSR framing, protocol ${client.text} (Iggy 0.9`);
    assert(said!.endsWith("update the server, or use a client up to 0.8"), said);
  });
}

Deno.test("a client up to 0.8 on a server since 0.9 is told who has to move", async () => {
  const transactions = await dissectFixture("mismatch-py080-on-090e5.pcap");
  assertEquals(
    issuesOf(transactions)[0],
    [
      "note protocol the client speaks classic framing (Iggy 0.5..0.8) and the server never ",
      "answers: servers since 0.9 understand only VSR framing; update the client, or use a ",
      "server up to 0.8",
    ].join(""),
  );
});
