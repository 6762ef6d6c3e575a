import {
  command,
  duration,
  fixedText,
  name8,
  secret,
  u32,
} from "../../core/schema/mod.ts";

/**
 * Creates a personal access token; only this answer ever shows it.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/personal_access_tokens/create_personal_access_token.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/personal_access_tokens/create_personal_access_token.rs at
 * server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "create_personal_access_token",
  doc: "Creates a personal access token; only this answer ever shows it.",
  code: 42,
  operation: 146,
  request: {
    name: name8("Name of the token, 3 to 30 bytes."),
    expiry: duration("How long the token holds; 0 and 2^64-1 are for ever."),
  },
  response: { token: secret(name8("The token, 1 to 255 bytes.")) },
  prepare: {
    user_id: u32("User of the token."),
    name: name8("Name of the token."),
    expiry: duration("How long the token holds; 0 and 2^64-1 are for ever."),
    token_hash: secret(fixedText(64, "Hash of the token, in ASCII.")),
  },
  info: ["name"],
});
