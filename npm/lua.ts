/** `iggyscope/lua`, for Node and Bun. @module */
export * from "../core/export/lua/mod.ts";
