import type { FramingLua } from "../../../core/framing/framing.ts";
import classic from "./classic.lua" with { type: "text" };
import serverView from "./server_view.lua" with { type: "text" };

/** Classic framing in the Wireshark export: the twin of this folder's algorithms. */
export const classicLua: FramingLua = Object.freeze<FramingLua>({
  runtime: `${serverView}\n${classic}`,
});
