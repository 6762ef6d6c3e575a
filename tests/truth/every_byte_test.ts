import { assert, assertEquals } from "@std/assert";
import type { ConversationState } from "../../core/dissect/conversation_state.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import type { Side } from "../../core/flow/mod.ts";
import { PacketFlows } from "../../core/tcp/mod.ts";
import { encode } from "../../core/schema/mod.ts";
import { dissectFixture } from "../support/dissect.ts";
import { fixtures, packetsOf } from "../support/packets.ts";

/** Flows that no PDU explains byte by byte: TLS, and PDUs wrapped in WebSocket frames. */
const WRAPPED = /tls|websocket/;

/** Captures of sealed traffic without keys, of other protocols, and of a client that only pings. */
const NOTHING_TO_WRITE = /tls|quic|^http|^mismatch/;

/** Bytes that an issue says belong to no PDU. */
const UNFRAMED = /^(\d+) bytes of the (client|server)'s flow belong to no PDU$/;

for (const name of fixtures()) {
  Deno.test(`each payload of ${name} that reads without a fault writes back the same`, async () => {
    let written = 0;
    for (const { request, response } of await dissectFixture(name)) {
      for (const pdu of [request, response]) written += pdu === null ? 0 : writeBack(pdu);
    }
    assert(written > 0 || NOTHING_TO_WRITE.test(name));
  });

  if (WRAPPED.test(name)) continue;
  Deno.test(`each flow byte of ${name} is in a PDU or told as lost`, async () => {
    const delivered = new Map<string, number>();
    const flows = new PacketFlows({
      data({ number, clientEndpoint, serverEndpoint }, side, _bytes, start, end) {
        const sender = side === "client" ? clientEndpoint : serverEndpoint;
        const flow = `${number} ${sender}`;
        delivered.set(flow, (delivered.get(flow) ?? 0) + end - start);
      },
    });
    for (const packet of await packetsOf(name)) flows.push(packet);
    flows.end();
    const transactions = await dissectFixture(name);
    const told = new Map<string, number>();
    const add = (conversation: ConversationState, side: Side, bytes: number) => {
      const flow = `${conversation.number} ${conversation[side]}`;
      told.set(flow, (told.get(flow) ?? 0) + bytes);
    };
    for (const { conversation, request, response, issues } of transactions) {
      // Of what no framing fits only that is told.
      if (conversation.framing === null) continue;
      const sender = request?.sender ?? "client";
      add(conversation, sender, request?.bytes.length ?? 0);
      add(conversation, "server", response?.bytes.length ?? 0);
      for (const { message } of issues) {
        const [, bytes, side] = UNFRAMED.exec(message) ?? [];
        if (side !== undefined) add(conversation, side as Side, Number(bytes));
      }
    }
    for (const [flow, bytes] of told) assertEquals(bytes, delivered.get(flow) ?? 0, flow);
  });
}

function writeBack(pdu: Pdu): number {
  const { layout, decoded } = pdu;
  if (layout === null || pdu.isEmpty || !pdu.whole) return 0;
  if (decoded === null || decoded.problems > 0) {
    assert(decoded!.issues.length > 0);
    return 0;
  }
  const again = encode(layout, decoded.fields, pdu.release);
  assertEquals(again, pdu.bytes.subarray(pdu.start, pdu.end));
  return 1;
}
