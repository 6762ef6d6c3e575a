//! Judges the conformance vectors by upstream's published codec: what they call valid it has to
//! decode whole and encode to the same bytes. Reads names of vectors (paths without `.bin`) of
//! its own release from standard input; prints a line for each that fails, then the counts.

use iggy_binary_protocol::requests::{
    consumer_groups::*, consumer_offsets::*, messages::*, partitions::*, personal_access_tokens::*,
    segments::*, streams::*, system::*, topics::*, users::*,
};
use iggy_binary_protocol::responses::{
    clients::*, consumer_groups as groups, consumer_offsets as offsets,
    personal_access_tokens as tokens, streams as stream_responses, system as system_responses,
    topics as topic_responses, users as user_responses,
};
use iggy_binary_protocol::{WireDecode, WireEncode};
use std::io::BufRead;

/// The bytes that encoding what was decoded gives; an error in words where decoding fails.
type Judged = Result<Vec<u8>, String>;

fn judge<T: WireDecode + WireEncode>(bytes: &[u8]) -> Judged {
    let (value, used) = T::decode(bytes).map_err(|error| error.to_string())?;
    if used != bytes.len() {
        return Err(format!("{used} of {} bytes are read", bytes.len()));
    }
    Ok(value.to_bytes().to_vec())
}

