/**
 * Plugins that misbehave: each spoils only its own PDU and is named.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import type { Cursor } from "../../../core/bytes/cursor.ts";
import { classic } from "../../../plugins/framings/classic/mod.ts";
import type { Stamp } from "../../../core/flow/mod.ts";
import { FrameReader } from "../../../core/framing/frame_reader.ts";
import type { Framing, FramingHost } from "../../../core/framing/framing.ts";
import { type Exchange, Pdu } from "../../../core/framing/pdu.ts";
import { issue } from "../../../core/issue.ts";
import type { Kind, ReadContext } from "../../../core/schema/mod.ts";
import { command, struct, u8 } from "../../../core/schema/mod.ts";
import { createRegistry, type Registry } from "../../../core/dissect/mod.ts";
import {
  csvExporter,
  jsonExporter,
  ndjsonExporter,
  textExporter,
  treeExporter,
} from "../../../core/export/mod.ts";
import { iggyCommands, iggyFramings, iggyRegistry } from "../../../plugins/iggy.ts";
import { request, response, text8 } from "../../cli/support.ts";
import { dialogue, issuesOf, type Step } from "../../support/dialogue.ts";

const CODE = 9000;

/** A session whose third PDU is the plugin's; two commands of Iggy surround it. */
const STEPS: readonly Step[] = [
  ["client", request(1)],
  ["server", response(0)],
  ["client", request(CODE, Uint8Array.of(7, 1, 2, 3, 4, 5, 6, 7))],
  ["server", response(0)],
  ["client", request(202, text8("orders"))],
  ["server", response(1012)],
];

type Read = (cursor: Cursor, context: ReadContext) => unknown;

function odd(read: Read, more: Partial<Kind<unknown>> = {}): Kind<unknown> {
  return { ...(u8("Odd.") as Kind<unknown>), read, ...more };
}

function bad(kind: Kind<unknown>) {
  return command({
    name: "bad",
    doc: "Misbehaves.",
    code: CODE,
    request: { first: u8("Well read."), odd: kind },
    response: {},
    info: ["odd"],
  });
}

const OPTIONS = { maxBytes: 64, showSecrets: false, width: 100, color: false, hex: true };

/** What the other commands' records are, and the plugin's, and that every exporter copes. */
function told(registry: Registry): { others: unknown[]; issues: string[] } {
  const { transactions } = dialogue(STEPS, { registry });
  assertEquals(transactions.length, 3);
  const exporters = [
    textExporter,
    treeExporter,
    ndjsonExporter,
    jsonExporter,
    csvExporter,
  ];
  for (const exporter of exporters) {
    for (const each of transactions) exporter(OPTIONS).transaction(each);
  }
  const [ping, own, create] = transactions;
  assertEquals(own!.name, "bad");
  return {
    others: [ping, create].map((each) => each!.toRecord(OPTIONS)),
    issues: issuesOf([own!]),
  };
}

const expected = told(iggyRegistry([bad({ ...u8("Fine.") } as Kind<unknown>)])).others;

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

const CASES: Readonly<Record<string, readonly [Kind<unknown>, string]>> = {
  "throws an Error": [
    odd(() => {
      throw new Error("not\ntoday");
    }),
    "Error: not",
  ],
  "throws what is no Error": [
    odd(() => {
      throw { toString: null };
    }),
    "something that cannot be shown was thrown",
  ],
  "calls itself for ever": [
    odd(function self(): unknown {
      return [self()];
    }),
    "RangeError: Maximum call stack size exceeded",
  ],
  "gives NaN": [odd(() => NaN), "odd is NaN"],
  "gives undefined": [odd(() => undefined), "odd is undefined"],
  "gives a function": [odd(() => () => 1), "odd is a function"],
  "gives a bigint without a JSON form": [odd(() => 1n), "a value has no JSON form"],
  "gives a value that holds itself": [odd(() => cyclic), " has no end"],
  "cannot make JSON": [
    odd((cursor) => cursor.u8(), {
      json: () => {
        throw new Error("no JSON today");
      },
    }),
    "a value has no JSON form: Error: no JSON today",
  ],
  "throws while it checks": [
    odd((cursor) => cursor.u8(), {
      verify: () => {
        throw new Error("no check today");
      },
    }),
    "Error: no check today",
  ],
  "moves the cursor out of the PDU": [
    odd((cursor) => cursor.offset = 1e9),
    "it left the cursor at 1000000000",
  ],
  "loops over the cursor for ever": [
    odd((cursor) => {
      let sum = 0;
      while (cursor.remaining > 0) sum++;
      return sum;
    }),
    "it did not finish",
  ],
};

