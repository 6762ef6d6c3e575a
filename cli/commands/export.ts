import config from "../../deno.json" with { type: "json" };
import extcap from "../extcap_script.sh" with { type: "text" };
import { defineCommand, UsageError, writeError } from "../command.ts";
import { output, say } from "../output.ts";
import { pluginOption, registryWith } from "../plugins.ts";
import { Findings, readFor, sourcesOf } from "../reading.ts";
import { captureOptions } from "../dissecting.ts";

/** Name of the file in Wireshark's folder. */
const FILE = "iggy.lua";

export default defineCommand({
  name: "export",
  summary: "Write Wireshark's dissector or interfaces, or spans for OpenTelemetry.",
  details:
    "lua: one file for Wireshark 4.0 and later, which knows every command, release and " +
    "plugin that this program knows. otlp: one span a transaction, with the semantic " +
    "conventions of messaging, to a file (a request of OTLP/JSON a line) or to a collector; " +
    "from - live, as the packets come. extcap: a script that gives Wireshark interfaces for " +
    "another host (ssh), a pod (kubectl debug) and a capture that is still being written. packets: " +
    "Arrow's stream of packets with their pair of addresses, by which spark/ divides captures.",
  operands: [
    {
      name: "WHAT",
      choices: ["lua", "otlp", "extcap", "packets"],
      help: "lua: the Wireshark dissector; otlp: spans; extcap: interfaces of " +
        "Wireshark; packets: packets as Arrow.",
    },
    {
      name: "FILE",
      help: "For otlp: captures; - or nothing is standard input.",
      optional: true,
      repeatable: true,
    },
  ],
  options: {
    output: {
      short: "o",
      value: "FILE",
      help: "Where to write it; default standard output.",
    },
    install: { help: "Write it to Wireshark's personal plugin folder, after asking." },
    endpoint: {
      value: "URL",
      help:
        "otlp: send to this collector, by HTTP; http://localhost:4318 is the usual one.",
    },
    service: {
      value: "NAME",
      help: "otlp: service.name of the spans; default iggy.",
    },
    "display-filter": captureOptions["display-filter"],
    "decode-as": captureOptions["decode-as"],
    keylog: captureOptions.keylog,
    plugin: pluginOption,
  },
  examples: [
    ["export lua -o iggy.lua", "Write the dissector"],
    ["export lua --install", "Install it for this user"],
    ["export extcap -o ~/.local/lib/wireshark/extcap/iggyscope", "Interfaces"],
    ["export otlp -o spans.jsonl capture.pcap", "Spans for otelcol's otlpjsonfile"],
    ["export otlp --endpoint http://localhost:4318 -", "Spans to a collector, live"],
  ],
  async run(options, [what, ...files]) {
    const { output: file, install, plugin } = options;
    if (install && file !== undefined) {
      throw new UsageError("--install and --output name two places");
    }
    if (what === "packets") return await exportPackets(files);
    if (what === "otlp") {
      if (install) throw new UsageError("--install goes with export lua");
      return await (await import("../export_otlp.ts")).exportOtlp(files, options);
    }
    if (files.length > 0) throw new UsageError(`export ${what} takes no "${files[0]}"`);
    if (options.endpoint !== undefined) {
      throw new UsageError("--endpoint goes with export otlp");
    }
    if (what === "extcap") {
      if (install) throw new UsageError("--install goes with export lua");
      const script = extcap.replace("@VERSION@", config.version);
      if (file === undefined || file === "-") output.write(script);
      else await write(file, script, 0o755);
      return 0;
    }
    const registry = await registryWith(plugin);
    const { exportLua, LuaExportError } = await import("../../core/export/lua/mod.ts");
    let text: string;
    try {
      text = exportLua(registry, { version: config.version });
    } catch (error) {
      if (error instanceof LuaExportError) throw new UsageError(error.message);
      throw error;
    }
    if (install) return await installAt(`${pluginFolder()}/${FILE}`, text);
    if (file === undefined || file === "-") output.write(text);
    else await write(file, text);
    return 0;
  },
});

async function exportPackets(files: readonly string[]): Promise<number> {
  const { PacketTable } = await import("../../core/export/table/packets.ts");
  const table = new PacketTable((bytes) => output.bytes(bytes));
  const { report } = new Findings();
  const reading = { packet: table.add, report, end: table.end };
  return (await readFor(sourcesOf(files), reading)).code;
}

async function write(path: string, text: string, mode?: number): Promise<void> {
  try {
    await Deno.writeTextFile(path, text, { mode });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw writeError(`${path} cannot be written: ${reason}`, error);
  }
}

/** Wireshark's folder for a user's own plugins. */
function pluginFolder(): string {
  const windows = Deno.build.os === "windows";
  const home = Deno.env.get(windows ? "APPDATA" : "HOME");
  if (home === undefined) {
    throw new UsageError(
      "the home folder is not known; use -o and copy the file yourself",
    );
  }
  return windows ? `${home}\\Wireshark\\plugins` : `${home}/.local/lib/wireshark/plugins`;
}

async function installAt(path: string, text: string): Promise<number> {
  if (!Deno.stdin.isTerminal()) {
    throw new UsageError(`--install asks first; without a terminal use -o ${path}`);
  }
  const there = await Deno.stat(path).then(() => true, () => false);
  if (!confirm(`${there ? "Replace" : "Write"} ${path}?`)) return 0;
  await Deno.mkdir(path.slice(0, -FILE.length - 1), { recursive: true });
  await write(path, text);
  say(
    `wrote ${path}; Wireshark loads it at its next start, or with Analyze, Reload Lua Plugins`,
  );
  return 0;
}
