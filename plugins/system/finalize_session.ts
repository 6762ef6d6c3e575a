import {
  command,
  counted,
  ifLeft,
  since,
  struct,
  u32,
  u64,
} from "../../core/schema/mod.ts";
import { sessionIdentity } from "../_types/session.ts";

const debt = struct({
  namespace: u64("Consensus group of the partition."),
  created_revision: u64("Revision of its creation."),
});

/**
 * Forgets a session for good; sent by replicas only.
 *
 * Source: src/requests/system/finalize_session.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.2 and 0.11.1-edge.7.
 */
export default command({
  name: "finalize_session",
  doc: "Forgets a session for good; sent by replicas only.",
  operation: 70,
  since: "0.9.1-edge.2",
  request: {
    identity: sessionIdentity,
    namespace_revision: u64("Revision of the partitions that were swept."),
    debt: since(
      "0.9.1-edge.7",
      ifLeft(counted(u32(), debt, "Partitions that still hold something of it.")),
    ),
  },
  response: {},
  info: ["namespace_revision"],
});
