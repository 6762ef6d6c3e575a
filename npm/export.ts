/** `iggyscope/export`, for Node and Bun. @module */
export * from "../core/export/mod.ts";
