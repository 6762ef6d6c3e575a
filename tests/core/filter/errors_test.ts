import { assert, assertEquals } from "../../support/assert.ts";
import { compileFilter, FilterError } from "../../../core/filter/mod.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";

const registry = iggyRegistry();

function errorOf(filter: string): FilterError {
  try {
    compileFilter(filter, registry);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
  throw new Error(`no error: ${filter.slice(0, 100)}`);
}

/** The filter, the part that is marked, and words of the message. */
const WRONG: readonly [filter: string, marked: string, message: string][] = [
  ["tcp.prt == 5", "tcp.prt", "Did you mean tcp.port?"],
  [
    "iggy.poll_mesages.request.count > 1",
    "iggy.poll_mesages.request.count",
    "iggy.poll_messages.request.count?",
  ],
  ["smb", "smb", '"smb" is neither a field nor a protocol name.'],
  ["5", "5", "neither a field"],
  ['"x" == iggy.command', '"x"', 'Left side of "=="'],
  ["'a'", "'a'", "A value alone is not a test"],
  ["len(iggy.command)", "len(iggy.command)", "A value alone is not a test"],
  [
    'iggy.code == "x"',
    '"x"',
    'Unsigned integer (4 bytes) cannot be converted from a string ("x").',
  ],
  ["iggy.code == 4294967296", "4294967296", "too big for this field, maximum 4294967295"],
  ["tcp.port == -1", "-1", "too small for this field"],
  [
    "iggy.code[0:1] == 1",
    "iggy.code",
    "(type=Unsigned integer (4 bytes)) cannot be sliced into a sequence of bytes.",
  ],
  [
    'iggy.create_stream.response.created_at > "today"',
    '"today"',
    "not a valid absolute time",
  ],
  ["iggy.command[0:0] == 1", "0:0", '"0:0" is not a valid range.'],
  ["iggy.command[3-1] == 1", "3-1", '"3-1" is not a valid range.'],
  ["iggy.command[] == 1", "]", "unexpected in this context"],
  ["iggy.command[0:1", "", "Unexpected end"],
  ["iggy.command & 1", "iggy.command", "does not support the bitwise and"],
  ['iggy.code & "a"', '"a"', "takes a number on its right"],
  ["iggy.code & iggy.status", "iggy.status", "not a valid number"],
  ["tcp.port & 65536", "65536", "too big"],
  [
    "iggy.login_user.request.password[0:1] == 61",
    "iggy.login_user.request.password",
    "secret",
  ],
  ["iggy.code == 1.5", "1.5", '"1.5" is not a valid number.'],
  ["iggy.code == 0x", "0x", "not a valid number"],
  ["iggy.code == 089", "089", "not a valid number"],
  [
    "iggy.code contains 1",
    "iggy.code",
    "(type=Unsigned integer (4 bytes)) cannot participate in contains comparison.",
  ],
  ['tcp.port matches "8"', "tcp.port", "cannot participate in matches"],
  ["iggy.poll_messages == 1", "iggy.poll_messages", "(type=Label) cannot participate"],
  ["iggy.command == tcp.port", "tcp.port", "not of compatible types"],
  ["ip.addr == 10.0.0.0/33", "10.0.0.0/33", "should be <= 32, not 33"],
  ["ip.addr == ::/129", "::/129", "should be <= 128, not 129"],
  ["ip.addr == 1.2.3", "1.2.3", "is not a valid IP address"],
  ['ip.addr == "::1"', '"::1"', "cannot be converted from a string"],
  ["iggy.response_time > 1day", "1day", "not a valid time"],
  ['frame.time > "yesterday"', '"yesterday"', "not a valid absolute time"],
  ["iggy.poll_messages.request.auto_commit == yes", "yes", "not a valid boolean"],
  ['iggy.poll_messages.request.consumer.kind == "group"', '"group"', "possible values"],
  [
    "iggy.send_messages.request.messages.payload == xyz",
    "xyz",
    "not a valid byte string",
  ],
  ["(tcp.port == 5", "", "Unexpected end of filter expression."],
  ["tcp.port ==", "", "Unexpected end"],
  ["tcp.port == 5 &&", "", "Unexpected end"],
  ["tcp.port == 5 )", ")", '")" was unexpected in this context.'],
  ["tcp.port == 5 6", "6", '"6" was unexpected'],
  ["== 5", "==", '"==" was unexpected'],
  ["tcp.port in {1 2}", "2", '"2" was unexpected'],
  ["tcp.port in {}", "}", "unexpected"],
  ["tcp.port in 5", "5", "unexpected"],
  ["tcp.port & ", "", "Unexpected end"],
  ["tcp.port = 5", "=", '"=" was unexpected'],
  ['iggy.command == "x', '"x', "The final quote was missing from a quoted string."],
  ['iggy.command matches "a\\.b"', "\\.", "\\. is not a valid character escape sequence"],
  ["iggy.code == 'ab'", "'ab'", "is not one character"],
  [
    'iggy.command matches "(a"',
    "(",
    "Regex compilation error: missing closing parenthesis.",
  ],
  ['iggy.command matches r"(a)\\1"', "1", "back-references are not supported"],
  ['iggy.command matches "a**"', "*", "quantifier does not follow"],
  ['iggy.command matches "(?=a)"', "(", "look-around"],
  ["foo(tcp.port) == 5", "foo", 'Function "foo" does not exist.'],
  ["lne(iggy.command) == 5", "lne", "Did you mean len?"],
  ["len(tcp.port) == 5", "tcp.port", "cannot be used in len()"],
  ["len() == 5", "len()", "takes one field"],
  ["any tcp.port", "", "Unexpected end"],
];

Deno.test("a wrong filter is told with place and reason", async (t) => {
  for (const [filter, marked, message] of WRONG) {
    await t.step(filter, () => {
      const error = errorOf(filter);
      assert(error.message.includes(message), error.message);
      const { offset, length } = error;
      assertEquals(filter.slice(offset, offset + length), marked);
    });
  }
});

Deno.test("the explanation marks the place under the filter", () => {
  const filter = `${"tcp.port == 1 && ".repeat(100)}tcp.prt == 5`;
  const [message, line, mark] = errorOf(filter).explain(filter).split("\n");
  assert(message!.includes("tcp.port?"));
  assertEquals(line!.slice(mark!.indexOf("^"), mark!.length), "tcp.prt");
});

const deep = 10_000;
const long = 1_000_000;
const HOSTILE: readonly [name: string, filter: string][] = [
  ["open parentheses", "(".repeat(deep)],
  ["closed parentheses", `${"(".repeat(deep)}tcp${")".repeat(deep)}`],
  ["only closing", ")".repeat(deep)],
  ["negations", `${"!".repeat(deep)}tcp`],
  ["negations in words", `${"not ".repeat(deep)}tcp`],
  ["functions", `${"len(".repeat(deep)}tcp`],
  ["conjunctions", Array(deep).fill("tcp").join(" && ")],
  ["disjunctions", Array(deep).fill("tcp.port == 1").join(" || ")],
  ["chain", `tcp.port${" == 1".repeat(deep)}`],
  ["long string", `iggy.command == "${"a".repeat(long)}"`],
  ["long search", `iggy.command contains "${"ab".repeat(long / 2)}"`],
  ["long pattern", `iggy.command matches "${"a".repeat(long)}"`],
  ["long escapes", `iggy.command == "${"\\n".repeat(long / 20)}"`],
  ["long word", "a".repeat(long)],
  ["long dotted word", "iggy.".repeat(long / 5)],
  ["long number", `tcp.port == ${"9".repeat(long)}`],
  ["long fraction", `iggy.response_time > 0.${"9".repeat(long)}`],
  [
    "long bytes",
    `iggy.send_messages.request.messages.payload == ${"aa:".repeat(long / 30)}aa`,
  ],
  ["long address", `ip.addr == ${"1:".repeat(long / 2)}`],
  ["many masks", `iggy.code${" & 1".repeat(deep)}`],
  ["many ranges", `iggy.command[${"0:1,".repeat(deep)}0] == 1`],
  ["long range", `iggy.command[${"9".repeat(long)}] == 1`],
  ["large set", `tcp.port in {${Array(deep).fill("1").join()}}`],
  ["open set", `tcp.port in {${"1,".repeat(deep)}`],
  ["open quote", `"${"a".repeat(long)}`],
  ["control characters", "\x00\x1b[31m".repeat(1000)],
  ["spaces", " ".repeat(long)],
  ["nested groups", `iggy.command matches "${"(".repeat(deep)}a${")".repeat(deep)}"`],
  ["nested repeats", 'iggy.command matches "((((a{1000}){1000}){1000}){1000})"'],
  ["large repeat", 'iggy.command matches "a{99999999999999999999}"'],
  ["nested stars", 'iggy.command matches "(((((((a*)*)*)*)*)*)*)*$"'],
  ["open class", `iggy.command matches "[${"a-".repeat(deep)}"`],
  ["alternatives", `iggy.command matches "${"(a|aa)".repeat(300)}$"`],
  ["lone surrogates", `iggy.command == "${"\ud800".repeat(deep)}"`],
];

Deno.test("no hostile filter runs away", async (t) => {
  for (const [name, filter] of HOSTILE) {
    await t.step(name, () => {
      const start = performance.now();
      try {
        compileFilter(filter, registry);
      } catch (error) {
        assert(error instanceof FilterError, String(error));
        assert(error.message.length < 300, error.message);
        assert(error.explain(filter).length < 700);
      }
      const took = performance.now() - start;
      assert(took < 60_000, `${took} ms`);
    });
  }
});
