import type { Endpoints } from "../flow/mod.ts";
import type { Framing, FramingHost } from "../framing/framing.ts";
import { PacketIndex } from "../framing/packet_index.ts";
import type { Exchange } from "../framing/pdu.ts";
import { type Issue, issue } from "../issue.ts";
import { type Command, releaseOf, type ReleaseSet } from "../schema/mod.ts";
import { ConversationState } from "./conversation_state.ts";
import type { Registry } from "./registry.ts";
import { Transaction } from "./transaction.ts";

/** What is known of bytes that came without a capture. */
export interface PduHints {
  direction: "request" | "response";
  /** Whose response it is; a request tells by its code. */
  command?: Command;
  /** Release of the server as text, such as `0.8`; else the newest that fits. */
  release?: string;
  /** Name of the framing; else what the bytes look like. */
  framing?: string;
}

/** The stamp of bytes that no packet brought. */
const NO_STAMP = { packet: 0, seconds: 0, nanos: 0 };

/** Who speaks where nobody was captured. */
const NO_ENDPOINTS: Endpoints = {
  number: 0,
  clientEndpoint: "client",
  serverEndpoint: "server",
  clientPort: 0,
  serverPort: 0,
};

/**
 * Decodes a PDU, or several one after another, that stand alone. Each becomes a transaction
 * of one side; packet numbers are 0 and times the epoch. Throws `TypeError` on a framing that
 * the registry does not have.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { classic } from "../../plugins/framings/classic/mod.ts";
 * import { command } from "../schema/mod.ts";
 * import { createRegistry } from "./registry.ts";
 * const ping = command({ name: "ping", doc: "Asks.", code: 1, request: {}, response: {} });
 * const registry = createRegistry({ commands: [ping], framings: [classic] });
 * const bytes = Uint8Array.fromHex("0400000001000000");
 * const [transaction] = decodePdus(registry, bytes, { direction: "request" });
 * assertEquals(transaction?.name, "ping");
 * ```
 */
export function decodePdus(
  registry: Registry,
  bytes: Uint8Array,
  hints: PduHints,
): Transaction[] {
  const side = hints.direction === "request" ? "client" : "server";
  const framing = framingFor(registry, bytes, hints);
  const state = new ConversationState(registry, NO_ENDPOINTS);
  const release = hints.release === undefined ? null : releaseOf(hints.release);
  const transactions: Transaction[] = [];
  let carried: Issue[] = [];
  const hostOf = (framing: Framing): FramingHost => {
    const releases = registry.releasesOf(framing);
    if (release !== null) releases.settle(release);
    state.adopt(framing, releases);
    return {
      commands: registry.commands,
      framings: registry.framings,
      releases,
      fromStart: true,
      maxOutstanding: Infinity,
      maxPdu: bytes.length,
      packets: new PacketIndex(),
      exchange(exchange) {
        const judged = alone(exchange, hints, releases);
        transactions.push(new Transaction(transactions.length, state, judged, carried));
        carried = [];
      },
      report(found) {
        if (found.group !== "protocol") carried.push(found);
      },
      expected: true,
      keys: null,
      security() {},
      unrecognised: () => null,
      link: (link) => state.link = link,
      carry: (inner) => hostOf(inner),
    };
  };
  const framer = framing.open(hostOf(framing));
  framer.data(side, bytes, 0, bytes.length, NO_STAMP);
  framer.close();
  return transactions;
}

function framingFor(registry: Registry, bytes: Uint8Array, hints: PduHints): Framing {
  // No datagrams stand alone here: what comes over UDP is a conversation's.
  const framings = registry.framings.filter(({ transport = "tcp" }) =>
    transport === "tcp"
  );
  const { framing: name, direction } = hints;
  const none = new Uint8Array();
  const found = name === undefined
    ? framings.find((framing) =>
      framing.detect({
        client: direction === "request" ? bytes : none,
        server: direction === "request" ? none : bytes,
        fromStart: true,
        expected: true,
        ended: true,
      }, registry) === "yes"
    ) ?? framings[0]
    : framings.find((framing) => framing.name === name);
  if (found === undefined) {
    throw new TypeError(
      `no framing "${name}"; there are ${framings.map(({ name }) => name).join(", ")}`,
    );
  }
  return found;
}

/** The exchange with what the hints add, without complaints that its other side is missing. */
function alone(exchange: Exchange, hints: PduHints, releases: ReleaseSet): Exchange {
  // What sequence and protocol say is about the silence of the other side.
  const issues = exchange.issues.filter(({ group }) =>
    group !== "sequence" && group !== "protocol"
  );
  const command = exchange.command ?? hints.command ?? null;
  const { request, response } = exchange;
  if (hints.command !== undefined && command !== hints.command) {
    issues.push(
      issue("warn", "protocol", `its code is that of ${command!.name}`, null, 4),
    );
  }
  if (command !== null && request?.layout === null) {
    request.interpret(command.request, releases);
  }
  if (command !== null && response?.layout === null && response.status === 0) {
    response.interpret(command.response, releases);
  }
  return { ...exchange, command, issues };
}
