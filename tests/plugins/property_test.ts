import fc from "fast-check";
import { decode, encode, type FieldNode, firstOf } from "../../core/schema/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { seeded } from "../support/random.ts";
import { allBodies, type Body, RELEASES } from "./bodies.ts";

const GENERATED = ["offset", "timestamp", "origin_timestamp"];

/** `read` with only the fields that `sample` has; what is left out has to be generated. */
function alike(read: unknown, sample: unknown): unknown {
  if (Array.isArray(read) && Array.isArray(sample)) {
    return read.map((item, i) => alike(item, sample[i]));
  }
  if (!isObject(read) || !isObject(sample)) return read;
  const extra = Object.keys(read).filter((key) => !(key in sample));
  assert(extra.every((key) => GENERATED.includes(key)), `unexpected ${extra}`);
  return Object.fromEntries(
    Object.keys(sample).map((key) => [key, alike(read[key], sample[key])]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}

const release = fc.constantFrom(...RELEASES);
const seed = fc.nat();

function drawn({ kind }: Body, release: string, seed: number) {
  const sample = kind.sample({ random: seeded(seed), release: firstOf(release) }, {});
  return { sample, bytes: encode(kind, sample, firstOf(release)) };
}

/** Runs a property over every payload of every command, each as a step. */
function overAll(
  name: string,
  numRuns: number,
  check: (body: Body, release: string, seed: number) => void,
): void {
  Deno.test(name, async (t) => {
    for (const body of allBodies) {
      await t.step(body.name, () => {
        fc.assert(
          fc.property(release, seed, (release, seed) => check(body, release, seed)),
          { numRuns },
        );
      });
    }
  });
}

overAll(
  "what was written reads back as itself, in every release",
  60,
  (body, at, seed) => {
    const { sample, bytes } = drawn(body, at, seed);
    const { fields, issues, problems, trailing, complete } = decode(
      body.kind,
      bytes,
      firstOf(at),
    );
    const blamed = issues.filter(({ severity }) => severity !== "note");
    assertEquals({ blamed, problems, trailing, complete }, {
      blamed: [],
      problems: 0,
      trailing: 0,
      complete: true,
    });
    assertEquals(alike(fields, sample), sample);
    assertEquals(encode(body.kind, fields, firstOf(at)), bytes);
    assert(bytes.length >= body.kind.minSize, "minSize promises too much");
  },
);

overAll("fields have JSON and a tree that covers all bytes", 20, (body, at, seed) => {
  const { bytes } = drawn(body, at, seed);
  const { fields, tree } = decode(body.kind, bytes, firstOf(at), { tree: true });
  JSON.stringify(body.kind.json!(fields, { maxBytes: 64, showSecrets: false }));
  const covered = tree!.children.reduce((sum, { length }) => sum + length, 0);
  assertEquals(covered, bytes.length);
});

overAll(
  "a cut payload gives an issue or a shorter valid reading",
  8,
  (body, at, seed) => {
    const { bytes } = drawn(body, at, seed);
    for (let end = 0; end < bytes.length; end++) {
      const { fields, problems, complete, trailing } = decode(
        body.kind,
        bytes,
        firstOf(at),
        {
          end,
        },
      );
      if (problems > 0) continue;
      assert(complete && trailing === 0);
      const again = encode(body.kind, fields, firstOf(at)).subarray(0, end);
      assertEquals(again, bytes.subarray(0, end));
    }
  },
);

overAll("damaged bytes never throw", 60, (body, at, seed) => {
  const { bytes } = drawn(body, at, seed);
  if (bytes.length === 0) return;
  const random = seeded(seed ^ 0x5eed);
  for (let hits = 1 + random.below(8); hits > 0; hits--) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  for (const other of RELEASES) {
    const { fields } = decode(body.kind, bytes, firstOf(other), { tree: true });
    JSON.stringify(body.kind.json!(fields, { maxBytes: 64, showSecrets: true }));
  }
});

/** Fields of a tree, all levels. */
const sizeOf = (node: FieldNode): number =>
  node.children.reduce((sum, child) => sum + sizeOf(child), 1);

overAll("a huge count or length reads no more than there is", 4, (body, at, seed) => {
  const { bytes } = drawn(body, at, seed);
  for (let offset = 0; offset + 4 <= bytes.length; offset++) {
    const bomb = bytes.slice();
    bomb.fill(0xff, offset, offset + 4);
    const { tree } = decode(body.kind, bomb, firstOf(at), { tree: true });
    const fields = sizeOf(tree!);
    assert(fields < 100 + 20 * bytes.length, `${fields} of ${bytes.length} bytes`);
  }
});
