import { dissectFixture, vectorsOf } from "../support/dissect.ts";
import { SIZE_AT } from "../../plugins/framings/vsr/shape.ts";
import { assert, assertEquals } from "../support/assert.ts";

/** A frame of the negative vectors with the verdict of upstream's own decoder. */
interface Verdict {
  readonly packet: number;
  readonly case?: string;
  /** A variant of its errors, or `ok`. */
  readonly error?: string;
}

/** Errors about the size that a frame states: the issue stands there. */
const OF_SIZE = new Set(["SizeBelowHeader", "SizeMismatch", "Incomplete"]);

/**
 * A forwarded login without its body is what servers up to 0.9.1-edge.1 send. Where nothing
 * else on the link states a later release, it is read as one of theirs.
 */
const BY_RELEASE = /^forward_register header-only/;

/** Upstream's decoder looks at the header of a prepare only: that these have no body is told. */
const HEADER_ONLY = /^prepare operation \d+, identity/;

for (const name of ["proto-0110-frames-negative", "proto-0111e8-frames-negative"]) {
  Deno.test(`what upstream refuses of ${name} has an issue, the rest is not malformed`, async () => {
    const said = new Map<number, string[]>();
    const sizes = new Set<number>();
    for (const transaction of await dissectFixture(`${name}.pcap`)) {
      for (const { packet, group, message, offset } of transaction.issues) {
        if (packet === null || group === "sequence") continue;
        said.set(packet, [...said.get(packet) ?? [], `${group}: ${message}`]);
        if (offset === SIZE_AT) sizes.add(packet);
      }
    }
    const wrong: string[] = [];
    const retired: string[] = [];
    for (const verdict of await vectorsOf<Verdict>(name)) {
      const { packet, error, case: what } = verdict;
      if (what === undefined || error === undefined) continue;
      const texts = said.get(packet) ?? [];
      if ((error === "ok" ? HEADER_ONLY : BY_RELEASE).test(what)) continue;
      const fits = error === "ok"
        ? !texts.some((text) => text.startsWith("malformed"))
        : texts.length > 0 && (!OF_SIZE.has(error) || sizes.has(packet));
      if (!fits) wrong.push(`packet ${packet}, ${what}, ${error}: ${texts.join("; ")}`);
      const names = /(\w+ (?:was retired after|came with) Iggy \S+);/.exec(texts.join());
      if (names !== null && /^(command code|request operation)/.test(what)) {
        retired.push(names[1]!);
      }
    }
    assertEquals(wrong, []);
    assert(retired.length >= 10, retired.join("\n"));
  });
}