/// The judge of a payload; none where the crate has no type for it that both reads and writes.
fn judge_of(command: &str, direction: &str) -> Option<fn(&[u8]) -> Judged> {
    Some(match (direction, command) {
        ("request", "get_me") => judge::<GetMeRequest>,
        ("request", "ping") => judge::<PingRequest>,
        ("request", "get_stats") => judge::<GetStatsRequest>,
        ("request", "get_client") => judge::<GetClientRequest>,
        ("request", "get_clients") => judge::<GetClientsRequest>,
        ("request", "get_cluster_metadata") => judge::<GetClusterMetadataRequest>,
        ("request", "get_snapshot_file") => judge::<GetSnapshotRequest>,
        ("request", "describe_options") => judge::<DescribeOptionsRequest>,
        ("request", "get_user") => judge::<GetUserRequest>,
        ("request", "get_users") => judge::<GetUsersRequest>,
        ("request", "create_user") => judge::<CreateUserRequest>,
        ("request", "delete_user") => judge::<DeleteUserRequest>,
        ("request", "update_permissions") => judge::<UpdatePermissionsRequest>,
        ("request", "change_password") => judge::<ChangePasswordRequest>,
        ("request", "login_register") => judge::<LoginRegisterRequest>,
        ("request", "login_register_with_pat") => judge::<LoginRegisterWithPatRequest>,
        ("request", "get_personal_access_tokens") => judge::<GetPersonalAccessTokensRequest>,
        ("request", "create_personal_access_token") => judge::<CreatePersonalAccessTokenRequest>,
        ("request", "delete_personal_access_token") => judge::<DeletePersonalAccessTokenRequest>,
        ("request", "get_stream") => judge::<GetStreamRequest>,
        ("request", "get_streams") => judge::<GetStreamsRequest>,
        ("request", "create_stream") => judge::<CreateStreamRequest>,
        ("request", "delete_stream") => judge::<DeleteStreamRequest>,
        ("request", "get_topic") => judge::<GetTopicRequest>,
        ("request", "get_topics") => judge::<GetTopicsRequest>,
        ("request", "create_topic") => judge::<CreateTopicRequest>,
        ("request", "delete_topic") => judge::<DeleteTopicRequest>,
        ("request", "create_partitions") => judge::<CreatePartitionsRequest>,
        ("request", "delete_partitions") => judge::<DeletePartitionsRequest>,
        ("request", "get_partition_route") => judge::<GetPartitionRouteRequest>,
        ("request", "delete_segments") => judge::<DeleteSegmentsRequest>,
        ("request", "poll_messages") => judge::<PollMessagesRequest>,
        ("request", "fetch_messages") => judge::<FetchMessagesRequest>,
        ("request", "get_consumer_offset") => judge::<GetConsumerOffsetRequest>,
        ("request", "store_consumer_offset") => judge::<StoreConsumerOffsetRequest>,
        ("request", "delete_consumer_offset") => judge::<DeleteConsumerOffsetRequest>,
        ("request", "get_consumer_group") => judge::<GetConsumerGroupRequest>,
        ("request", "get_consumer_groups") => judge::<GetConsumerGroupsRequest>,
        ("request", "create_consumer_group") => judge::<CreateConsumerGroupRequest>,
        ("request", "delete_consumer_group") => judge::<DeleteConsumerGroupRequest>,
        ("request", "join_consumer_group") => judge::<JoinConsumerGroupRequest>,
        ("request", "leave_consumer_group") => judge::<LeaveConsumerGroupRequest>,
        ("request", "sync_consumer_group") => judge::<SyncConsumerGroupRequest>,
        ("response", "get_client") => judge::<ClientDetailsResponse>,
        ("response", "get_me") => judge::<ClientDetailsResponse>,
        ("response", "get_clients") => judge::<GetClientsResponse>,
        ("response", "get_stats") => judge::<system_responses::StatsResponse>,
        ("response", "get_cluster_metadata") => judge::<system_responses::ClusterMetadataResponse>,
        ("response", "describe_options") => judge::<system_responses::DescribeOptionsResponse>,
        ("response", "get_user") => judge::<user_responses::UserDetailsResponse>,
        ("response", "get_users") => judge::<user_responses::GetUsersResponse>,
        ("response", "login_register") => judge::<user_responses::LoginRegisterResponse>,
        ("response", "login_register_with_pat") => judge::<user_responses::LoginRegisterResponse>,
        ("response", "create_personal_access_token") => {
            judge::<tokens::RawPersonalAccessTokenResponse>
        }
        ("response", "get_stream") => judge::<stream_responses::GetStreamResponse>,
        ("response", "get_streams") => judge::<stream_responses::GetStreamsResponse>,
        ("response", "create_stream") => judge::<stream_responses::CreateStreamResponse>,
        ("response", "get_topic") => judge::<topic_responses::GetTopicResponse>,
        ("response", "create_topic") => judge::<topic_responses::CreateTopicResponse>,
        ("response", "get_consumer_offset") => judge::<offsets::ConsumerOffsetResponse>,
        ("response", "get_consumer_group") => judge::<groups::ConsumerGroupDetailsResponse>,
        ("response", "get_consumer_groups") => judge::<groups::GetConsumerGroupsResponse>,
        ("response", "sync_consumer_group") => judge::<groups::SyncConsumerGroupResponse>,
        _ => return None,
    })
}

/// Whether an optional tail that was absent was written as zeros: the crate keeps no note of that.
fn is_tail_added(again: &[u8], bytes: &[u8]) -> bool {
    again.starts_with(bytes) && again[bytes.len()..].iter().all(|byte| *byte == 0)
}

fn main() {
    let (mut equal, mut other, mut unknown) = (0, 0, 0);
    for name in std::io::stdin().lock().lines().map_while(Result::ok) {
        let json = std::fs::read(format!("{name}.json")).expect("a vector's JSON");
        let bytes = std::fs::read(format!("{name}.bin")).expect("a vector's bytes");
        let record: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        let Some(judge) = judge_of(&text("command"), &text("direction")) else {
            unknown += 1;
            continue;
        };
        match judge(&bytes) {
            Ok(again) if again == bytes || is_tail_added(&again, &bytes) => equal += 1,
            Ok(_) => {
                other += 1;
                println!("{name}: encoded to other bytes");
            }
            Err(error) => {
                other += 1;
                println!("{name}: {error}");
            }
        }
    }
    println!("{equal} equal, {other} not, {unknown} not judged");
}
