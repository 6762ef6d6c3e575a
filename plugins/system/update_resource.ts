import {
  command,
  counted,
  enumeration,
  name8,
  onlyIf,
  struct,
  u8,
} from "../../core/schema/mod.ts";
import { streamId, topicId, userId } from "../_types/identifier.ts";
import { requestOptions } from "../_types/options.ts";

const target = struct({
  scope: enumeration({ 1: "topic", 2: "stream", 3: "user" }, "What is changed."),
  stream_id: onlyIf("scope", ["topic", "stream"], streamId),
  topic_id: onlyIf("scope", ["topic"], topicId),
  user_id: onlyIf("scope", ["user"], userId),
}, "What is changed.");

/**
 * Changes or resets options of a topic, stream or user; its name is one of them.
 *
 * Source: src/{requests,responses}/system/update_resource.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.2.
 */
export default command({
  name: "update_resource",
  doc: "Changes or resets options of a topic, stream or user.",
  code: 16,
  operation: 150,
  since: "0.9.1-edge.2",
  request: {
    target,
    reset: counted(u8(), name8("Name of an option."), "Options to set to their default."),
    options: requestOptions,
  },
  response: {},
  info: ["target"],
});
