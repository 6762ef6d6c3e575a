import { enumeration, idFrom, name8, since, timestamp } from "../../core/schema/mod.ts";
import { derivedOptions, responseOptions } from "./options.ts";

/** Whether a user may log in. */
export const userStatus = enumeration(
  { 1: "active", 2: "inactive" },
  "Whether the user may log in.",
);

/**
 * A user as responses describe it.
 *
 * Source: apache/iggy core/binary_protocol/src/responses/users/user_response.rs at server-0.8.0
 * and server-0.9.0-edge.5; src/responses/users/user_response.rs of the crate
 * iggy_binary_protocol 0.11.1-edge.2.
 */
export const userHeader = {
  id: idFrom("0.6", "Number of the user; root is 1 up to 0.5, 0 since 0.6."),
  created_at: timestamp("When the user was created."),
  status: userStatus,
  username: name8("Name, 3 to 50 bytes."),
  options: since("0.9-edge.4", responseOptions),
  derived_options: since("0.9.1-edge.2", derivedOptions),
};
