import {
  byRelease,
  byTag,
  described,
  list,
  orBytes,
  since,
  sized,
  struct,
  textRest,
  u32,
  unordered,
  upTo,
  within,
} from "../../core/schema/mod.ts";
import { valueForms, valueKind } from "./typed_value.ts";

const length = within(u32(), 1, 255);

const userHeader = struct({
  key_kind: since("0.7", described(valueKind, "How the key reads.")),
  key: byRelease<unknown>(
    since("0.7", sized(length, byTag("key_kind", valueForms, "Key, 1 to 255 bytes."))),
    upTo("0.6", sized(length, textRest("Key, 1 to 255 bytes."))),
  ),
  value_kind: valueKind,
  value: sized(length, byTag("value_kind", valueForms, "Value, 1 to 255 bytes.")),
});

/**
 * The user headers of a message, repeated to the end of their part. Servers never look into
 * them, and client-side encryption may hide them: what does not parse stays bytes.
 *
 * Source: apache/iggy core/binary_protocol/src/primitives/user_headers.rs at server-0.8.0;
 * core/common/src/types/message/user_headers.rs at server-0.5.0.
 */
export const userHeaders = orBytes(
  unordered(list(userHeader, undefined, "user headers")),
);
