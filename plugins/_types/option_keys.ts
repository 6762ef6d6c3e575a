import type { ListedName } from "../../core/schema/mod.ts";

/** An option: what can have it, and the releases that know it. */
export interface OptionKey extends ListedName {
  readonly of: readonly ("stream" | "topic" | "user")[];
}

const DURABILITY = "0.9-edge.9";
const E2 = "0.9.1-edge.2";

/**
 * Every option, those that only replicas and the server itself write too. A server refuses a
 * key that its release does not have (4041). Options came with 0.9-edge.4; a key without
 * marks is as old.
 *
 * Source: apache/iggy core/common/src/types/options/ at server-0.9.0-edge.5;
 * src/types/options/catalog.rs of the crate iggy_common 0.11.0-edge.8 and 0.11.1-edge.10.
 */
export const optionKeys: readonly OptionKey[] = [
  { name: "compression_algorithm", of: ["topic"] },
  { name: "message_expiry", of: ["topic"] },
  { name: "max_topic_size", of: ["topic"] },
  { name: "segment_size", of: ["topic"] },
  { name: "enforce_fsync", of: ["topic"], upTo: "0.9-edge.8" },
  { name: "durability", of: ["topic"], since: DURABILITY },
  { name: "consumer_offset_durability", of: ["topic"], since: DURABILITY },
  { name: "partition_resize_policy", of: ["topic"], since: E2 },
  { name: "messages_required_to_save", of: ["topic"] },
  { name: "size_of_messages_required_to_save", of: ["topic"] },
  { name: "preallocate_segments", of: ["topic"] },
  { name: "replication_factor", of: ["topic"], since: "0.9.1-edge.7" },
  { name: "name", of: ["stream", "topic"], since: E2 },
  { name: "username", of: ["user"], since: E2 },
  { name: "status", of: ["user"], since: E2 },
  { name: "encryption_key", of: ["stream"], since: E2, secret: true },
  { name: "encryption_key_wrapped", of: ["stream"], since: E2, secret: true },
  { name: "critical_keys", of: ["stream", "topic", "user"], since: E2 },
  { name: "encryption_key_source", of: ["stream"], since: E2 },
  { name: "encryption_key_fingerprint", of: ["stream"], since: E2 },
  { name: "encryption_kek_fingerprint", of: ["stream"], since: E2 },
];
