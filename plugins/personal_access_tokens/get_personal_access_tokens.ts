import {
  command,
  list,
  name8,
  struct,
  timestamp,
  unordered,
} from "../../core/schema/mod.ts";

const token = struct({
  name: name8("Name of the token, 3 to 30 bytes."),
  expiry_at: timestamp("When the token ends; 0 is never."),
});

/**
 * Lists the user's personal access tokens, without the tokens themselves.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/personal_access_tokens/get_personal_access_tokens.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/personal_access_tokens/get_personal_access_tokens.rs at
 * server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "get_personal_access_tokens",
  doc: "Lists the user's personal access tokens, without the tokens themselves.",
  code: 41,
  request: {},
  response: { tokens: unordered(list(token, undefined, "Tokens, in any order.")) },
});
