#!/usr/bin/env -S deno run --allow-read
/**
 * Where the program begins. The version is told before anything else is loaded; the rest is in
 * `program.ts`.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };

if (import.meta.main) {
  if (Deno.args[0] === "--version") {
    const { output } = await import("./output.ts");
    output.write(`iggyscope ${config.version}\n`);
    output.flush();
  } else await (await import("./program.ts")).runProgram(Deno.args);
}
