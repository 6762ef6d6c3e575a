#!/usr/bin/env node
/**
 * Where the program begins under Node and Bun.
 *
 * @module
 */
import process from "node:process";
import config from "../deno.json" with { type: "json" };

// Node says of its own SQLite that it is experimental; that is for whoever chose it.
const { emitWarning } = process;
process.emitWarning = (...args: unknown[]) => {
  if (!/SQLite/.test(String(args[0]))) Reflect.apply(emitWarning, process, args);
};

if (process.argv[2] === "--version") console.log(`iggyscope ${config.version}`);
else await (await import("../cli/program.ts")).runProgram(process.argv.slice(2));
