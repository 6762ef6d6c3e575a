/** `iggyscope/table`, for Node and Bun. @module */
export * from "../core/export/table/mod.ts";
