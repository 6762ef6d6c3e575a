/**
 * Compiled readers against the careful ones, over every layout and release: the same JSON, and
 * nothing to report wherever a compiled reader does not give up.
 */
import fc from "fast-check";
import {
  decode,
  encode,
  firstOf,
  jsonReader,
  type Kind,
  out,
  soundCheck,
  type ValueReader,
  valueReader,
  walkFields,
  type Wanted,
} from "../../core/schema/mod.ts";
import { escapeJson } from "../../core/export/mod.ts";
import { FRAMES } from "../support/vsr.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { seeded } from "../support/random.ts";
import {
  allBodies,
  type Body,
  NEWER_RELEASES,
  RELEASES,
  VSR_RELEASES,
} from "./bodies.ts";

const decoder = new TextDecoder();
/** Where texts begin in the buffer: not at its start, as in a line. */
const AT = 7;

const judging = new WeakMap<Kind<unknown>, Map<number, ValueReader | null>>();

/** The reader that judges a layout, and takes all its values where lists of values permit. */
function judgingReader(kind: Kind<unknown>, from: number): ValueReader | null {
  const byRelease = judging.get(kind) ?? new Map<number, ValueReader | null>();
  judging.set(kind, byRelease);
  let reader = byRelease.get(from);
  if (reader === undefined) {
    const wanted = firstsOf([...new Set(leavesOf(kind))]);
    reader = valueReader(kind, from, wanted, { judges: true }) ??
      valueReader(kind, from, [], { judges: true });
    byRelease.set(from, reader);
  }
  return reader;
}

/** The first value at each path. */
function firstsOf(paths: readonly string[]): Wanted[] {
  return paths.map((path) => ({ path, take: "first" }));
}

/** What both readers make of the bytes; the compiled one may say nothing. */
function compare(kind: Kind<unknown>, bytes: Uint8Array, release: string): boolean {
  const from = firstOf(release);
  const { fields, issues } = decode(kind, bytes, from);
  const isSound = soundCheck(kind, from)?.(bytes, 0, bytes.length) ?? false;
  if (isSound) assertEquals(issues, [], "the check passed it");
  const values = judgingReader(kind, from)?.(bytes, 0, bytes.length) ?? null;
  assertEquals(values !== null, isSound, "what judges on the way says the same");
  for (const showSecrets of [false, true]) {
    for (const maxBytes of [4, Infinity]) {
      const reader = jsonReader(kind, from, showSecrets);
      const end = reader?.(bytes, 0, bytes.length, AT, maxBytes) ?? -1;
      if (end < 0) continue;
      assertEquals(issues, [], "the compiled reader did not give up");
      const json = escapeJson(
        JSON.stringify(kind.json!(fields as never, { maxBytes, showSecrets })),
      );
      assertEquals(decoder.decode(out.subarray(AT, end)), json);
    }
  }
  return isSound;
}

const ALL: readonly (Body & { readonly releases: readonly string[] })[] = [
  ...allBodies.map((body) => ({ ...body, releases: RELEASES })),
  ...FRAMES.all.flatMap(({ name, header, body, from, to }) => {
    const releases = [...VSR_RELEASES, ...NEWER_RELEASES].filter((release) =>
      from <= firstOf(release) && firstOf(release) <= to
    );
    return [
      { name: `vsr header ${name}`, kind: header as Kind<unknown>, releases },
      { name: `vsr body ${name}`, kind: body, releases },
    ];
  }),
];

/**
 * Layouts that are read carefully alone in some release: frames of replicas, whose seals are
 * always checked.
 */
const UNCOMPILED = [
  "vsr header eviction",
  "vsr header prepare_ok",
  "vsr header commit",
  "vsr header start_view_change",
  "vsr header do_view_change",
  "vsr header start_view",
  "vsr header request_start_view",
  "vsr header request_prepares",
  "vsr header repair_done",
  "vsr header range_evicted",
  "vsr header request_state_transfer",
  "vsr header state_transfer_target",
  "vsr body state_transfer_target",
  "vsr header request_state_chunk",
  "vsr header state_chunk",
  "vsr header forward_register",
  "vsr header forward_register_result",
  "vsr header forward_logout",
  "vsr header forward_logout_result",
  "vsr header consumer_session_heartbeat",
  "vsr header session_retirement_progress",
  "vsr header forward_completion",
  "vsr header primary_rebalance",
  "vsr header segment_delete",
  "vsr header commit_reply",
  "vsr header prepare_progress",
];

