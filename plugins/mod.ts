/**
 * What is known of Apache Iggy's commands: all of them, and the names of their statuses.
 *
 * @module
 */
export { commands, type IggyCommand, iggyCommands } from "./commands.ts";
export * from "./status_codes.ts";
