import {
  byTag,
  described,
  distinctSamples,
  exactly,
  list,
  listed,
  nameRest,
  open,
  secretIf,
  secretNames,
  sized,
  struct,
  u32,
  within,
} from "../../core/schema/mod.ts";
import { optionKeys } from "./option_keys.ts";
import { valueForms, valueKind } from "./typed_value.ts";

const length = within(u32(), 1, 255);

const option = open(struct({
  key_kind: exactly(described(valueKind, "Always string."), "string"),
  key: sized(
    length,
    listed(
      nameRest("Name of the option, as describe_options lists them."),
      "option",
      optionKeys,
    ),
  ),
  value_kind: valueKind,
  value: sized(
    length,
    secretIf(
      "key",
      secretNames(optionKeys),
      byTag("value_kind", valueForms, "Value, 1 to 255 bytes."),
    ),
  ),
}));

/** Options one after another to the end of their part. */
export const optionBlock = distinctSamples(list(option, undefined, "Options."), "key");

/**
 * Options of a request, to its end.
 *
 * Source: apache/iggy core/binary_protocol/src/primitives/options.rs at server-0.9.0-edge.5.
 */
export const requestOptions = described(
  optionBlock,
  "Options of the resource; the server keeps those it was given.",
);

/** Options in a response: u32 length, then as in a request. */
export const responseOptions = sized(
  u32(),
  described(optionBlock, "Options that were given explicitly."),
);

/** Options in a prepare that were given by the client, behind their length. */
export const explicitOptions = responseOptions;

/** Options that the server derived from its defaults: u32 length, then as in a request. */
export const derivedOptions = sized(
  u32(),
  described(optionBlock, "Options that the server added from its defaults."),
);
