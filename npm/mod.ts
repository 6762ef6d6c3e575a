/** The library, for Node and Bun. @module */
export * from "../mod.ts";
