/**
 * Tally, a protocol that is not Iggy's: its commands and its framing as a plugin, for
 * `--plugin`, and a registry of their own.
 *
 * @module
 */
import { createRegistry } from "../../core/dissect/mod.ts";
import { add, get, list } from "./commands.ts";
import { tally } from "./framing.ts";

/** What `--plugin` adds to Iggy's commands and framings. */
const plugin = { commands: [add, get, list], framings: [tally] };

export default plugin;

/** What there is where there is no Iggy. */
export const tallyRegistry = createRegistry(plugin);
