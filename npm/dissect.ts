/** `iggyscope/dissect`, for Node and Bun. @module */
export * from "../core/dissect/mod.ts";
