import {
  byRelease,
  described,
  enumeration,
  since,
  struct,
  upTo,
} from "../../core/schema/mod.ts";
import { identifier } from "./identifier.ts";

const doc = "What the id names.";
const kinds = { 1: "consumer", 2: "consumer_group" };

/**
 * Who reads: a consumer by itself, a consumer group, or a group that is managed elsewhere.
 *
 * Source: apache/iggy core/binary_protocol/src/primitives/consumer.rs at server-0.8.0;
 * core/common/src/types/consumer at server-0.5.0; src/primitives/consumer.rs of the crate
 * iggy_binary_protocol 0.11.1-edge.2.
 */
export const consumer = struct({
  kind: byRelease(
    since("0.9.1-edge.2", enumeration({ ...kinds, 3: "external_group" }, doc)),
    upTo("0.9.1-edge.1", enumeration(kinds, doc)),
  ),
  id: described(identifier, "Consumer or consumer group, by number or name."),
}, "Who reads.");
