/** `iggyscope/iggy`, for Node and Bun. @module */
export * from "../plugins/iggy.ts";
