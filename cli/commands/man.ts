import config from "../../deno.json" with { type: "json" };
import { defineCommand } from "../command.ts";
import { manPage } from "../man_page.ts";
import { output } from "../output.ts";

export default defineCommand({
  name: "man",
  summary: "Print the manual page.",
  operands: [],
  options: {},
  examples: [
    ["man | man -l -", "Read it"],
    ["man > iggyscope.1", "Keep it, for a folder of $MANPATH"],
  ],
  async run() {
    // The table holds this command too.
    const { loadCommands } = await import("./mod.ts");
    output.write(manPage(await loadCommands(), config.version));
    return 0;
  },
});
