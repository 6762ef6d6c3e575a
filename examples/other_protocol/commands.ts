import {
  command,
  counted,
  duration,
  i32,
  name8,
  optional,
  since,
  struct,
  text8,
  timestamp,
  u16,
  u64,
} from "../../core/schema/mod.ts";

/** Adds to a tally. */
export const add = command({
  name: "tally_add",
  doc: "Adds to a tally, which begins at 0.",
  code: 7001,
  request: {
    key: name8("What is counted."),
    amount: i32("How much is added; may be negative."),
    expires: since("1.1", optional(duration("When the tally is forgotten."))),
  },
  response: { total: u64("The tally afterwards.") },
  info: ["key", "amount", "total"],
});

/** Reads a tally. */
export const get = command({
  name: "tally_get",
  doc: "Reads a tally.",
  code: 7002,
  request: { key: name8("What is counted.") },
  response: {
    total: u64("The tally."),
    changed_at: timestamp("When it was last added to."),
  },
  info: ["key", "total"],
});

/** Lists tallies. */
export const list = command({
  name: "tally_list",
  doc: "Lists the tallies whose keys begin alike.",
  code: 7003,
  request: {
    prefix: text8("How the keys begin."),
    limit: u16("Most tallies to list."),
  },
  response: {
    tallies: counted(
      u16(),
      struct({ key: name8("What is counted."), total: u64("The tally.") }),
      "Tallies in the order of their keys.",
    ),
  },
  info: ["prefix", "tallies"],
});
