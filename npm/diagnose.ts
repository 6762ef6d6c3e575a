/** `iggyscope/diagnose`, for Node and Bun. @module */
export * from "../core/diagnose/mod.ts";
