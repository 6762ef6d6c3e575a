import { toText } from "@std/streams";
import { CaptureError } from "../../core/capture/error.ts";
import { decodePdus } from "../../core/dissect/decode_pdus.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import { nearest } from "../../core/filter/suggest.ts";
import { type Command, releaseOf } from "../../core/schema/mod.ts";
import { defineCommand, UsageError } from "../command.ts";
import { pluginOption, registryWith } from "../plugins.ts";
import { Printing } from "../printing.ts";
import { exporterFor, formatOptions } from "../exporters.ts";

/** Bytes of hex; white space, `0x` and the colons of dumps are let go. */
function bytesOf(text: string): Uint8Array {
  const hex = text.replaceAll(/0x|[\s:,]/gi, "");
  const wrong = /[^0-9a-f]/i.exec(hex);
  if (wrong !== null) throw new UsageError(`not hex: "${wrong[0]}"`);
  if (hex.length % 2 !== 0) throw new UsageError("hex ends within a byte");
  return Uint8Array.fromHex(hex);
}

function commandNamed(registry: Registry, name: string): Command {
  const command = registry.commands.byName(name);
  if (command !== undefined) return command;
  const near = nearest(name, registry.commands.all.map(({ name }) => name));
  throw new UsageError(
    `--command: no command "${name}"; ` +
      (near === null ? "see iggyscope commands" : `did you mean ${near}?`),
  );
}

export default defineCommand({
  name: "decode",
  summary: "Decode PDUs given as hex.",
  details:
    "HEX is a whole request or response, or several one after another, framing included. " +
    "A response does not say what it answers: --command does.",
  operands: [{ name: "HEX", help: "Bytes; - is standard input.", repeatable: true }],
  options: {
    direction: {
      value: "WHICH",
      choices: ["request", "response"],
      help: "What the bytes are; default request.",
    },
    command: { value: "NAME", names: "commands", help: "Whose response it is." },
    release: {
      value: "VERSION",
      help: "Release of the server; else the newest that fits the bytes.",
    },
    framing: { value: "NAME", help: "Framing; else the one the bytes look like." },
    ...formatOptions,
    plugin: pluginOption,
  },
  examples: [
    ["decode 0400000001000000", "A ping"],
    [
      "decode --direction response --command login_user 00000000 04000000 07000000",
      "An answer",
    ],
    ["decode -T ndjson - < request.hex", "Hex from a file, for programs"],
  ],
  async run(options, operands) {
    const registry = await registryWith(options.plugin);
    const { direction = "request", command, release, framing } = options;
    if (release !== undefined && releaseOf(release) === null) {
      throw new UsageError(`--release is a version such as 0.8, not "${release}"`);
    }
    const names = registry.framings.map(({ name }) => name);
    if (framing !== undefined && !names.includes(framing)) {
      throw new UsageError(`--framing is one of ${names.join(", ")}, not "${framing}"`);
    }
    const isInput = operands.length === 1 && operands[0] === "-";
    const text = isInput ? await toText(Deno.stdin.readable) : operands.join(" ");
    const printing = new Printing(await exporterFor(options, "tree"));
    const transactions = decodePdus(registry, bytesOf(text), {
      direction,
      command: command === undefined ? undefined : commandNamed(registry, command),
      release,
      framing,
    });
    if (transactions.length === 0) {
      throw new CaptureError("unreadable", `the bytes hold no ${direction}`);
    }
    transactions.forEach(printing.transaction);
    printing.end();
    return 0;
  },
});
