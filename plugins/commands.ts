/**
 * @module
 * Every command of Apache Iggy, made by `deno task commands` of the files in the folders
 * beside this one; do not edit it.
 */
import type { Command } from "../core/schema/mod.ts";
import ping from "./system/ping.ts";
import getStats from "./system/get_stats.ts";
import getSnapshotFile from "./system/get_snapshot_file.ts";
import getClusterMetadata from "./system/get_cluster_metadata.ts";
import describeOptions from "./system/describe_options.ts";
import attachConsumerSession from "./system/attach_consumer_session.ts";
import bindSession from "./system/bind_session.ts";
import updateResource from "./system/update_resource.ts";
import getMetadataChanges from "./system/get_metadata_changes.ts";
import getMe from "./system/get_me.ts";
import getClient from "./system/get_client.ts";
import getClients from "./system/get_clients.ts";
import finalizeSession from "./system/finalize_session.ts";
import completeLifecycle from "./system/complete_lifecycle.ts";
import retireSession from "./system/retire_session.ts";
import getUser from "./users/get_user.ts";
import getUsers from "./users/get_users.ts";
import createUser from "./users/create_user.ts";
import deleteUser from "./users/delete_user.ts";
import updateUser from "./users/update_user.ts";
import updatePermissions from "./users/update_permissions.ts";
import changePassword from "./users/change_password.ts";
import loginUser from "./users/login_user.ts";
import logoutUser from "./users/logout_user.ts";
import loginRegister from "./users/login_register.ts";
import loginRegisterWithPat from "./users/login_register_with_pat.ts";
import updateUserResolved from "./users/update_user_resolved.ts";
import getPersonalAccessTokens from "./personal_access_tokens/get_personal_access_tokens.ts";
import createPersonalAccessToken from "./personal_access_tokens/create_personal_access_token.ts";
import deletePersonalAccessToken from "./personal_access_tokens/delete_personal_access_token.ts";
import loginWithPersonalAccessToken from "./personal_access_tokens/login_with_personal_access_token.ts";
import pollMessages from "./messages/poll_messages.ts";
import sendMessages from "./messages/send_messages.ts";
import flushUnsavedBuffer from "./messages/flush_unsaved_buffer.ts";
import getPollRouting from "./messages/get_poll_routing.ts";
import pollMessagesOnPrimary from "./messages/poll_messages_on_primary.ts";
import pollMessagesDeferred from "./messages/poll_messages_deferred.ts";
import waitForMessages from "./messages/wait_for_messages.ts";
import cancelDeferredRequest from "./messages/cancel_deferred_request.ts";
import fetchMessages from "./messages/fetch_messages.ts";
import getConsumerOffset from "./consumer_offsets/get_consumer_offset.ts";
import storeConsumerOffset from "./consumer_offsets/store_consumer_offset.ts";
import deleteConsumerOffset from "./consumer_offsets/delete_consumer_offset.ts";
import storeConsumerOffset2 from "./consumer_offsets/store_consumer_offset_2.ts";
import getConsumerOffsetRouting from "./consumer_offsets/get_consumer_offset_routing.ts";
import deleteConsumerOffset2 from "./consumer_offsets/delete_consumer_offset_2.ts";
import getStream from "./streams/get_stream.ts";
import getStreams from "./streams/get_streams.ts";
import createStream from "./streams/create_stream.ts";
import deleteStream from "./streams/delete_stream.ts";
import updateStream from "./streams/update_stream.ts";
import purgeStream from "./streams/purge_stream.ts";
import updateStreamResolved from "./streams/update_stream_resolved.ts";
import rewrapStreamKeys from "./streams/rewrap_stream_keys.ts";
import getTopic from "./topics/get_topic.ts";
import getTopics from "./topics/get_topics.ts";
import createTopic from "./topics/create_topic.ts";
import deleteTopic from "./topics/delete_topic.ts";
import updateTopic from "./topics/update_topic.ts";
import purgeTopic from "./topics/purge_topic.ts";
import createTopicWithAssignments from "./topics/create_topic_with_assignments.ts";
import updateTopicResolved from "./topics/update_topic_resolved.ts";
import getPartitionRoute from "./partitions/get_partition_route.ts";
import createPartitions from "./partitions/create_partitions.ts";
import deletePartitions from "./partitions/delete_partitions.ts";
import createPartitionsWithAssignments from "./partitions/create_partitions_with_assignments.ts";
import installConsumerGroupOwner from "./partitions/install_consumer_group_owner.ts";
import transitionPartitionHistory from "./partitions/transition_partition_history.ts";
import retireConsumerGroupOwners from "./partitions/retire_consumer_group_owners.ts";
import deleteSegments from "./segments/delete_segments.ts";
import truncatePartition from "./segments/truncate_partition.ts";
import getConsumerGroup from "./consumer_groups/get_consumer_group.ts";
import getConsumerGroups from "./consumer_groups/get_consumer_groups.ts";
import createConsumerGroup from "./consumer_groups/create_consumer_group.ts";
import deleteConsumerGroup from "./consumer_groups/delete_consumer_group.ts";
import joinConsumerGroup from "./consumer_groups/join_consumer_group.ts";
import leaveConsumerGroup from "./consumer_groups/leave_consumer_group.ts";
import syncConsumerGroup from "./consumer_groups/sync_consumer_group.ts";
import completeConsumerGroupRevocation from "./consumer_groups/complete_consumer_group_revocation.ts";

