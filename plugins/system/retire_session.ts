import { command, ifLeft, since, u64, wholeItems } from "../../core/schema/mod.ts";
import { sessionIdentity } from "../_types/session.ts";

/**
 * Takes sessions out of a partition; sent by replicas only.
 *
 * Source: src/requests/system/retire_sessions.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.2 and 0.11.1-edge.7.
 */
export default command({
  name: "retire_session",
  doc: "Takes sessions out of a partition; sent by replicas only.",
  operation: 166,
  resultSection: false,
  since: "0.9.1-edge.2",
  request: {
    identities: wholeItems(sessionIdentity, "Sessions, 1 to 128."),
    paid_through: since(
      "0.9.1-edge.7",
      ifLeft(u64("Revision up to which the partition owes nothing.")),
    ),
  },
  response: {},
});
