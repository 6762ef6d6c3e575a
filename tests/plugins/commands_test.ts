import { firstOf, LATEST, layoutBorders, walkFields } from "../../core/schema/mod.ts";
import { commandsList } from "../../plugins/commands_list.ts";
import { iggyCommands, statusCodes, statusName } from "../../plugins/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { allBodies, commandOf } from "./bodies.ts";

/** Name, code, operation, and the command in whose place it is replicated. */
const COMMANDS: readonly [string, number | null, number | null, string | null][] = [
  ["ping", 1, null, null],
  ["get_stats", 10, null, null],
  ["get_snapshot_file", 11, null, null],
  ["get_cluster_metadata", 12, null, null],
  ["describe_options", 13, null, null],
  ["get_me", 20, null, null],
  ["get_client", 21, null, null],
  ["get_clients", 22, null, null],
  ["get_user", 31, null, null],
  ["get_users", 32, null, null],
  ["create_user", 33, 141, null],
  ["delete_user", 34, 143, null],
  ["update_user", 35, 142, null],
  ["update_permissions", 36, 145, null],
  ["change_password", 37, 144, null],
  ["login_user", 38, null, null],
  ["logout_user", 39, 3, null],
  ["login_register", 40, 1, null],
  ["get_personal_access_tokens", 41, null, null],
  ["create_personal_access_token", 42, 146, null],
  ["delete_personal_access_token", 43, 147, null],
  ["login_with_personal_access_token", 44, null, null],
  ["login_register_with_pat", 45, 1, null],
  ["poll_messages", 100, null, null],
  ["send_messages", 101, 160, null],
  ["flush_unsaved_buffer", 102, null, null],
  ["get_consumer_offset", 120, null, null],
  ["store_consumer_offset", 121, 161, null],
  ["delete_consumer_offset", 122, 162, null],
  ["store_consumer_offset_2", 123, 164, null],
  ["delete_consumer_offset_2", 124, 165, null],
  ["get_stream", 200, null, null],
  ["get_streams", 201, null, null],
  ["create_stream", 202, 128, null],
  ["delete_stream", 203, 130, null],
  ["update_stream", 204, 129, null],
  ["purge_stream", 205, 131, null],
  ["get_topic", 300, null, null],
  ["get_topics", 301, null, null],
  ["create_topic", 302, 132, null],
  ["delete_topic", 303, 134, null],
  ["update_topic", 304, 133, null],
  ["purge_topic", 305, 135, null],
  ["create_partitions", 402, 136, null],
  ["delete_partitions", 403, 137, null],
  ["delete_segments", 503, 138, null],
  ["get_consumer_group", 600, null, null],
  ["get_consumer_groups", 601, null, null],
  ["create_consumer_group", 602, 139, null],
  ["delete_consumer_group", 603, 140, null],
  ["join_consumer_group", 604, 148, null],
  ["leave_consumer_group", 605, 149, null],
  ["sync_consumer_group", 606, null, null],
  ["complete_consumer_group_revocation", null, 67, null],
  ["attach_consumer_session", 14, null, null],
  ["bind_session", 15, null, null],
  ["update_resource", 16, 150, null],
  ["get_metadata_changes", 17, null, null],
  ["get_poll_routing", 103, null, null],
  ["poll_messages_on_primary", 104, null, null],
  ["get_partition_route", 105, null, null],
  ["poll_messages_deferred", 106, null, null],
  ["wait_for_messages", 107, null, null],
  ["cancel_deferred_request", 108, null, null],
  ["fetch_messages", 109, null, null],
  ["get_consumer_offset_routing", 123, null, null],
  ["create_topic_with_assignments", null, 64, "create_topic"],
  ["create_partitions_with_assignments", null, 65, "create_partitions"],
  ["truncate_partition", null, 68, "delete_segments"],
  ["finalize_session", null, 70, null],
  ["complete_lifecycle", null, 71, null],
  ["update_stream_resolved", null, 72, "update_resource"],
  ["update_topic_resolved", null, 73, "update_resource"],
  ["update_user_resolved", null, 74, "update_resource"],
  ["rewrap_stream_keys", null, 75, null],
  ["retire_session", null, 166, null],
  ["install_consumer_group_owner", null, 167, null],
  ["transition_partition_history", null, 168, null],
  ["retire_consumer_group_owners", null, 169, null],
];

Deno.test("codes and operations are those of the protocol sheets", () => {
  const listed = iggyCommands.map(({ name, code, operation, replicates }) =>
    [name, code, operation, replicates] as [string, number, number, string]
  );
  const byName = <T extends readonly [string, ...unknown[]]>(rows: readonly T[]) =>
    rows.toSorted(([a], [b]) => a < b ? -1 : 1);
  assertEquals(byName(listed), byName(COMMANDS) as typeof listed);
});

Deno.test("plugins/commands.ts lists every file: deno task commands writes it", async () => {
  const written = await Deno.readTextFile(
    new URL("../../plugins/commands.ts", import.meta.url),
  );
  assertEquals(written, await commandsList());
});

