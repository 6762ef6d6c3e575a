/** `iggyscope/stats`, for Node and Bun. @module */
export * from "../core/stats/mod.ts";
