/**
 * Statistics over transactions as they pass, in constant memory: counts, errors, response
 * times with 1 % relative error, messages produced and consumed, offsets, over time.
 *
 * {@link Statistics} groups by one key; `traffic.ts` finds stream, topic, partition, consumer
 * and messages by the roles that a registry gives to fields, `role_values.ts` reads of a PDU
 * only what has a role, by compiled readers.
 *
 * @module
 */
export * from "./counted.ts";
export * from "./counters.ts";
export * from "./courses.ts";
export * from "./grouped_counts.ts";
export * from "./offsets.ts";
export * from "./order.ts";
export * from "./sketch.ts";
export * from "./statistics.ts";
export * from "./timeline.ts";
export * from "./traffic.ts";
export * from "./record.ts";
export * from "./record_schema.ts";
