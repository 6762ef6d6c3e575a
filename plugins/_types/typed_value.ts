import {
  bool,
  bytes,
  enumeration,
  f32,
  f64,
  i128,
  i16,
  i32,
  i64,
  i8,
  textRest,
  u128,
  u16,
  u32,
  u64,
  u8,
} from "../../core/schema/mod.ts";

/**
 * The kinds of the keys and values of user headers and options.
 *
 * Source: apache/iggy core/binary_protocol/src/primitives/user_headers.rs at server-0.8.0;
 * core/common/src/types/message/user_headers.rs at server-0.5.0.
 */
export const valueKind = enumeration({
  1: "raw",
  2: "string",
  3: "bool",
  4: "int8",
  5: "int16",
  6: "int32",
  7: "int64",
  8: "int128",
  9: "uint8",
  10: "uint16",
  11: "uint32",
  12: "uint64",
  13: "uint128",
  14: "float32",
  15: "float64",
}, "How the value reads.");

/** The forms of a value by the name of its kind; numbers are little-endian. */
export const valueForms = {
  raw: bytes(),
  string: textRest(),
  bool: bool(),
  int8: i8(),
  int16: i16(),
  int32: i32(),
  int64: i64(),
  int128: i128(),
  uint8: u8(),
  uint16: u16(),
  uint32: u32(),
  uint64: u64(),
  uint128: u128(),
  float32: f32(),
  float64: f64(),
};
