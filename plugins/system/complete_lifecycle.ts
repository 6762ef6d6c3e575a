import { command, counted, struct, u32, u64 } from "../../core/schema/mod.ts";

const completion = struct({
  topic_id: u32("Topic."),
  partition_id: u32("Partition."),
  partition_op: u64("Operation of the partition that did it."),
});

/** The body of the prepare, and of forward_completion. */
export const lifecycleFields = {
  metadata_op: u64("Metadata operation that is complete."),
  stream_id: u32("Stream."),
  completions: counted(
    u32(),
    completion,
    "Partitions that have done their part, to 1024.",
  ),
};

/**
 * Says which partitions have carried out a metadata operation; sent by replicas only.
 *
 * Source: src/consensus/header.rs of the crate iggy_binary_protocol 0.11.1-edge.2: sizes and
 * names; the order is that of its comments.
 */
export default command({
  name: "complete_lifecycle",
  doc: "Says which partitions carried out a metadata operation; sent by replicas only.",
  operation: 71,
  since: "0.9.1-edge.2",
  request: lifecycleFields,
  response: {},
  info: ["metadata_op", "stream_id"],
});