Deno.test("plugins hold data only and name their source", async () => {
  const plugins = new URL("../../plugins/", import.meta.url);
  for (const area of Deno.readDirSync(plugins)) {
    if (!area.isDirectory || area.name === "framings") continue;
    for (const file of Deno.readDirSync(new URL(`${area.name}/`, plugins))) {
      const path = `${area.name}/${file.name}`;
      const text = await Deno.readTextFile(new URL(path, plugins));
      assert(/ \* Source: (apache\/iggy\s|src\/)/.test(text), `${path} names no source`);
      const code = text.replace(/\/\*\*[^]*?\*\//g, "").replace(/"[^"]*"/g, '""');
      const word = /\b(if|for|while|function|switch)\b|=>/.exec(code);
      assertEquals(word?.[0], undefined, path);
    }
  }
});

Deno.test("every field says what it means", () => {
  for (const { name, kind } of allBodies) {
    walkFields(kind, name, ({ path, kind }) => {
      assert(kind.doc !== "" || kind.forms?.some(({ doc }) => doc !== ""), path);
    });
  }
});

Deno.test("the one-line summary names fields that exist", () => {
  for (const { name, info, request, response } of iggyCommands) {
    const paths: string[] = [];
    for (const kind of [request, response]) {
      walkFields(kind, "", ({ path }) => paths.push(path.replace(/^\./, "")));
    }
    assertEquals(info.filter((path) => !paths.includes(path)), [], name);
  }
});

Deno.test("commands of single releases say so", () => {
  const range = (name: string) => [commandOf(name).from, commandOf(name).to];
  assertEquals(range("ping"), [0, LATEST]);
  assertEquals(range("describe_options"), [firstOf("0.9-edge.4"), LATEST]);
  assertEquals(range("login_register"), [firstOf("0.9-edge.2"), LATEST]);
  assertEquals(range("store_consumer_offset_2"), [
    firstOf("0.9-edge.2"),
    firstOf("0.9-edge.4"),
  ]);
});

Deno.test("result sections precede the replies of replicated commands but for some", () => {
  const without = iggyCommands.filter(({ operation, resultSection }) =>
    operation !== null && !resultSection
  );
  assertEquals(without.map(({ name }) => name), [
    "retire_session",
    "logout_user",
    "send_messages",
    "install_consumer_group_owner",
    "transition_partition_history",
    "retire_consumer_group_owners",
  ]);
  const read = iggyCommands.filter(({ operation }) => operation === null);
  assertEquals(read.filter(({ resultSection }) => resultSection), []);
});

Deno.test("both generations' messages have one path", () => {
  const paths: string[] = [];
  walkFields(
    commandOf("poll_messages").response,
    "iggy.poll_messages.response",
    (field) => {
      paths.push(field.path);
    },
  );
  const offsets = paths.filter((path) =>
    path === "iggy.poll_messages.response.messages.offset"
  );
  assertEquals(offsets.length, 2);
  assert(paths.includes("iggy.poll_messages.response.batches.base_offset"));
});

Deno.test("passwords, tokens and their hashes are secret", () => {
  const secrets: string[] = [];
  for (const { name, kind } of allBodies) {
    walkFields(kind, name, ({ path, kind }) => {
      if (kind.secret) secrets.push(path);
    });
  }
  assertEquals(secrets.toSorted(), [
    "bind_session request.bind_secret",
    "change_password request.current_password",
    "change_password request.new_password",
    "create_personal_access_token prepare.token_hash",
    "create_personal_access_token response.token",
    "create_user request.password",
    "login_register prepare.bind_verifier",
    "login_register request.bind_secret",
    "login_register request.password",
    "login_register_with_pat prepare.bind_verifier",
    "login_register_with_pat request.bind_secret",
    "login_register_with_pat request.token",
    "login_user request.password",
    "login_with_personal_access_token request.token",
    "rewrap_stream_keys request.entries.wrap_set",
  ]);
});

Deno.test("statuses have one name each at a release", () => {
  assertEquals(statusCodes.length, 271);
  assertEquals(statusName(0), "ok");
  assertEquals(statusName(42, firstOf("0.8")), "invalid_credentials");
  assertEquals(statusName(58, firstOf("0.9-edge.5")), "transient_not_accepted");
  assertEquals(statusName(400), "web_socket_error");
  assertEquals(statusName(1011, firstOf("0.5")), "stream_id_already_exists");
  assertEquals(statusName(1011, firstOf("0.6")), "stream_directory_not_found");
  assertEquals(statusName(999_999), null);
});

Deno.test("a value that some releases cannot have is a border between layouts", () => {
  const borders = (name: string) =>
    [...layoutBorders(commandOf(name).response)].toSorted((a, b) => a - b);
  assertEquals(borders("login_user"), [firstOf("0.6")]);
  assertEquals(borders("ping"), []);
});
