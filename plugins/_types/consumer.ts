import { described, enumeration, struct } from "../../core/schema/mod.ts";
import { identifier } from "./identifier.ts";

/**
 * Who reads: a consumer by itself or a consumer group.
 *
 * Source: apache/iggy core/binary_protocol/src/primitives/consumer.rs at server-0.8.0;
 * core/common/src/types/consumer at server-0.5.0.
 */
export const consumer = struct({
  kind: enumeration({ 1: "consumer", 2: "consumer_group" }, "What the id names."),
  id: described(identifier, "Consumer or consumer group, by number or name."),
}, "Who reads.");
