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
    const line = `iggyscope ${config.version}\n`;
    try {
      Deno.stdout.writeSync(Uint8Array.from(line, (letter) => letter.charCodeAt(0)));
    } catch {
      // It says why nothing can be written, and ends the program accordingly.
      const { output } = await import("./output.ts");
      output.write(line);
      output.flush();
    }
  } else await (await import("./program.ts")).runProgram(Deno.args);
}
