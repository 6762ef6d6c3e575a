/**
 * Live traffic: the data of server-sent events, and the state of the server.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import type { SeriesRecord } from "../../core/stats/mod.ts";
import { Count } from "./common.ts";
import { TransactionDetail, TransactionRow } from "./transaction.ts";

/** Event `transaction`; its id goes into `Last-Event-ID`. */
export const LiveTransaction = z.object({
  row: TransactionRow,
}).meta({ id: "LiveTransaction" });
/** See {@link LiveTransaction}. */
export type LiveTransaction = z.infer<typeof LiveTransaction>;

/** Event `statistics`, once a second. */
export interface LiveStatistics extends SeriesRecord {
  /** Seconds since the epoch, when it was counted. */
  time: number;
  /** Transactions since the start; with a filter those that passed it, since it was set. */
  total: number;
  /** What the capture program or the proxy could not show. */
  dropped: number;
}

/**
 * Event `notice`: `missed` says that so many transactions are gone from the ring (after a late
 * resume); `slow` that the connection is dropped because it does not keep up; `ended` that the
 * source ended; `failed` that it could not begin, or why it ended; `proxy` that an upstream is
 * down or that there are too many connections.
 */
export const LiveNotice = z.object({
  kind: z.enum(["missed", "slow", "ended", "failed", "proxy"]),
  message: z.string(),
  missed: Count,
}).meta({ id: "LiveNotice" });
/** See {@link LiveNotice}. */
export type LiveNotice = z.infer<typeof LiveNotice>;

/** What live traffic is recorded into. */
export const Recording = z.object({
  /** Id of the capture; null where nothing is recorded. */
  capture: z.string().nullable(),
  /** Packets that were not recorded because the disk was too slow. */
  dropped: Count,
}).meta({ id: "Recording" });
/** See {@link Recording}. */
export type Recording = z.infer<typeof Recording>;

/** A transaction that is still in the ring, in all detail: `GET /api/live/:n`. */
export const LiveDetail = TransactionDetail;

/** What the server is and may do: `GET /api/server`. */
export const ServerInfo = z.object({
  version: z.string(),
  /** Secrets are shown. */
  show_secrets: z.boolean(),
  /** Where live traffic comes from: `eth0`, `-`, `proxy 8190=127.0.0.1:8090`. */
  live: z.array(z.string()),
  limits: z.object({
    upload_bytes: Count,
    total_bytes: Count,
    page: Count,
    ring: Count,
  }),
}).meta({ id: "ServerInfo" });
/** See {@link ServerInfo}. */
export type ServerInfo = z.infer<typeof ServerInfo>;

/** `GET /healthz` */
export const Health = z.object({
  status: z.enum(["ok", "stopping"]),
  captures: Count,
}).meta({ id: "Health" });
