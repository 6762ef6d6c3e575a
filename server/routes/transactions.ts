import { createRoute, z } from "@hono/zod-openapi";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { csvExporter, type Exporter, ndjsonExporter } from "../../core/export/mod.ts";
import {
  TABLE_FORMATS,
  type TableFormat,
  tableWriter,
} from "../../core/export/table/mod.ts";
import type { JsonOptions } from "../../core/schema/mod.ts";
import { RowPage, TransactionDetail, TransactionPage } from "../api.ts";
import { ProblemError } from "../problem.ts";
import { cursorOf, readCursor } from "../query/cursor.ts";
import { detailOf } from "../query/detail.ts";
import { rowOf } from "../query/row.ts";
import { SORTS } from "../query/orders.ts";
import type { Selection } from "../query/selection.ts";
import type { App, Services } from "../services.ts";
import { escapeJson } from "../../core/export/printable.ts";
import {
  aboutCapture,
  choiceQuery,
  download,
  idParam,
  json,
  jsonContent,
  numberParam,
  textStream,
  unchanged,
  whole,
} from "./support.ts";

const MAX_PAGE = 1000, USUAL_PAGE = 100;
const MAX_VALUE_BYTES = 1024 * 1024;
const MAX_HEX = 16 * 1024 * 1024, USUAL_HEX = 64 * 1024;
const MAX_PLACE = 2 ** 32, MAX_WAIT = 60_000;
const LIST = "transactions";

/** Media types of tables, as IANA lists them. */
const TABLE_TYPES = {
  parquet: "application/vnd.apache.parquet",
  arrow: "application/vnd.apache.arrow.stream",
} as const satisfies Record<TableFormat, string>;

const list = createRoute({
  method: "get",
  operationId: "listTransactions",
  tags: ["transactions"],
  path: "/api/captures/{id}/transactions",
  summary: "Transactions in order of completion",
  request: {
    params: idParam,
    query: choiceQuery.extend({
      format: z.enum(["json", "ndjson", "csv", ...TABLE_FORMATS]).optional().openapi({
        description: "json gives a page; the others all of them, as a stream.",
      }),
      view: z.enum(["record", "row"]).optional().openapi({
        description: "Of pages: whole records, or what a table shows.",
      }),
      cursor: z.string().max(100).optional(),
      offset: whole(0, MAX_PLACE, "Start at this place of all that were chosen.")
        .optional(),
      at: whole(0, MAX_PLACE, "Start at this transaction, or the next one chosen.")
        .optional(),
      sort: z.enum(SORTS).optional().openapi({
        description: "Another order than that of completion; - puts the largest first.",
      }),
      limit: whole(1, MAX_PAGE, `Default ${USUAL_PAGE}.`).optional(),
      max_bytes: whole(0, MAX_VALUE_BYTES, "Bytes shown of a bytes value.").optional(),
      wait: whole(
        0,
        MAX_WAIT,
        "Milliseconds after which what was found so far will do: see complete.",
      ).optional(),
    }),
  },
  responses: {
    200: {
      description: "A page, or a stream.",
      content: {
        "application/json": { schema: z.union([TransactionPage, RowPage]) },
        "application/x-ndjson": { schema: z.string() },
        "text/csv": { schema: z.string() },
        [TABLE_TYPES.parquet]: { schema: z.string() },
        [TABLE_TYPES.arrow]: { schema: z.string() },
      },
    },
    ...unchanged,
  },
});

const one = createRoute({
  method: "get",
  operationId: "getTransaction",
  tags: ["transactions"],
  path: "/api/captures/{id}/transactions/{n}",
  summary: "One transaction with field trees and bytes",
  request: {
    params: numberParam,
    query: z.strictObject({
      bytes: whole(0, MAX_HEX, `Bytes of hex of a PDU; default ${USUAL_HEX}.`)
        .optional(),
      max_bytes: whole(0, MAX_VALUE_BYTES, "Bytes shown of a bytes value.").optional(),
    }),
  },
  responses: { 200: jsonContent(TransactionDetail, "The transaction."), ...unchanged },
});

