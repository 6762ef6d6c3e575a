import fc from "fast-check";
import { Lockstep, type LockstepLimits, type Side } from "../../../core/compare/mod.ts";
import type { Outlined } from "../../../core/compare/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";

/** A transaction of a conversation: a command of one letter, and its subject. */
interface Said {
  readonly conversation: number;
  readonly subject: number;
}

function outlineOf({ subject }: Said, number: number): Outlined {
  const name = `command ${subject % 3}`;
  const nothing = { requestLength: 0, responseLength: 0, status: "ok" };
  return { number, name, subject, forms: [], ...nothing, responseTimeUs: null };
}

/** What comes of two captures: pairs and single ones, by their numbers. */
function aligned(captures: readonly [Said[], Said[]], limits?: LockstepLimits) {
  const counts = ([0, 1] as const).map((side) => {
    const found = new Map<number, number>();
    for (const { conversation } of captures[side]) {
      found.set(conversation, (found.get(conversation) ?? 0) + 1);
    }
    return found;
  });
  const ids = [...new Set(counts.flatMap((each) => [...each.keys()]))];
  const partners = ids.map((id) => ({
    ids: [id, id] as const,
    transactions: [counts[0]!.get(id) ?? 0, counts[1]!.get(id) ?? 0] as const,
  }));
  const pairs: [number, number][] = [];
  const alone: [number[], number[]] = [[], []];
  const lockstep = new Lockstep(partners, {
    pair: (a, b) => pairs.push([a.number, b.number]),
    alone: (side, { number }) => alone[side].push(number),
  }, limits);
  let [readings, waiting] = [0, 0];
  do {
    readings++;
    const next: [number, number] = [0, 0];
    const isRead = (side: Side) => next[side] === captures[side].length;
    for (const side of [0, 1] as const) if (isRead(side)) lockstep.end(side);
    while (!isRead(0) || !isRead(1)) {
      const { turn } = lockstep;
      const number = next[turn]++;
      const said = captures[turn][number]!;
      lockstep.add(turn, said.conversation, () => outlineOf(said, number));
      waiting = Math.max(waiting, lockstep.waiting);
      if (isRead(turn)) lockstep.end(turn);
    }
  } while (lockstep.again());
  return { pairs, alone, readings, waiting };
}

const captures = fc.array(
  fc.record({ conversation: fc.nat(4), subject: fc.nat(8) }),
  { maxLength: 120 },
);

Deno.test("each transaction is in one pair or alone, however little may wait", () => {
  const limits = fc.record({
    window: fc.constantFrom(2, 8, 1000),
    waiting: fc.constantFrom(4, 20, 1000),
  });
  fc.assert(fc.property(captures, captures, limits, (a, b, limits) => {
    const { pairs, alone } = aligned([a, b], limits);
    for (const side of [0, 1] as const) {
      const seen = [...pairs.map((pair) => pair[side]), ...alone[side]];
      assertEquals(seen.sort((x, y) => x - y), [...[a, b][side]!.keys()]);
    }
    for (const [i, j] of pairs) {
      assertEquals(a[i]!.conversation, b[j]!.conversation);
      assertEquals(a[i]!.subject % 3, b[j]!.subject % 3, "the same command");
    }
  }));
});

Deno.test("pairs of a conversation rise on both sides, and a capture meets itself whole", () => {
  const limits = { window: 8, waiting: 1000 };
  fc.assert(fc.property(captures, captures, (a, b) => {
    const last = new Map<number, [number, number]>();
    for (const [i, j] of aligned([a, b], limits).pairs) {
      const before = last.get(a[i]!.conversation) ?? [-1, -1];
      assert(before[0] < i && before[1] < j);
      last.set(a[i]!.conversation, [i, j]);
    }
    const { pairs, alone } = aligned([a, a], limits);
    assertEquals(alone, [[], []]);
    assert(pairs.every(([i, j]) => i === j));
  }));
});

Deno.test("a part that one side lacks does not shift what follows it", () => {
  const whole = Array.from(
    { length: 3000 },
    (_, subject) => ({ conversation: 0, subject }),
  );
  const part = whole.toSpliced(1000, 400);
  const { pairs, alone } = aligned([whole, part], { window: 1000, waiting: 4000 });
  assertEquals([pairs.length, alone[0].length, alone[1].length], [2600, 400, 0]);
  assert(pairs.every(([i, j]) => whole[i] === part[j]));
});

Deno.test("of 200 000 transactions as many wait as of 2000, also where some are missing", () => {
  const limits = { window: 64, waiting: 4096 };
  const most = [2000, 200_000].map((length) => {
    const a = Array.from(
      { length },
      (_, i) => ({ conversation: i % 7, subject: i % 1000 }),
    );
    const b = a.filter((_, i) => i % 500 !== 3);
    const { waiting, readings, pairs } = aligned([a, b], limits);
    assertEquals([readings, pairs.length], [1, b.length]);
    return waiting;
  });
  assert(most[1]! <= 2 * 7 * 64, `${most[1]} waited`);
});

Deno.test("conversations in the reverse order are read again rather than kept", () => {
  const conversations = Array.from(
    { length: 20 },
    (_, conversation) =>
      Array.from({ length: 1000 }, (_, subject) => ({ conversation, subject })),
  );
  const [a, b] = [conversations.flat(), conversations.toReversed().flat()];
  const limits = { window: 100, waiting: 3000 };
  const { pairs, readings, waiting } = aligned([a, b], limits);
  assertEquals(pairs.length, 20_000);
  assert(readings > 1 && readings <= 20, `${readings} readings`);
  assert(waiting <= limits.waiting, `${waiting} waited`);
});
