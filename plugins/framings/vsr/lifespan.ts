import { issue } from "../../../core/issue.ts";
import { type Command, type ReleaseSet, releaseText } from "../../../core/schema/mod.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";

/**
 * Reports a command that no release still possible has: one that came later, or was retired.
 * `at` is where the frame names it.
 */
export function tellLifespan(
  pdu: Pdu,
  { name, from, to }: Command,
  releases: ReleaseSet,
  at: number,
): void {
  if (releases.overlaps(from, to)) return;
  const what = releases.newest < from
    ? `came with Iggy ${releaseText(from)}`
    : `was retired after Iggy ${releaseText(to)}`;
  const message = `${name} ${what}; this server is ${releases.text} and does not know it`;
  pdu.report(issue("warn", "protocol", message, pdu.stamp.packet, at));
}
