import { command } from "../../core/schema/mod.ts";
import { sessionIdentityFields } from "../_types/session.ts";

/**
 * Says on a data connection whose consumer it serves. What a success carries is not known.
 *
 * Source: src/requests/system/attach_consumer_session.rs of the crate iggy_binary_protocol
 * 0.11.0.
 */
export default command({
  name: "attach_consumer_session",
  doc: "Says on a data connection whose consumer it serves.",
  code: 14,
  since: "0.9.0",
  upTo: "0.9.1-edge.1",
  request: sessionIdentityFields,
  response: {},
  info: ["client_id", "session"],
});
