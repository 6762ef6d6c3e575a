import {
  bytes,
  command,
  counted,
  fixedBytes,
  secret,
  sized,
  struct,
  u32,
  u64,
  u8,
} from "../../core/schema/mod.ts";

const entry = struct({
  stream_id: u32("Stream."),
  created_op: u64("Operation that created it."),
  key_fingerprint: fixedBytes(8, "Fingerprint of its key."),
  wrap_set: sized(
    u8(),
    secret(bytes("The stream's key, wrapped one to three times, in 78 bytes each.")),
  ),
});

/**
 * Wraps the keys of streams anew; sent by replicas only.
 *
 * Source: src/requests/streams/rewrap_stream_keys.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.2.
 */
export default command({
  name: "rewrap_stream_keys",
  doc: "Wraps the keys of streams anew; sent by replicas only.",
  operation: 75,
  since: "0.9.1-edge.2",
  request: { entries: counted(u32(), entry, "Streams with their keys.") },
  response: {},
});
