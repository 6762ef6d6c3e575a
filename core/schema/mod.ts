/**
 * The schema language: field kinds, structures, releases and commands as plain values. Reading,
 * writing, types, JSON, help and the Wireshark export are walks over these values, so a layout
 * is spelled once.
 *
 * @module
 */
export * from "./kind.ts";
export * from "./integers.ts";
export * from "./strings.ts";
export * from "./struct.ts";
export * from "./listed_names.ts";
export * from "./lists.ts";
export * from "./parts.ts";
export * from "./placed.ts";
export * from "./variants.ts";
export * from "./derived.ts";
export * from "./checksums.ts";
export * from "./releases.ts";
export * from "./command.ts";
export * from "./guard.ts";
export * from "./fault.ts";
export * from "./walk.ts";
export * from "./decode.ts";
export { Malformed } from "../bytes/cursor.ts";
export * from "./compile/mod.ts";
export * from "./command_table.ts";
export * from "./release_set.ts";
export * from "./roles.ts";
export * from "./json_schema.ts";
