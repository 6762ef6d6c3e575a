import {
  bool,
  command,
  counted,
  enumeration,
  fills,
  later,
  optional,
  orZeros,
  sizedOrNull,
  struct,
  timestamp,
  u128,
  u16,
  u32,
  u64,
  u8,
} from "../../core/schema/mod.ts";
import {
  changeCursor,
  changeGroup,
  changeRecord,
  currentItem,
  pageToken,
} from "../_types/metadata_change.ts";

const start = struct({
  mode: enumeration(
    { 0: "earliest", 1: "latest", 2: "after", 3: "current" },
    "Where to begin; current lists what there is instead of changes.",
  ),
  cursor: orZeros("mode", "after", changeCursor),
  token: later(optional(pageToken), null),
}, "Where to begin.");

/**
 * Lists changes of streams, topics, groups, users and sessions, or all there are of them. The
 * page token stands at the end of the request.
 *
 * Source: src/{requests,responses}/system/get_metadata_changes.rs of the crate
 * iggy_binary_protocol 0.11.1-edge.3.
 */
export default command({
  name: "get_metadata_changes",
  doc: "Lists changes of streams, topics, groups, users and sessions.",
  code: 17,
  since: "0.9.1-edge.3",
  request: {
    start,
    since: optional(timestamp("Changes from then on; null for all.")),
    until: optional(timestamp("Changes up to then; null for all.")),
    limit: u32("Most changes or items to return, 1 to 1000."),
    groups: counted(u8(), changeGroup, "What they may be about; none is everything."),
    _token: fills({ of: "start", field: "token" }, sizedOrNull(u16(), pageToken)),
  },
  response: {
    status: enumeration(
      { 0: "ok", 1: "behind", 2: "expired", 3: "reset" },
      "Whether the log still has what was asked for.",
    ),
    phase: enumeration({ 0: "changes", 1: "current" }, "What follows."),
    log_id: optional(u128("Id of the log.")),
    oldest_op: u64("Oldest operation that the log has."),
    retained_since: timestamp("When that was."),
    head_op: u64("Newest operation that the log has."),
    next: optional(changeCursor),
    has_more: bool("There is more to fetch."),
    records: counted(u32(), changeRecord, "Changes."),
    items: counted(u32(), currentItem, "What there is."),
    current_page_token: sizedOrNull(u16(), pageToken),
  },
  info: ["start", "phase"],
});