Deno.test("every layout has a compiled reader in every release", () => {
  const missing = ALL.filter(({ kind, releases }) =>
    releases.some((release) =>
      jsonReader(kind, firstOf(release), false) === null ||
      soundCheck(kind, firstOf(release)) === null
    )
  );
  assertEquals(missing.map(({ name }) => name), UNCOMPILED);
});

/** Runs a property over every layout, each as a step. */
function overAll(
  name: string,
  numRuns: number,
  check: (body: Body, release: string, bytes: Uint8Array, seed: number) => void,
): void {
  Deno.test(name, async (t) => {
    for (const body of ALL) {
      await t.step(body.name, () => {
        const release = fc.constantFrom(...body.releases);
        fc.assert(
          fc.property(release, fc.nat(), (at, seed) => {
            const context = { random: seeded(seed), release: firstOf(at) };
            const sample = body.kind.sample(context, {});
            check(body, at, encode(body.kind, sample, firstOf(at)), seed);
          }),
          { numRuns },
        );
      });
    }
  });
}

overAll("a compiled reader writes the JSON of the careful one", 40, (body, at, bytes) => {
  compare(body.kind, bytes, at);
  for (const other of RELEASES) compare(body.kind, bytes, other);
});

overAll("a compiled reader gives up on a cut payload", 4, (body, at, bytes) => {
  for (let end = 0; end < bytes.length; end++) {
    // The bytes behind the end are there, as in a packet, and are none of the payload's.
    compare(body.kind, bytes.slice(0, end), at);
    const from = firstOf(at);
    const whole = soundCheck(body.kind, from)?.(bytes, 0, end) ?? false;
    const cut = soundCheck(body.kind, from)?.(bytes.slice(0, end), 0, end) ?? false;
    assertEquals(whole, cut);
  }
});

overAll("a compiled reader gives up on damaged bytes", 60, (body, at, bytes, seed) => {
  if (bytes.length === 0) return;
  const random = seeded(seed ^ 0x5eed);
  for (let hits = 1 + random.below(4); hits > 0; hits--) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  compare(body.kind, bytes, at);
});

overAll("a compiled reader takes the wanted values", 20, (body, at, bytes) => {
  const from = firstOf(at);
  const { fields, issues } = decode(body.kind, bytes, from);
  if (issues.length > 0) return;
  const wanted = [...new Set(leavesOf(body.kind))];
  for (const some of [wanted, wanted.slice(-1), wanted.filter((_, i) => i % 3 === 0)]) {
    for (const judges of [false, true]) {
      const reader = valueReader(body.kind, from, firstsOf(some), { judges });
      const values = reader?.(bytes, 0, bytes.length);
      if (values == null) continue;
      assertEquals(
        Object.fromEntries(some.map((path, i) => [path, values[i]])),
        Object.fromEntries(some.map((path) => [path, firstAt(fields, path.split("."))])),
      );
    }
  }
});

/** Paths of all fields that are no structures, and hold none. */
function leavesOf(kind: Kind<unknown>): string[] {
  const groups = new Set<string>();
  const leaves: string[] = [];
  walkFields(kind, "", ({ names, kind }) => {
    for (let i = 1; i < names.length; i++) groups.add(names.slice(0, i).join("."));
    if (kind.type !== "group") leaves.push(names.join("."));
  });
  return leaves.filter((path) => !groups.has(path));
}

/** The first value that stands at a path, in the items of lists too. */
function firstAt(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (Array.isArray(value)) {
    const found = value.map((item) =>
      firstAt(item, name === undefined ? [] : [name, ...rest])
    );
    return found.find((one) => one !== undefined);
  }
  if (name === undefined) return value;
  if (value === null || value === undefined) return undefined;
  return typeof value === "object"
    ? firstAt((value as Record<string, unknown>)[name], rest)
    : undefined;
}

Deno.test("samples are mostly read by compiled readers", () => {
  const rates = ALL.filter(({ name }) => !UNCOMPILED.includes(name)).map(
    ({ name, kind, releases }) => {
      let sound = 0;
      for (let seed = 0; seed < 20; seed++) {
        const release = releases[seed % releases.length]!;
        const context = { random: seeded(seed), release: firstOf(release) };
        const bytes = encode(kind, kind.sample(context, {}), firstOf(release));
        if (compare(kind, bytes, release)) sound++;
      }
      return [name, sound] as const;
    },
  );
  const total = rates.reduce((sum, [, sound]) => sum + sound, 0);
  assert(total > 0.8 * 20 * rates.length, `only ${total}: ${JSON.stringify(rates)}`);
});
