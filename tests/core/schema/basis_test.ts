import { assertEquals, assertThrows } from "@std/assert";
import {
  basisOf,
  byRelease,
  bytes,
  enumeration,
  exactly,
  type Kind,
  later,
  lengthOfPart,
  nullable,
  optional,
  orBytes,
  orZeros,
  secret,
  secretIf,
  since,
  sized,
  sizedBy,
  sizedOrNull,
  sumOf,
  text8,
  u32,
  u64,
  u8,
  upTo,
  within,
} from "../../../core/schema/mod.ts";

/** A kind with every face that holds for one way of reading. */
function full<T>(kind: Kind<T>): Kind<T> {
  return { ...kind, verify: () => {}, seal: () => null, luaVerify: ["xxh3"] };
}

const number = full(u32("A number."));
const long = full(u64("A long number.")) as Kind<bigint>;

/** Kinds that are made of others and read in another way. */
const MADE: Readonly<Record<string, Kind<unknown>>> = {
  exactly: exactly(number, 1) as Kind<unknown>,
  later: later(number, 0) as Kind<unknown>,
  lengthOfPart: lengthOfPart(number) as Kind<unknown>,
  nullable: nullable(number, 0) as Kind<unknown>,
  optional: optional(number) as Kind<unknown>,
  orBytes: orBytes(number) as Kind<unknown>,
  orZeros: orZeros("kind", "some", number) as Kind<unknown>,
  secretIf: secretIf("kind", ["some"], number as Kind<unknown>),
  sized: sized(u8(), number) as Kind<unknown>,
  sizedBy: sizedBy("length", number) as Kind<unknown>,
  sizedOrNull: sizedOrNull(u8(), number) as Kind<unknown>,
  sumOf: sumOf("base", null, long) as Kind<unknown>,
  within: within(number, 0, 9) as Kind<unknown>,
};

Deno.test("a kind that reads in another way keeps no check and no checksum of the old one", () => {
  for (const [name, { verify, seal, luaVerify, lua, doc }] of Object.entries(MADE)) {
    assertEquals([verify, seal, luaVerify], [undefined, undefined, undefined], name);
    assertEquals([typeof lua, doc.startsWith("A ")], ["function", true], name);
  }
});

Deno.test("the basis of a kind has no faces of its reading, and all others", () => {
  const { read, lua, verify, seal, luaVerify, ...rest } = number;
  assertEquals(basisOf(number), rest);
  assertEquals([read, lua, verify, seal, luaVerify].includes(undefined), false);
});

Deno.test("a field whose form differs by release judges by the form that is read", () => {
  const both = byRelease(since("0.8", u32()), upTo("0.7", u32()));
  assertEquals([both.seal, both.luaVerify], [undefined, undefined]);
  const sealed = byRelease(since("0.8", u32()), upTo("0.7", number));
  assertEquals([typeof sealed.seal, sealed.luaVerify?.[0]], ["function", "by_release"]);
});

Deno.test("forms of a field say together only what holds for all", () => {
  const newer = since("0.9", enumeration({ 0: "off", 2: "auto" }, "Newer."));
  const older = upTo("0.8", enumeration({ 0: "none", 1: "on" }, "Older."));
  const { names, unit, json } = byRelease<unknown>(newer, older);
  assertEquals([...names!], [[0, "off"], [1, "on"], [2, "auto"]]);
  assertEquals([unit, json], [undefined, undefined]);
  const some = upTo("0.8", sized(u8(), bytes("Bytes.")));
  const text = since("0.9", text8("Text."));
  const either = byRelease<unknown>(text, some);
  const options = { maxBytes: 1, showSecrets: false };
  assertEquals(either.json!("a", options), "a");
  assertEquals(either.json!(Uint8Array.of(1, 2), options), { length: 2, hex: "01" });
});

Deno.test("a field is secret in all its forms or in none", () => {
  assertThrows(
    () => byRelease(since("0.9", secret(text8("Token."))), upTo("0.8", text8("Token."))),
    TypeError,
    "the forms of a field are all secret or none is",
  );
});
