import { dissectFixture, vectorsOf } from "../support/dissect.ts";
import { assert, assertEquals } from "../support/assert.ts";

/** A frame of the negative vectors with the verdict of upstream's own decoder. */
interface Verdict {
  readonly packet: number;
  readonly case?: string;
  /** A variant of its errors, or `ok`. */
  readonly error?: string;
}

/**
 * Frames whose size says that they end elsewhere: their bytes belong to no PDU, and no PDU has
 * an issue.
 */
const NO_PDU = new Set(["SizeBelowHeader", "SizeMismatch", "Incomplete"]);

/** A login without its body is what 0.9 sends, and no link between replicas states a release. */
const BY_RELEASE = /^forward_register header-only/;

/** Upstream's decoder looks at the header of a prepare only: that these have no body is told. */
const HEADER_ONLY = /^prepare operation \d+, identity/;

for (const name of ["proto-0110-frames-negative", "proto-0111e8-frames-negative"]) {
  Deno.test(`what upstream refuses of ${name} has an issue, the rest is not malformed`, async () => {
    const said = new Map<number, string[]>();
    for (const transaction of await dissectFixture(`${name}.pcap`)) {
      const { request, response, issues } = transaction.toRecord({
        maxBytes: 16,
        showSecrets: false,
      });
      for (const pdu of [request, response]) {
        if (pdu === null) continue;
        const own = issues.filter(({ packet }) => packet === pdu.packet);
        const texts = own.filter(({ group }) => group !== "sequence")
          .map(({ group, message }) => `${group}: ${message}`);
        said.set(pdu.packet, [...said.get(pdu.packet) ?? [], ...texts]);
      }
    }
    const wrong: string[] = [];
    const retired: string[] = [];
    for (const verdict of await vectorsOf<Verdict>(name)) {
      const { packet, error, case: what } = verdict;
      if (what === undefined || error === undefined) continue;
      if (NO_PDU.has(error)) continue;
      const texts = said.get(packet) ?? [];
      const isElsewhere = error === "ok" ? HEADER_ONLY : BY_RELEASE;
      if (isElsewhere.test(what)) continue;
      const fits = error === "ok"
        ? !texts.some((text) => text.startsWith("malformed"))
        : texts.length > 0;
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
