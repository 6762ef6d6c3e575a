import { assertEquals } from "@std/assert";
import { dissectFixture } from "../support/dissect.ts";

/**
 * The calls that each client's program made, in its order. The requests are those of published
 * SDKs; the answers come from recorded samples, as no server of these releases was at hand.
 */
const CALLS: Readonly<Record<string, string>> = {
  "sdk-java-080.pcap": `
    login_user ping get_stats get_me get_clients create_stream get_stream get_streams
    update_stream create_topic update_topic get_topic get_topics send_messages send_messages
    send_messages poll_messages poll_messages poll_messages create_consumer_group
    join_consumer_group get_consumer_group get_consumer_groups store_consumer_offset
    get_consumer_offset leave_consumer_group delete_consumer_group create_partitions
    delete_partitions create_user get_user get_users update_permissions update_user
    change_password create_personal_access_token get_personal_access_tokens
    delete_personal_access_token login_with_personal_access_token delete_user delete_topic
    delete_stream logout_user`,
  "sdk-python-090.pcap": `
    login_register ping get_stats create_stream get_stream get_streams create_topic get_topic
    get_topics send_messages create_consumer_group get_consumer_groups get_consumer_group
    join_consumer_group leave_consumer_group get_users get_user create_user update_user
    change_password update_permissions delete_user purge_topic purge_stream create_partitions
    delete_partitions update_stream delete_topic delete_stream 9999 logout_user`,
  "sdk-rust-0111e9.pcap": `
    login_register ping get_stats get_me get_clients get_client create_stream get_stream
    get_streams create_topic get_topic get_topics send_messages send_messages
    send_messages get_topic send_messages poll_messages_deferred get_consumer_offset create_consumer_group
    get_consumer_groups get_consumer_group join_consumer_group sync_consumer_group
    poll_messages_deferred leave_consumer_group delete_consumer_group create_partitions
    delete_partitions delete_segments create_user get_user get_users update_permissions
    change_password create_personal_access_token get_personal_access_tokens
    delete_personal_access_token describe_options get_snapshot_file get_metadata_changes
    delete_user delete_topic delete_stream logout_user login_register_with_pat`,
};

/** What SDKs send by themselves (beside sending again what was not confirmed): who leads, where a partition lives, one more connection. */
const BY_ITSELF = /^(get_cluster_metadata|get_partition_route|bind_session)$/;

for (const [name, calls] of Object.entries(CALLS)) {
  Deno.test(`${name} shows what its client called, without an issue`, async () => {
    const transactions = await dissectFixture(name);
    // The Rust SDK logs in, pings and logs out once before it is asked to log in.
    const asked = transactions.map(({ command, code }) => command?.name ?? String(code))
      .filter((command) => !BY_ITSELF.test(command));
    const first = asked.indexOf("logout_user");
    const own = first < asked.length - 1 && first < 4 ? asked.slice(first + 1) : asked;
    assertEquals(own, calls.trim().split(/\s+/));
    for (const { name, issues, response } of transactions) {
      const unknown = issues.filter(({ message }) => !message.includes("code 9999"));
      assertEquals(unknown.map(({ message }) => message), [], name ?? "");
      assertEquals(response === null, false, name ?? "");
    }
  });
}