/** Every command by its name, area by area, in the order of their codes. */
export const commands = {
  // system
  ping,
  get_stats: getStats,
  get_snapshot_file: getSnapshotFile,
  get_cluster_metadata: getClusterMetadata,
  describe_options: describeOptions,
  attach_consumer_session: attachConsumerSession,
  bind_session: bindSession,
  update_resource: updateResource,
  get_metadata_changes: getMetadataChanges,
  get_me: getMe,
  get_client: getClient,
  get_clients: getClients,
  finalize_session: finalizeSession,
  complete_lifecycle: completeLifecycle,
  retire_session: retireSession,
  // users
  get_user: getUser,
  get_users: getUsers,
  create_user: createUser,
  delete_user: deleteUser,
  update_user: updateUser,
  update_permissions: updatePermissions,
  change_password: changePassword,
  login_user: loginUser,
  logout_user: logoutUser,
  login_register: loginRegister,
  login_register_with_pat: loginRegisterWithPat,
  update_user_resolved: updateUserResolved,
  // personal_access_tokens
  get_personal_access_tokens: getPersonalAccessTokens,
  create_personal_access_token: createPersonalAccessToken,
  delete_personal_access_token: deletePersonalAccessToken,
  login_with_personal_access_token: loginWithPersonalAccessToken,
  // messages
  poll_messages: pollMessages,
  send_messages: sendMessages,
  flush_unsaved_buffer: flushUnsavedBuffer,
  get_poll_routing: getPollRouting,
  poll_messages_on_primary: pollMessagesOnPrimary,
  poll_messages_deferred: pollMessagesDeferred,
  wait_for_messages: waitForMessages,
  cancel_deferred_request: cancelDeferredRequest,
  fetch_messages: fetchMessages,
  // consumer_offsets
  get_consumer_offset: getConsumerOffset,
  store_consumer_offset: storeConsumerOffset,
  delete_consumer_offset: deleteConsumerOffset,
  store_consumer_offset_2: storeConsumerOffset2,
  get_consumer_offset_routing: getConsumerOffsetRouting,
  delete_consumer_offset_2: deleteConsumerOffset2,
  // streams
  get_stream: getStream,
  get_streams: getStreams,
  create_stream: createStream,
  delete_stream: deleteStream,
  update_stream: updateStream,
  purge_stream: purgeStream,
  update_stream_resolved: updateStreamResolved,
  rewrap_stream_keys: rewrapStreamKeys,
  // topics
  get_topic: getTopic,
  get_topics: getTopics,
  create_topic: createTopic,
  delete_topic: deleteTopic,
  update_topic: updateTopic,
  purge_topic: purgeTopic,
  create_topic_with_assignments: createTopicWithAssignments,
  update_topic_resolved: updateTopicResolved,
  // partitions
  get_partition_route: getPartitionRoute,
  create_partitions: createPartitions,
  delete_partitions: deletePartitions,
  create_partitions_with_assignments: createPartitionsWithAssignments,
  install_consumer_group_owner: installConsumerGroupOwner,
  transition_partition_history: transitionPartitionHistory,
  retire_consumer_group_owners: retireConsumerGroupOwners,
  // segments
  delete_segments: deleteSegments,
  truncate_partition: truncatePartition,
  // consumer_groups
  get_consumer_group: getConsumerGroup,
  get_consumer_groups: getConsumerGroups,
  create_consumer_group: createConsumerGroup,
  delete_consumer_group: deleteConsumerGroup,
  join_consumer_group: joinConsumerGroup,
  leave_consumer_group: leaveConsumerGroup,
  sync_consumer_group: syncConsumerGroup,
  complete_consumer_group_revocation: completeConsumerGroupRevocation,
} as const;

/** A command of Iggy. */
export type IggyCommand = typeof commands[keyof typeof commands];

/** All commands, in the same order. */
export const iggyCommands: readonly Command[] = Object.values(commands);
