import { commandTable } from "../../core/schema/mod.ts";
import { type FrameTable, frameTable } from "../../plugins/framings/vsr/frames.ts";
import { VSR_FRAMES } from "../../plugins/framings/vsr/mod.ts";
import { iggyCommands } from "../../plugins/mod.ts";

/** The frames and operations of Iggy. */
export const FRAMES: FrameTable = frameTable(VSR_FRAMES, commandTable(iggyCommands));
