import { toText } from "@std/streams";
import type { Registry } from "../../core/dissect/registry.ts";
import { CaptureError } from "../../core/capture/mod.ts";
import { UsageError } from "../command.ts";
import { BufferedFile, openToWrite } from "../buffered_file.ts";
import { CaptureFiles } from "./capture_files.ts";
import { type Path, ScenarioDocument, type ScenarioSource, size } from "./document.ts";
import { RecordedScenario } from "./records.ts";
import { runScenario } from "./run.ts";
import { readScenario, type Scenario, type Step } from "./scenario.ts";
import { Truth } from "./truth.ts";

/** What the command line says. */
export interface Wanted {
  scenario?: string;
  ready: Readonly<Record<string, string>>;
  write?: string;
  truth?: string;
  from?: string;
  seed?: number;
  bytes?: string;
  rotate?: string;
  tap?: "client" | "middle" | "server";
}

/** What a run wrote. */
export interface Written {
  packets: number;
  files: number;
  path: string;
  /** Records that cannot be said again. */
  left: number;
}

/**
 * Reads and checks everything, then runs the scenario once without writing, so that a value
 * that does not fit is told before a file is begun; gives what makes the capture.
 */
export async function prepare(
  registry: Registry,
  wanted: Wanted,
): Promise<() => Written> {
  const document = await documentOf(registry, wanted);
  let scenario: Scenario = readScenario(document);
  if (wanted.tap !== undefined) {
    scenario = { ...scenario, tap: { ...scenario.tap, at: wanted.tap } };
  }
  const path = wanted.write ?? "-";
  if (path === "-" && Deno.stdout.isTerminal()) {
    throw new UsageError("a capture is not for a terminal: say -w FILE, or use a pipe");
  }
  const rotate = wanted.rotate === undefined
    ? undefined
    : sizeOf("rotate", wanted.rotate);
  if (rotate !== undefined && path === "-") {
    throw new UsageError("--rotate needs -w FILE");
  }
  const run = (
    how: Scenario,
    packet: Parameters<typeof runScenario>[1]["packet"],
    truth: Truth | null,
  ) => runScenario(how, { registry, document, seed: wanted.seed, packet, truth });
  run(withoutRepeats(scenario), () => {}, null);
  if (wanted.bytes !== undefined) {
    scenario = withTotal(scenario, sizeOf("bytes", wanted.bytes));
  }
  return () => {
    const files = new CaptureFiles(path, rotate);
    const truthFile = wanted.truth === undefined
      ? null
      : new BufferedFile(openToWrite(wanted.truth));
    const encoder = new TextEncoder();
    const truth = truthFile === null
      ? null
      : new Truth(registry, (line) => truthFile.write(encoder.encode(`${line}\n`)));
    const packets = run(scenario, files.packet, truth);
    files.close();
    truthFile?.close();
    const left = document instanceof RecordedScenario ? document.left : 0;
    return { packets, files: files.files, path, left };
  };
}

async function documentOf(
  registry: Registry,
  { scenario, from, ready }: Wanted,
): Promise<ScenarioSource> {
  const name = from ?? scenario!;
  const known = from === undefined && Object.hasOwn(ready, name)
    ? ready[name]
    : undefined;
  const text = known ?? await textOf(name);
  return from === undefined
    ? new ScenarioDocument(name, text)
    : new RecordedScenario(registry, name, text);
}

async function textOf(name: string): Promise<string> {
  if (name === "-") return await toText(Deno.stdin.readable);
  try {
    return await Deno.readTextFile(name);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CaptureError("unreadable", `${name}: ${message}`);
  }
}

function sizeOf(option: string, value: string): number {
  const path: Path = [];
  try {
    return size(value, path, new ScenarioDocument(`--${option}`, value));
  } catch {
    throw new UsageError(`--${option} is a size such as 64KiB or 10GB, not "${value}"`);
  }
}

/** The scenario with every step once and one client of a kind, for a trial. */
function withoutRepeats(scenario: Scenario): Scenario {
  const once = (steps: readonly Step[]): Step[] =>
    steps.map((step) => ({
      ...step,
      pause: undefined,
      stall: undefined,
      repeat: 1,
      total: undefined,
      ...step.steps ? { steps: once(step.steps) } : {},
    }));
  const clients = scenario.clients?.map((spec) => ({
    ...spec,
    open: undefined,
    count: 1,
    steps: once(spec.steps ?? []),
  }));
  return { seed: scenario.seed, clients };
}

function withTotal(scenario: Scenario, total: number): Scenario {
  const change = (steps: readonly Step[]): Step[] =>
    steps.map((step) => ({
      ...step,
      ...step.total === undefined ? {} : { total },
      ...step.steps ? { steps: change(step.steps) } : {},
    }));
  const clients = scenario.clients?.map((spec) => ({
    ...spec,
    steps: change(spec.steps ?? []),
  }));
  return { ...scenario, clients };
}