for (const [does, [kind, says]] of Object.entries(CASES)) {
  Deno.test(`a plugin that ${does} spoils only its own PDU and is named`, () => {
    const { others, issues } = told(iggyRegistry([bad(kind)]));
    assertEquals(others, expected);
    const found = issues.find((text) =>
      text.startsWith("error malformed plugin bad failed: ")
    );
    assertStringIncludes(found ?? issues.join("; "), says);
  });
}

Deno.test("a plugin that writes into its input changes nobody else's", () => {
  const vandal = odd((cursor) => {
    cursor.bytes.fill(0xff);
    new Uint8Array(cursor.bytes.buffer).fill(0xff);
    return cursor.take(cursor.remaining).length;
  });
  const { others, issues } = told(iggyRegistry([bad(vandal)]));
  assertEquals(others, expected);
  assertEquals(issues, []);
  const { transactions } = dialogue(STEPS, { registry: iggyRegistry([bad(vandal)]) });
  assertEquals([...transactions[1]!.request!.bytes.subarray(8)], [
    7,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
  ]);
});

Deno.test("fields before the fault stay, in the record and in the tree", () => {
  const registry = iggyRegistry([bad(CASES["throws an Error"]![0])]);
  const [, own] = dialogue(STEPS, { registry }).transactions;
  assertEquals(own!.toRecord(OPTIONS).request!.fields, { first: 7 });
  assertEquals(own!.request!.decodedTree!.tree!.children.map(({ name }) => name), [
    "first",
  ]);
});

Deno.test("a kind that throws is caught without a guard too", () => {
  const registry = createRegistry({
    commands: [...iggyCommands, bad(CASES["throws an Error"]![0])],
    framings: iggyFramings,
  });
  const { transactions } = dialogue(STEPS, { registry });
  assert(
    issuesOf(transactions).includes(
      "error malformed plugin bad failed: Error: not",
    ),
  );
});

Deno.test("the time that a slow plugin takes is told", () => {
  const slow = odd((cursor) => {
    const end = performance.now() + 1_050;
    while (performance.now() < end);
    return cursor.take(7).length;
  });
  const { others, issues } = told(iggyRegistry([bad(slow)]));
  assertEquals(others, expected);
  assertMatch(
    issues.join(),
    /^note undecoded its plugin took [0-9]+\.[0-9] s to read it$/,
  );
});

Deno.test("a fault inside a variant is no other variant", () => {
  const registry = iggyRegistry([bad(struct({
    inner: CASES["throws an Error"]![0],
  }) as Kind<unknown>)]);
  const { issues } = told(registry);
  assertEquals(issues, ["error malformed plugin bad failed: Error: not"]);
});

Deno.test("a framing that throws gives up its conversation only", () => {
  const fails = (when: Partial<Framing>): Framing => ({
    ...classic,
    name: "odd",
    ...when,
  });
  const throws = (): never => {
    throw new Error("not today");
  };
  const nothing = () => {};
  const rows: readonly Framing[] = [
    fails({ open: throws }),
    fails({
      open: () => ({ data: throws, gap: nothing, finish: nothing, close: nothing }),
    }),
    fails({
      open: () => ({ data: nothing, gap: nothing, finish: nothing, close: throws }),
    }),
  ];
  for (const framing of rows) {
    const { transactions } = dialogue(STEPS, { registry: iggyRegistry([], [framing]) });
    assertEquals(issuesOf(transactions), [
      "error malformed framing odd failed: Error: not today; " +
      "the rest of the conversation is not read",
    ]);
  }
  const registry = iggyRegistry([], [fails({ detect: throws })]);
  assertEquals(dialogue(STEPS, { registry }).state.framing, "classic");
});

/** A framing that does something with each packet's bytes. */
function framing(
  does: (host: FramingHost, stamp: Stamp) => void,
): Framing {
  return {
    name: "odd",
    since: "0.5",
    ports: [],
    detect: () => "yes",
    open: (host) => ({
      data: (_side, _bytes, _start, _end, stamp) => does(host, stamp),
      gap() {},
      finish() {},
      close() {},
    }),
  };
}

