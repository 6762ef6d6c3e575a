import {
  byTag,
  command,
  counted,
  described,
  enumeration,
  name8,
  open,
  since,
  sized,
  struct,
  text32,
  u32,
  u8,
} from "../../core/schema/mod.ts";
import { valueForms, valueKind } from "../_types/typed_value.ts";

const option = open(struct({
  key: name8("Name of the option."),
  kind: described(valueKind, "How its value reads."),
  flags: since(
    "0.9.1-edge.2",
    u8("Bits: 1 updatable, 2 resettable, 4 secret, 8 read-only, 16 critical."),
  ),
  default_value: sized(u32(), byTag("kind", valueForms, "Value where none is given.")),
  description: text32("What the option does."),
}));

/**
 * Lists the options that topics, streams or users can be given.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/system/describe_options.rs at
 * server-0.9.0-edge.5; src/responses/system/describe_options.rs of the crate
 * iggy_binary_protocol 0.11.1-edge.2.
 */
export default command({
  name: "describe_options",
  doc: "Lists the options that topics, streams or users can be given.",
  code: 13,
  since: "0.9-edge.4",
  request: {
    scope: enumeration({ 1: "topic", 2: "stream", 3: "user" }, "Whose options."),
  },
  response: {
    entries: counted(u32(), option, "Options, in the server's order."),
  },
  info: ["scope"],
});
