import { defineCommand, UsageError, wholeNumber } from "../command.ts";
import { output, say } from "../output.ts";
import { pluginOption, registryWith } from "../plugins.ts";

export default defineCommand({
  name: "synth",
  summary: "Make a capture of a scenario, and the truth about it.",
  details:
    "Two TCP endpoints for each client speak over a simulated network, and a tap writes what " +
    "passes. SCENARIO is YAML or JSON, or the name of a ready one: consumer-lag, load, lossy, " +
    "pipelining, tour, view-change; docs/synth.md describes the keys. Equal seeds give equal " +
    "bytes.",
  operands: [{
    name: "SCENARIO",
    help: "A file, the name of a ready scenario, or - for standard input.",
    optional: true,
  }],
  options: {
    write: {
      short: "w",
      value: "FILE",
      help: "Capture to write, pcap where its name ends so, else pcapng; - by default.",
    },
    truth: { value: "FILE", help: "Write the truth, in the form of dissect -T ndjson." },
    from: {
      value: "FILE",
      help: "Replay what these records say, instead of a scenario.",
    },
    seed: { value: "N", help: "Seed in place of the scenario's." },
    bytes: { value: "SIZE", help: "Bytes of each step that has a total, such as 10GB." },
    rotate: { value: "SIZE", help: "Begin the next file after so many bytes." },
    tap: {
      value: "PLACE",
      choices: ["client", "middle", "server"],
      help: "Where packets are captured, in place of the scenario's.",
    },
    print: { value: "NAME", help: "Print a ready scenario." },
    plugin: pluginOption,
  },
  examples: [
    ["synth tour -w tour.pcapng --truth tour.ndjson", "All commands, and what was said"],
    ["synth --print lossy", "A scenario to begin with"],
    [
      "synth load --bytes 10GB | iggyscope stats -",
      "A long capture that is never stored",
    ],
  ],
  async run(options, [scenario]) {
    const { READY_SCENARIOS } = await import("../synth/ready.ts");
    if (options.print !== undefined) {
      output.write(readyScenario(READY_SCENARIOS, options.print));
      return 0;
    }
    if ((scenario === undefined) === (options.from === undefined)) {
      throw new UsageError("synth needs SCENARIO or --from");
    }
    const { prepare } = await import("../synth/prepare.ts");
    const registry = await registryWith(options.plugin);
    const seed = options.seed === undefined
      ? undefined
      : wholeNumber("seed", options.seed);
    const run = await prepare(registry, {
      ...options,
      seed,
      scenario,
      ready: READY_SCENARIOS,
    });
    const { packets, files, path, left } = run();
    if (path !== "-") {
      say(
        `${packets} packets are in ${path}${files > 1 ? ` and ${files - 1} more` : ""}`,
      );
    }
    if (left > 0) {
      say(
        `${left} records are left out: malformed, evictions, or no request of a command`,
      );
    }
    return 0;
  },
});

function readyScenario(ready: Readonly<Record<string, string>>, name: string): string {
  const text = Object.hasOwn(ready, name) ? ready[name] : undefined;
  if (text !== undefined) return text;
  throw new UsageError(
    `--print is one of ${Object.keys(ready).join(", ")}, not "${name}"`,
  );
}