function gives(request: unknown, more: Record<string, unknown> = {}): Framing {
  const rest = { command: null, name: "odd", code: null, response: null, issues: [] };
  return framing((host) => host.exchange({ ...rest, request, ...more } as Exchange));
}

const FOUR = new Uint8Array(4);
const AT: Stamp = { packet: 1, seconds: 0, nanos: 0 };

const LIES: Readonly<Record<string, readonly [Framing, string]>> = {
  "a length that is no number": [
    gives(new Pdu(AT, FOUR, NaN, 0, null)),
    "TypeError: a PDU of 4 bytes has length NaN",
  ],
  "a negative length": [
    gives(new Pdu(AT, FOUR, -5, 0, null)),
    "TypeError: a PDU of 4 bytes has length -5",
  ],
  "less length than bytes": [
    gives(new Pdu(AT, FOUR, 3, 0, null)),
    "TypeError: a PDU of 4 bytes has length 3",
  ],
  "a length beyond all bounds": [
    gives(new Pdu(AT, FOUR, 1e300, 0, null)),
    "TypeError: a PDU of 4 bytes has length 1e+300",
  ],
  "a payload outside its bytes": [
    gives(new Pdu(AT, FOUR, 4, 100, null, 200)),
    "TypeError: a payload from 100 to 200 is in 4 bytes",
  ],
  "no stamp": [
    gives(new Pdu(null!, FOUR, 4, 0, null)),
    "TypeError: a PDU has no stamp",
  ],
  "what is no PDU": [gives("PING"), "TypeError: it returns PING for a PDU"],
  "no exchange": [
    framing((host) => host.exchange(null!)),
    "TypeError: it returns null for an exchange",
  ],
  "a status that is none": [
    gives(null, { response: new Pdu(AT, FOUR, 4, 0, -1) }),
    "TypeError: a response has status -1",
  ],
  "PDUs without end": [
    framing((host, stamp) => {
      for (;;) {
        host.exchange({
          command: null,
          name: "odd",
          code: null,
          request: new Pdu(stamp, FOUR, 4, 0, null),
          response: null,
          issues: [],
        });
      }
    }),
    "RangeError: it returns more PDUs than there were bytes",
  ],
  "issues without end": [
    framing((host) => {
      for (;;) host.report(issue("note", "protocol", "again", 1));
    }),
    "RangeError: it returns more PDUs than there were bytes",
  ],
};

for (const [what, [odd, says]] of Object.entries(LIES)) {
  Deno.test(`a framing that gives ${what} is one line`, () => {
    const { transactions } = dialogue(STEPS, { registry: iggyRegistry([], [odd]) });
    const failures = issuesOf(transactions).filter((text) => text.includes("failed"));
    assertEquals(failures, [
      `error malformed framing odd failed: ${says}; ` +
      "the rest of the conversation is not read",
    ]);
    assert(transactions.length < 500, `${transactions.length}`);
  });
}

for (const length of [-1, NaN, 0.5, Infinity]) {
  Deno.test(`a frame that measures ${length} bytes is no endless loop`, () => {
    const shape = {
      header: 1,
      most: 100,
      measure: () => length,
      frame() {},
      resync: () => 0,
      skipped() {},
    };
    const odd: Framing = {
      ...framing(() => {}),
      open: () => {
        const reader = new FrameReader(shape, true);
        return {
          data: (_side, ...rest) => reader.push(...rest),
          gap() {},
          finish() {},
          close() {},
        };
      },
    };
    const { transactions } = dialogue(STEPS, { registry: iggyRegistry([], [odd]) });
    assertEquals(issuesOf(transactions), [
      `error malformed framing odd failed: RangeError: a frame has length ${length}; ` +
      "the rest of the conversation is not read",
    ]);
  });
}

Deno.test("a search that finds a frame where none is ends", () => {
  const shape = {
    header: 1,
    most: 100,
    measure: () => 0,
    frame() {},
    resync: () => 0,
    skipped() {},
  };
  const reader = new FrameReader(shape, true);
  assertThrows(
    () => reader.push(FOUR, 0, 4, AT),
    RangeError,
    "a frame was found at 0 where there is none",
  );
});
