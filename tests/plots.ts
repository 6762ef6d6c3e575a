/**
 * `deno task plots` draws the plots of the docs from scenarios; `docs_test.ts` draws them again.
 *
 * @module
 */
import { SequencePass } from "../cli/sequence_graph.ts";
import { synthesise } from "./support/synth.ts";

/** A plot for each way to control congestion, and what it is drawn of. */
export const PLOTS: Readonly<Record<string, string>> = {
  "sequence-reno": scenario("reno"),
  "sequence-cubic": scenario("cubic"),
};

function scenario(congestion: string): string {
  return `
seed: 7
network: { delay: 8ms, loss: 0.01, rate: 4MB, jitter: 200us }
tap: { at: client }
tcp: { congestion: ${congestion}, receive_buffer: 128KiB }
clients:
  - steps:
      - command: login_user
      - command: send_messages
        request: { messages: { times: 60, of: { payload: { repeat: iggy, times: 1500 } } } }`;
}

/** Draws what the client of a scenario says. */
export function plotOf(yaml: string): string {
  const pass = new SequencePass(0);
  for (const packet of synthesise(yaml).packets) pass.push(packet);
  return pass.svg() ?? "";
}

if (import.meta.main) {
  for (const [name, yaml] of Object.entries(PLOTS)) {
    const path = new URL(`../docs/images/${name}.svg`, import.meta.url);
    await Deno.writeTextFile(path, plotOf(yaml));
  }
}
