/**
 * What is known of Apache Iggy: {@link iggyRegistry} with every command, framing and status,
 * and the parts it is made of.
 *
 * @module
 */
export { commands, type IggyCommand, iggyCommands } from "./commands.ts";
export { encode, type EncodeOptions, type Values } from "./encode.ts";
export { classic } from "./framings/classic/mod.ts";
export { type FrameKind, frameKind } from "./framings/vsr/frames.ts";
export { vsr } from "./framings/vsr/mod.ts";
export { iggyFramings, iggyRegistry } from "./registry.ts";
export { type Release, releases } from "./releases.ts";
export * from "./status_codes.ts";
export { iggyTraffic } from "./traffic.ts";