/** Transactions of a capture: pages, streams, and one in all detail. */
export function transactionRoutes(app: App, services: Services): void {
  const { store, selector, limits } = services;

  app.openapi(list, (c) => {
    const { id } = c.req.valid("param");
    const query = c.req.valid("query");
    const options: JsonOptions = {
      ...services.json,
      maxBytes: query.max_bytes ?? services.json.maxBytes,
    };
    return aboutCapture(c, services, id, async () => {
      const { cursor, offset, at, sort } = query;
      if ([cursor, offset, at].filter((place) => place !== undefined).length > 1) {
        throw new ProblemError(400, "cursor, offset and at do not go together.");
      }
      if (cursor !== undefined && sort !== undefined) {
        throw new ProblemError(400, "cursor and sort do not go together.");
      }
      const number = readCursor(cursor, LIST);
      const { signal } = c.req.raw;
      const { format = "json" } = query;
      const chosen = await selector.select(id, query, {
        signal,
        waitMs: format === "json" ? query.wait : undefined,
      });
      const selection = sort === undefined
        ? chosen
        : await selector.sorted(id, chosen, sort, signal);
      const start = at ?? number;
      const first = offset ??
        (start === 0 && at === undefined ? 0 : selection.placeOf(start));
      if (format === "ndjson" || format === "csv") {
        return stream(id, selection, first, format, options);
      }
      if (format !== "json") {
        return new Response(
          ReadableStream.from(parts(id, selection, first, format, options)),
          {
            headers: {
              "content-type": TABLE_TYPES[format],
              ...download(`${id}.${format}`),
            },
          },
        );
      }
      return page(id, selection, first, query.limit ?? USUAL_PAGE, query.view, options);
    });
  });

  /** The items of a page as JSON, ended early where they get long. */
  function page(
    id: string,
    selection: Selection,
    first: number,
    limit: number,
    view: "record" | "row" = "record",
    options: JsonOptions,
  ): Response {
    const make = view === "row"
      ? (transaction: Transaction) =>
        rowOf(transaction, options, (key) => store.index(id).nameOf(key))
      : (transaction: Transaction) => transaction.toRecord(options);
    const { total, remarks, isComplete: complete, part } = selection;
    const end = Math.min(total, first + limit);
    const items: string[] = [];
    let place = first, bytes = 0;
    for (; place < end && bytes < limits.pageBytes; place++) {
      const item = JSON.stringify(make(store.index(id).transaction(selection.at(place))));
      bytes += item.length;
      items.push(item);
    }
    const hasMore = place < total && !selection.isSorted;
    const next = hasMore ? cursorOf(selection.at(place), LIST) : null;
    const offset = Math.min(first, total);
    const rest = JSON.stringify({
      next,
      total,
      remarks,
      offset,
      complete,
      searched: part,
    });
    const body = escapeJson(`{"items":[${items.join(",")}],${rest.slice(1)}`);
    const headers = { "content-type": "application/json" };
    if (complete) return new Response(body, { headers });
    return new Response(body, { headers: { ...headers, "cache-control": "no-store" } });
  }

  /** All transactions from a place on. */
  function stream(
    id: string,
    selection: Selection,
    first: number,
    format: "ndjson" | "csv",
    options: JsonOptions,
  ): Response {
    const exporter = format === "csv" ? csvExporter(options) : ndjsonExporter(options);
    return new Response(textStream(lines(id, selection, first, exporter)), {
      headers: {
        "content-type": format === "csv"
          ? "text/csv; charset=utf-8; header=present"
          : "application/x-ndjson",
        ...download(`${id}.${format}`),
      },
    });
  }

  async function* lines(
    id: string,
    selection: Selection,
    first: number,
    exporter: Exporter,
  ): AsyncGenerator<string, void> {
    yield exporter.head();
    for (let place = first; place < selection.total; place++) {
      yield exporter.transaction(store.index(id).transaction(selection.at(place)));
    }
    yield exporter.tail();
  }

  /** The bytes of a table of all transactions from a place on. */
  async function* parts(
    id: string,
    selection: Selection,
    first: number,
    format: TableFormat,
    options: JsonOptions,
  ): AsyncGenerator<Uint8Array, void> {
    const ready: Uint8Array[] = [];
    const table = await tableWriter(
      format,
      options,
      (bytes) => ready.push(bytes.slice()),
    );
    for (let place = first; place < selection.total; place++) {
      table.add(store.index(id).transaction(selection.at(place)));
      yield* ready.splice(0);
    }
    table.end();
    yield* ready;
  }

  app.openapi(one, (c) => {
    const { id, n } = c.req.valid("param");
    const { bytes = USUAL_HEX, max_bytes } = c.req.valid("query");
    return aboutCapture(c, services, id, () => {
      const index = store.index(id);
      if (n >= index.count) throw new ProblemError(404, "There is no such transaction.");
      const maxBytes = max_bytes ?? services.json.maxBytes;
      const options = { ...services.json, maxBytes, hexBytes: bytes };
      return json<TransactionDetail>(detailOf(index.transaction(n), options));
    });
  });
}
