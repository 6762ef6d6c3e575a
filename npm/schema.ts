/** `iggyscope/schema`, for Node and Bun. @module */
export * from "../core/schema/mod.ts";
