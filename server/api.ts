/**
 * Every form that the HTTP API takes and gives, as schemas and as types: the routes validate
 * with them, `/openapi.json` is made of them, and the page is typed by them
 * (`import type` costs the page nothing).
 *
 * | route | gives |
 * |---|---|
 * | `GET /api/server` | `ServerInfo` |
 * | `POST /api/captures?name=` | 201 `Capture`; the id is in `Location` and, from the start, in the client's own `?id=` |
 * | `GET /api/captures` | `CaptureList` |
 * | `GET /api/captures/:id` | `Capture`, also while it is uploading |
 * | `DELETE /api/captures/:id` | 204; cancels a running upload |
 * | `GET /api/captures/:id/file` | the bytes as uploaded, with ranges |
 * | `GET …/transactions?filter=&cursor=&offset=&limit=&from=&to=&format=&view=` | `TransactionPage`; `view=row`: `RowPage`; `format=ndjson\|csv` all of them as a stream |
 * | `GET …/transactions/:n?bytes=` | `TransactionDetail` |
 * | `GET …/conversations?iggy=&cursor=&limit=` | `ConversationPage` |
 * | `GET …/conversations/:n?segments=&cursor=&limit=` | `Ladder` |
 * | `GET …/conversations/:n/sequence?format=` | `SequenceGraphs`, or an SVG |
 * | `GET …/stats?filter=&from=&to=` | `Stats` |
 * | `GET …/timeline?filter=&from=&to=&buckets=` | `Timeline` |
 * | `GET …/topology?filter=` | `Topology` |
 * | `GET …/findings`, `GET …/consumers` | `CaptureFindings`, `Consumers` |
 * | `GET …/pcap?filter=` | pcapng of the conversations that match |
 * | `GET /api/commands`, `/api/fields` | `CommandList`, `FieldList` |
 * | `GET /api/complete?text=&at=` | `Completion` |
 * | `GET /api/export/lua` | the Wireshark dissector |
 * | `POST /api/decode` | `DecodeRequest` in, `Decoded` out |
 * | `GET /api/live?filter=` | events `transaction`, `statistics`, `notice` |
 * | `GET`, `POST`, `DELETE /api/live/recording` | `Recording`, `Capture`: live traffic into a capture |
 * | `GET /api/live/:n` | `TransactionDetail` of one still in the ring |
 *
 * Everything else is a `Problem`. Times `from` and `to` are seconds since the epoch and pick
 * transactions by the time of their request, `to` not included.
 *
 * @module
 */
export * from "./schemas/common.ts";
export * from "./schemas/capture.ts";
export * from "./schemas/transaction.ts";
export * from "./schemas/analysis.ts";
export * from "./schemas/judging.ts";
export * from "./schemas/sequence.ts";
export * from "./schemas/catalog.ts";
export * from "./schemas/live.ts";
