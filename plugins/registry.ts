import { createRegistry, type Registry } from "../core/dissect/registry.ts";
import { classic } from "./framings/classic/mod.ts";
import type { Framing, FramingPart } from "../core/framing/framing.ts";
import { guardedFraming } from "../core/framing/guard.ts";
import { vsr } from "./framings/vsr/mod.ts";
import { quic } from "../core/framing/quic/mod.ts";
import { tls } from "../core/framing/tls/mod.ts";
import { websocket } from "../core/framing/websocket/mod.ts";
import { type Command, guarded } from "../core/schema/mod.ts";
import { iggyCommands, statusName } from "./mod.ts";
import { iggyTraffic } from "./traffic.ts";

/** All framings of Iggy, in the order they are tried. */
export const iggyFramings: readonly Framing[] = [quic, tls, websocket, vsr, classic];

/**
 * What is known of Iggy: every command and framing, and the names of statuses. Commands and
 * framings of your own join in, the framings before Iggy's; a code or name that Iggy uses
 * already makes it throw `TypeError`. Yours are {@link guarded}: one that fails spoils only
 * the PDU it reads.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { command, name8 } from "../core/schema/mod.ts";
 * import { iggyRegistry } from "./iggy.ts";
 * const hello = command({
 *   name: "hello",
 *   doc: "Greets the server.",
 *   code: 9000,
 *   request: { name: name8("Who greets.") },
 *   response: {},
 * });
 * assertEquals(iggyRegistry([hello]).commands.byCode(9000)?.name, "hello");
 * ```
 */
export function iggyRegistry(
  commands: readonly Command[] = [],
  framings: readonly Framing[] = [],
  parts: readonly FramingPart[] = [],
): Registry {
  const registry = createRegistry({
    root: "iggy",
    title: "Iggy",
    commands: [...iggyCommands, ...commands.map(guarded)],
    framings: [...framings.map(guardedFraming), ...iggyFramings],
    parts,
    statusName,
    traffic: iggyTraffic,
  });
  // What clashes inside a framing shows when its layouts are made. Iggy's own wait until then.
  if (commands.length + framings.length + parts.length > 0) {
    for (const framing of registry.framings) registry.generations(framing);
  }
  return registry;
}
