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

/** All commands, area by area, in the order of their codes. */
export const iggyCommands: readonly Command[] = [
  // system
  ping,
  getStats,
  getSnapshotFile,
  getClusterMetadata,
  describeOptions,
  attachConsumerSession,
  bindSession,
  updateResource,
  getMetadataChanges,
  getMe,
  getClient,
  getClients,
  finalizeSession,
  completeLifecycle,
  retireSession,
  // users
  getUser,
  getUsers,
  createUser,
  deleteUser,
  updateUser,
  updatePermissions,
  changePassword,
  loginUser,
  logoutUser,
  loginRegister,
  loginRegisterWithPat,
  updateUserResolved,
  // personal_access_tokens
  getPersonalAccessTokens,
  createPersonalAccessToken,
  deletePersonalAccessToken,
  loginWithPersonalAccessToken,
  // messages
  pollMessages,
  sendMessages,
  flushUnsavedBuffer,
  getPollRouting,
  pollMessagesOnPrimary,
  pollMessagesDeferred,
  waitForMessages,
  cancelDeferredRequest,
  fetchMessages,
  // consumer_offsets
  getConsumerOffset,
  storeConsumerOffset,
  deleteConsumerOffset,
  storeConsumerOffset2,
  getConsumerOffsetRouting,
  deleteConsumerOffset2,
  // streams
  getStream,
  getStreams,
  createStream,
  deleteStream,
  updateStream,
  purgeStream,
  updateStreamResolved,
  rewrapStreamKeys,
  // topics
  getTopic,
  getTopics,
  createTopic,
  deleteTopic,
  updateTopic,
  purgeTopic,
  createTopicWithAssignments,
  updateTopicResolved,
  // partitions
  getPartitionRoute,
  createPartitions,
  deletePartitions,
  createPartitionsWithAssignments,
  installConsumerGroupOwner,
  transitionPartitionHistory,
  retireConsumerGroupOwners,
  // segments
  deleteSegments,
  truncatePartition,
  // consumer_groups
  getConsumerGroup,
  getConsumerGroups,
  createConsumerGroup,
  deleteConsumerGroup,
  joinConsumerGroup,
  leaveConsumerGroup,
  syncConsumerGroup,
  completeConsumerGroupRevocation,
];
