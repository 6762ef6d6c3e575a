/** `iggyscope/capture`, for Node and Bun. @module */
export * from "../core/capture/mod.ts";
