/** `iggyscope/filter`, for Node and Bun. @module */
export * from "../core/filter/mod.ts";
