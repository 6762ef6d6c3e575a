/**
 * SendMessages refused before a login: servers since 0.7 leave its body unread, and answer what
 * they take for frames there; those before have read all of it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { dialogue, type Step } from "../../support/dialogue.ts";
import { hex } from "../../support/packets.ts";

/** Without messages, so that every release lays it out alike; its body reads as one frame. */
const SEND: Step = [
  "client",
  hex("1a000000 65000000 12000000 010401000000 010401000000 0100 00000000"),
];
const POLL: Step = ["client", hex("2c000000 64000000" + "00".repeat(40))];
const PING: Step = ["client", hex("04000000 01000000")];
const status = (code: number): Step => [
  "server",
  hex(`${code.toString(16).padStart(2, "0")}000000 00000000`),
];

/** Each PDU or pair with its status, and the releases that are left. */
function told(steps: readonly Step[]) {
  const { transactions, state } = dialogue(steps);
  const rows = transactions.map(({ request, response, name }) =>
    `${request === null ? "–" : name} ${response?.status ?? "–"}`
  );
  return { rows, releases: state.releases?.text };
}

Deno.test("a server that answers a refused body in parts is of 0.7 or later", () => {
  assertEquals(told([SEND, status(40), status(3), PING, status(0)]), {
    rows: ["send_messages 40", "– 3", "ping 0"],
    releases: "0.7+",
  });
});

Deno.test("a server that goes on behind a refused body is older than 0.7", () => {
  assertEquals(told([SEND, status(40), PING, status(0), PING, status(0)]), {
    rows: ["send_messages 40", "ping 0", "ping 0"],
    releases: "0.5..0.6",
  });
  assertEquals(told([SEND, PING, status(40), status(0), PING, status(0)]).rows, [
    "send_messages 40",
    "ping 0",
    "ping 0",
  ]);
  assertEquals(told([SEND, status(40), POLL, status(40)]).rows, [
    "send_messages 40",
    "poll_messages 40",
  ]);
});
