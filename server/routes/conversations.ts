import { createRoute, z } from "@hono/zod-openapi";
import { formatTime } from "../../core/dissect/time.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { requestArguments, responseSummary } from "../../core/export/summary.ts";
import { isError } from "../../core/dissect/outcome.ts";
import { type Conversation, ConversationPage, Ladder, type LadderPdu } from "../api.ts";
import { ProblemError } from "../problem.ts";
import { cursorOf, readCursor } from "../query/cursor.ts";
import { Masks } from "../query/masks.ts";
import { openConversations } from "../query/open_conversations.ts";
import { pcapngOf } from "../query/packets.ts";
import { segmentsOf } from "../query/segments.ts";
import { textOf } from "../query/row.ts";
import type { App, Services } from "../services.ts";
import {
  aboutCapture,
  choiceQuery,
  chosenConversations,
  conversationParam,
  download,
  flag,
  idParam,
  json,
  jsonContent,
  unchanged,
  whole,
} from "./support.ts";

const MAX_PAGE = 1000, USUAL_PAGE = 100, USUAL_STEPS = 500;
/** Below every number of a conversation; those of UDP count down from -1. */
const MIN_CONVERSATION = -(2 ** 31);
const MAX_SEGMENTS = 20_000, MAX_OPEN = 10_000;
const LIST = "conversations", LADDER = "ladder";

const list = createRoute({
  method: "get",
  operationId: "listConversations",
  tags: ["conversations"],
  path: "/api/captures/{id}/conversations",
  summary: "Conversations by number",
  description: "Those of TCP are numbered as Wireshark's tcp.stream, from 0. A QUIC " +
    "connection on Wireshark's udp.stream N has the number -1 - N here, and `transport` is " +
    "`udp`. With a filter or a time, those of which a transaction matches.",
  request: {
    params: idParam,
    query: choiceQuery.extend({
      iggy: flag("Only those of Iggy; default true.").optional(),
      cursor: z.string().max(100).optional(),
      limit: whole(1, MAX_PAGE, `Default ${USUAL_PAGE}.`).optional(),
    }),
  },
  responses: { 200: jsonContent(ConversationPage, "The page."), ...unchanged },
});

const one = createRoute({
  method: "get",
  operationId: "getConversation",
  tags: ["conversations"],
  path: "/api/captures/{id}/conversations/{n}",
  summary: "Who sent what when on one connection",
  request: {
    params: conversationParam,
    query: z.strictObject({
      segments: flag("TCP segments too, with what was sent again and lost.").optional(),
      cursor: z.string().max(100).optional(),
      limit: whole(1, MAX_PAGE, `Transactions; default ${USUAL_STEPS}.`).optional(),
    }),
  },
  responses: { 200: jsonContent(Ladder, "The page."), ...unchanged },
});

const pcap = createRoute({
  method: "get",
  operationId: "downloadPackets",
  tags: ["conversations"],
  path: "/api/captures/{id}/pcap",
  summary: "The matching conversations as pcapng",
  description: "Whole conversations of which a transaction matches. Secrets are masked " +
    "with * unless the server shows them; checksums are made right again, so that the " +
    "packets give the same transactions.",
  request: { params: idParam, query: choiceQuery },
  responses: {
    200: {
      description: "The packets.",
      content: {
        "application/x-pcapng": { schema: z.string().openapi({ format: "binary" }) },
      },
    },
    ...unchanged,
  },
});

