import { described, nameRest, oneOf, u32 } from "../../core/schema/mod.ts";

/**
 * A resource named by its number or its name: u8 kind (1 numeric, 2 string), u8 length, value.
 *
 * Source: apache/iggy core/binary_protocol/src/primitives/identifier.rs at server-0.8.0;
 * core/common/src/types/identifier at server-0.5.0.
 */
export const identifier = oneOf<number | string>({
  1: u32("The number."),
  2: nameRest("The name, 1 to 255 bytes."),
});

/** The stream of a request. */
export const streamId = described(identifier, "Stream, by number or name.");

/** The topic of a request. */
export const topicId = described(identifier, "Topic in the stream, by number or name.");

/** The consumer group of a request. */
export const groupId = described(
  identifier,
  "Consumer group in the topic, by number or name.",
);

/** The user of a request. */
export const userId = described(identifier, "User, by number or name.");
