import { fieldTable } from "../../core/filter/field_table.ts";
import { defineCommand } from "../command.ts";
import { completionsFor, SHELLS } from "../completions.ts";
import { output } from "../output.ts";
import { registryWith } from "../plugins.ts";

export default defineCommand({
  name: "completions",
  summary: "Print completions for a shell.",
  details:
    "They complete a program called iggyscope, an alias or a script of that name: commands, " +
    "options, values, paths of fields (also inside a filter) and names of Iggy's commands.",
  operands: [{
    name: "SHELL",
    choices: SHELLS,
    help: `Which shell: ${SHELLS.join(", ")}.`,
  }],
  options: {},
  examples: [
    ["completions bash", "For bash, in ~/.bashrc: source <(iggyscope completions bash)"],
    ["completions zsh", "For zsh, as a file _iggyscope in a folder of $fpath"],
    ["completions fish", "For fish, in ~/.config/fish/completions/iggyscope.fish"],
  ],
  async run(_options, [shell]) {
    // The table holds this command too.
    const { loadCommands } = await import("./mod.ts");
    const registry = await registryWith([]);
    const names = {
      fields: fieldTable(registry).all.map(({ path }) => path),
      commands: registry.commands.all.map(({ name }) => name),
    };
    const chosen = SHELLS.find((each) => each === shell) ?? "bash";
    output.write(completionsFor(chosen, await loadCommands(), names));
    return 0;
  },
});