/** Conversations of a capture, and their packets. */
export function conversationRoutes(app: App, services: Services): void {
  const { store, selector } = services;

  app.openapi(list, (c) => {
    const { id } = c.req.valid("param");
    const { iggy = true, cursor, limit = USUAL_PAGE, ...choice } = c.req.valid("query");
    return aboutCapture(c, services, id, async () => {
      const from = readCursor(cursor, LIST, MIN_CONVERSATION);
      const chosen = Object.values(choice).some((given) => (given ?? "") !== "")
        ? await chosenConversations(services, id, choice, c.req.raw.signal)
        : null;
      const items = chosen === null
        ? store.index(id).conversations(from, limit + 1, iggy)
        : [...chosen.keys()].filter((n) => n >= from).sort((a, b) => a - b)
          .slice(0, limit + 1).flatMap((n) => closedOf(id, n) ?? []);
      if (store.get(id).state !== "ready" && cursor === undefined) {
        items.push(
          ...openConversations(store.index(id), limit)
            .filter(({ conversation }) => chosen?.has(conversation) ?? true),
        );
        items.sort((a, b) => a.conversation - b.conversation);
        items.splice(limit + 1);
      }
      const after = items.splice(limit)[0];
      return json<ConversationPage>({
        items,
        next: after === undefined ? null : cursorOf(after.conversation, LIST),
      });
    });
  });

  function closedOf(id: string, n: number): Conversation | null {
    const [closed] = store.index(id).conversations(n, 1, false);
    return closed?.conversation === n ? closed : null;
  }

  app.openapi(one, (c) => {
    const { id, n } = c.req.valid("param");
    const { segments, cursor, limit = USUAL_STEPS } = c.req.valid("query");
    return aboutCapture(c, services, id, async () => {
      const closed = closedOf(id, n);
      const conversation = closed !== null || store.get(id).state === "ready"
        ? closed
        : openConversations(store.index(id), MAX_OPEN).find((each) =>
          each.conversation === n
        );
      if (conversation === undefined || conversation === null) {
        throw new ProblemError(404, "There is no such conversation.");
      }
      const from = readCursor(cursor, LADDER);
      const numbers = store.index(id).ofConversation(n, from, limit + 1);
      const after = numbers.splice(limit)[0];
      const transactions = numbers.map((number) => store.index(id).transaction(number));
      const pdus = transactions.flatMap((each) => pdusOf(each))
        .sort((a, b) => a.packet - b.packet);
      const first = from === 0 ? 0 : pdus[0]?.packet ?? 0;
      const last = after === undefined ? Infinity : pdus.at(-1)?.packet ?? 0;
      return json<Ladder>({
        conversation,
        pdus,
        segments: segments
          ? await selector.run(
            () => segmentsOf(store.file(id), n, first, last, MAX_SEGMENTS),
            store.get(id).packets,
            c.req.raw.signal,
          )
          : null,
        issues: transactions.flatMap(({ issues }) => issues)
          .filter(({ group }) => group === "sequence"),
        next: after === undefined ? null : cursorOf(after, LADDER),
      });
    });
  });

  function pdusOf(transaction: Transaction): LadderPdu[] {
    const { request, response, number, name, statusName, outcome } = transaction;
    const asked = requestArguments(transaction, services.json);
    const came = responseSummary(transaction, services.json);
    return ([["request", request], ["response", response]] as const).flatMap(
      ([kind, pdu]) =>
        pdu === null ? [] : [{
          side: kind === "request" ? "client" as const : "server" as const,
          kind,
          transaction: number,
          ...transaction.connection === null ? {} : {
            quic: { connection: transaction.connection, stream: transaction.stream },
          },
          packet: pdu.stamp.packet,
          time: formatTime(pdu.stamp.seconds, pdu.stamp.nanos),
          length: pdu.length,
          command: name,
          status: pdu.status,
          status_name: kind === "request" ? null : statusName,
          outcome: kind === "request" ? null : outcome,
          error: kind === "response" && isError(outcome),
          summary: textOf(kind === "request" ? asked : came),
        }],
    );
  }

  app.openapi(pcap, (c) => {
    const { id } = c.req.valid("param");
    return aboutCapture(c, services, id, async () => {
      if (store.get(id).state !== "ready") {
        throw new ProblemError(409, "Not yet complete.");
      }
      const choice = c.req.valid("query");
      const { signal } = c.req.raw;
      const chosen = await chosenConversations(services, id, choice, signal);
      const conversations = new Set(chosen.keys());
      const index = store.index(id);
      const path = store.file(id);
      const secrets = services.json.showSecrets ? [] : index.secrets(conversations);
      const transactions = (function* () {
        for (const n of secrets) yield store.index(id).transaction(n);
      })();
      const masks = await selector.run(
        () => Masks.of(path, transactions),
        store.get(id).packets,
        signal,
      );
      return new Response(ReadableStream.from(pcapngOf(path, conversations, masks)), {
        headers: { "content-type": "application/x-pcapng", ...download(`${id}.pcapng`) },
      });
    });
  });
}
