import {
  decode,
  encode,
  firstOf,
  lastOf,
  ReleaseSet,
  secretNames,
  soundCheck,
} from "../../core/schema/mod.ts";
import { optionKeys } from "../../plugins/_types/option_keys.ts";
import { requestOptions } from "../../plugins/_types/options.ts";
import { releases } from "../../plugins/releases.ts";
import { assertEquals } from "../support/assert.ts";

const option = (key: string) =>
  [{
    key_kind: "string",
    key,
    value_kind: "string",
    value: "x",
  }] as never;
const bytesOf = (key: string) => encode(requestOptions, option(key), lastOf("0.9"));
const issuesOf = (key: string, release: string) =>
  decode(requestOptions, bytesOf(key), firstOf(release)).issues
    .map(({ severity, message }) => `${severity}: ${message}`);

/** Upstream's catalogue by release: crate iggy_common, src/types/options/catalog.rs. */
const CATALOGUE: readonly (readonly [release: string, ...keys: string[]])[] = [
  [
    "0.9-edge.5",
    "compression_algorithm",
    "enforce_fsync",
    "max_topic_size",
    "message_expiry",
    "messages_required_to_save",
    "preallocate_segments",
    "segment_size",
    "size_of_messages_required_to_save",
  ],
  ["0.9-edge.9", "-enforce_fsync", "consumer_offset_durability", "durability"],
  [
    "0.9.1-edge.2",
    "critical_keys",
    "encryption_kek_fingerprint",
    "encryption_key",
    "encryption_key_fingerprint",
    "encryption_key_source",
    "encryption_key_wrapped",
    "name",
    "partition_resize_policy",
    "status",
    "username",
  ],
  ["0.9.1-edge.7", "replication_factor"],
];

Deno.test("each release knows the options of its own catalogue", () => {
  const wanted = new Set<string>();
  const rows = new Map(CATALOGUE.map(([release, ...keys]) => [release, keys]));
  for (const { name: release } of releases) {
    for (const key of rows.get(release) ?? []) {
      if (key.startsWith("-")) wanted.delete(key.slice(1));
      else wanted.add(key);
    }
    if (wanted.size === 0) continue;
    const known = optionKeys.filter(({ since, upTo }) =>
      (since === undefined || firstOf(since) <= firstOf(release)) &&
      (upTo === undefined || lastOf(upTo) >= firstOf(release))
    ).map(({ name }) => name);
    assertEquals(known.sort(), [...wanted].sort(), release);
  }
  assertEquals(secretNames(optionKeys), ["encryption_key", "encryption_key_wrapped"]);
});

Deno.test("an option of a later release is reported, an unknown one is newer", () => {
  assertEquals(issuesOf("replication_factor", "0.9.1-edge.2"), [
    "warn: option replication_factor came with release 0.9.1-edge.7",
  ]);
  assertEquals(issuesOf("replication_factor", "0.9.1-edge.7"), []);
  assertEquals(issuesOf("durability", "0.9-edge.5"), [
    "warn: option durability came with release 0.9-edge.9",
  ]);
  // A server keeps what it was given before; upstream's codec takes it in every release.
  assertEquals(issuesOf("enforce_fsync", "0.9.1-edge.8"), []);
  assertEquals(issuesOf("warp_factor", "0.9.1-edge.8"), [
    "note: option warp_factor is newer than this program knows",
  ]);
});

Deno.test("an option tells releases apart, and a compiled check leaves it to the reader", () => {
  const all = releases.map(({ name }) => firstOf(name)).slice(6);
  const bytes = bytesOf("replication_factor");
  const set = new ReleaseSet(all);
  set.read(requestOptions, bytes, 0, bytes.length);
  assertEquals(set.text, "0.9.1-edge.7+");
  const sound = (key: string, release: string) => {
    const given = bytesOf(key);
    return soundCheck(requestOptions, firstOf(release))?.(given, 0, given.length);
  };
  assertEquals(sound("replication_factor", "0.9.1-edge.7"), true);
  assertEquals(sound("replication_factor", "0.9.1-edge.5"), false);
  assertEquals(sound("warp_factor", "0.9.1-edge.8"), false);
  assertEquals(sound("enforce_fsync", "0.9.1-edge.8"), true);
});
