import type { Packet } from "../../core/capture/mod.ts";
import { type SequenceGraph, SequenceRecorder } from "../../core/tcp/mod.ts";
import { Spotter, steps } from "./spotter.ts";

/** The time-sequence graphs of one conversation, the client's flow first. */
export async function sequenceOf(
  path: string,
  number: number,
): Promise<readonly [client: SequenceGraph, server: SequenceGraph]> {
  const recorder = new SequenceRecorder();
  const spotter = new Spotter();
  const sink = (packet: Packet) =>
    spotter.push(packet, ({ conversation, segment, sender }) => {
      if (conversation.number !== number) return;
      const isClient = sender === conversation.clientEndpoint;
      recorder.push(segment, isClient ? "client" : "server");
    });
  for await (const _ of steps(path, sink));
  return [recorder.graph("client"), recorder.graph("server")];
}
