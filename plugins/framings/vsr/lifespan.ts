import { issue } from "../../../core/issue.ts";
import { type Command, type ReleaseSet, releaseText } from "../../../core/schema/mod.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import { filled, VSR_TEXTS } from "../texts.ts";

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
  const message = releases.newest < from
    ? filled(VSR_TEXTS.came_with, name, releaseText(from), releases.text)
    : filled(VSR_TEXTS.retired, name, releaseText(to), releases.text);
  pdu.report(issue("warn", "protocol", message, pdu.stamp.packet, at));
}
