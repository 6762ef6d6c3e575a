import {
  countOf,
  idFrom,
  list,
  listOfCount,
  name8,
  struct,
  u32,
} from "../../core/schema/mod.ts";

/**
 * A consumer group as responses describe it.
 *
 * Source: apache/iggy core/binary_protocol/src/responses/consumer_groups/
 * consumer_group_response.rs at server-0.8.0; core/common/src/types/consumer/consumer_group.rs
 * at server-0.5.0.
 */
export const groupHeader = {
  id: idFrom("0.6", "Number of the group in its topic."),
  partitions_count: u32("Partitions that the group reads."),
  members_count: u32("Members of the group."),
  name: name8("Name, 1 to 255 bytes."),
};

const member = struct({
  id: u32("Client up to 0.5; number of the member in the group since 0.6."),
  partitions_count: countOf(u32("Partitions assigned to the member."), "partitions"),
  partitions: listOfCount(
    idFrom("0.6", "Partition assigned to the member."),
    "partitions_count",
  ),
});

/** A consumer group with its members. */
export const groupDetails = {
  ...groupHeader,
  members_count: countOf(groupHeader.members_count, "members"),
  members: list(member, "members_count", "Members of the group."),
};
