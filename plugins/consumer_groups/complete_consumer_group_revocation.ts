import { command, since, u128, u32, u64, upTo } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";
import { installation } from "../_types/installation.ts";

/** The body of the prepare, and since 0.9.1-edge.2 of forward_completion too. */
export const revocationFields = {
  stream_id: streamId,
  topic_id: topicId,
  group_id: upTo("0.9.1-edge.1", u64("Consumer group, by number.")),
  source_client_id: upTo("0.9.1-edge.1", u128("Client that gives the partition up.")),
  partition_id: u32("Partition that moves."),
  installation: since("0.9.1-edge.2", installation),
  partition_op: since("0.9.1-edge.2", u64("Operation of the partition that did it.")),
};

/**
 * Hands a partition from one member of a group to the next; sent by replicas only.
 *
 * Source: apache/iggy core/metadata/src/stm/consumer_group.rs at server-0.9.0-edge.5; sizes in
 * src/consensus/header.rs of the crate iggy_binary_protocol 0.11.1-edge.2, where the order of the
 * fields is not stated.
 */
export default command({
  name: "complete_consumer_group_revocation",
  doc: "Hands a partition from one member of a group to the next; sent by replicas only.",
  operation: 67,
  since: "0.9-edge.2",
  request: revocationFields,
  response: {},
  info: ["stream_id", "topic_id", "group_id", "partition_id"],
});
