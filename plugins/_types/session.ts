import {
  fixedBytes,
  name8,
  open,
  secret,
  since,
  struct,
  timestamp,
  u128,
  u32,
  u64,
  volatile,
} from "../../core/schema/mod.ts";

/**
 * The client at the head of a login of the VSR generation.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/users/login_register.rs at
 * server-0.9.0-edge.5; src/version.rs of the crate iggy_binary_protocol 0.11.1-edge.8.
 */
export const versionInfo = struct({
  protocol_version: u32("Version of the protocol: major << 20 | minor << 10 | patch."),
  sdk_name: open(name8("Name of the client library, such as rust-sdk.")),
  sdk_version: open(name8("Version of the client library.")),
}, "What the client is.");

/**
 * What a client proves with that a session is its own, on each connection after the first.
 *
 * Source: src/requests/users/login_register.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.2.
 */
export const bindSecret = since(
  "0.9.1-edge.2",
  secret(fixedBytes(32, "Secret that binds further connections to the session.")),
);

/**
 * A login as replicas pass it on; empty up to 0.9.1-edge.1.
 *
 * Source: src/requests/users/login_register.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.2.
 */
export const registration = {
  user_created_at: since("0.9.1-edge.2", timestamp("When the user was created.")),
  bind_verifier: since(
    "0.9.1-edge.2",
    secret(fixedBytes(32, "What a bind secret is checked with.")),
  ),
};

/** The answer to a login of the VSR generation. */
export const registered = {
  user_id: u32("User who logged in; root is 0."),
  session: volatile(
    u64("Session for all later requests: the op of the committed login."),
  ),
  server_protocol_version: u32("As protocol_version of the request."),
  server_version: open(name8("Release of the server, such as 0.9.0-edge.5.")),
};

/** The fields that name a session. */
export const sessionIdentityFields = {
  client_id: u128("Id of the client, chosen by it at login."),
  session: u64("Session: the op of the committed login."),
  metadata_watermark: u64("Metadata operation that a server has to know first."),
};

/**
 * A session, as requests that are made on its behalf name it.
 *
 * Source: src/requests/system/bind_session.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.2; attach_consumer_session.rs of 0.11.0.
 */
export const sessionIdentity = struct(sessionIdentityFields, "The session.");
