/** `iggyscope/framing`, for Node and Bun. @module */
export * from "../core/framing/mod.ts";
