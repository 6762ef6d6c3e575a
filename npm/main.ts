#!/usr/bin/env node
/**
 * Where the program begins under Node and Bun.
 *
 * @module
 */
import process from "node:process";
import { packagedAs } from "../cli/commands/library.ts";
import config from "../deno.json" with { type: "json" };
import { packagedLibrary } from "./library.ts";

// Node says of its own SQLite that it is experimental; that is for whoever chose it.
const { emitWarning } = process;
process.emitWarning = (...args: unknown[]) => {
  if (!/SQLite/.test(String(args[0]))) Reflect.apply(emitWarning, process, args);
};

if (process.argv[2] === "--version") console.log(`iggyscope ${config.version}`);
else {
  packagedAs(packagedLibrary);
  await (await import("../cli/program.ts")).runProgram(process.argv.slice(2));
}
