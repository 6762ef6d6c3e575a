/**
 * The program run as its users run it, and captures made by hand for it.
 *
 * @module
 */
import { PcapWriter } from "../../core/capture/mod.ts";
import { otherSide } from "../../core/flow/mod.ts";
import { concat, ethernetFrame, ipv4, number, tcp } from "../support/packets.ts";
import { run, type RunOptions } from "../support/peer.ts";

/** The folder of the project. */
export const ROOT = new URL("../../", import.meta.url).pathname;

/** Path of a shipped capture. */
export function fixture(name: string): string {
  return `${ROOT}fixtures/captures/${name}`;
}

/** Path of the program. */
export const MAIN = `${ROOT}cli/main.ts`;

/** What a run left, its output as text. */
export interface CliFinished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program with the one permission it asks for. */
export function cli(
  args: readonly string[],
  options: RunOptions = {},
): Promise<CliFinished> {
  return started([], args, options);
}

/** Runs the program with leave to write in a folder. */
export function writingCli(
  folder: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<CliFinished> {
  return started([`--allow-write=${folder}`], args, options);
}

async function started(
  permissions: readonly string[],
  args: readonly string[],
  options: RunOptions = {},
): Promise<CliFinished> {
  const { code, stdout, stderr } = await run(
    Deno.execPath(),
    ["run", "--no-prompt", "--allow-read", ...permissions, MAIN, ...args],
    options,
  );
  return { code, stdout: new TextDecoder().decode(stdout), stderr };
}

/** Does something with a folder that is gone afterwards. */
export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "iggyscope-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A request of the classic framing. */
export function request(code: number, payload: Uint8Array = new Uint8Array()) {
  return concat(number(payload.length + 4, 4, true), number(code, 4, true), payload);
}

/** A response of the classic framing. */
export function response(status: number, payload: Uint8Array = new Uint8Array()) {
  return concat(number(status, 4, true), number(payload.length, 4, true), payload);
}

/** Text behind its length in a byte. */
export function text8(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return concat(Uint8Array.of(bytes.length), bytes);
}

/** Who sends the bytes, and the bytes. */
export type Sent = readonly ["client" | "server", Uint8Array];

/**
 * A pcap of one conversation: handshake, then one segment for each of `sent`, a millisecond
 * apart, from 2026-01-02 03:04:05 UTC on.
 */
export function conversation(
  sent: readonly Sent[],
  port = 8090,
): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => chunks.push(bytes));
  const next = { client: 1000, server: 5000 };
  let millis = 0;
  const send = (side: Sent[0], flags: number, payload = new Uint8Array()) => {
    const peer = otherSide(side);
    const packet = ipv4(tcp({
      sourcePort: side === "client" ? 40_000 : port,
      destinationPort: side === "client" ? port : 40_000,
      sequence: next[side],
      acknowledgment: flags === SYN ? 0 : next[peer],
      flags,
      payload,
    }));
    if (side === "server") packet.set([10, 0, 0, 2, 10, 0, 0, 1], 12);
    writer.write(1_767_323_045, millis++ * 1e6, ethernetFrame(0x0800, packet));
    next[side] += payload.length + (flags & SYN ? 1 : 0);
  };
  send("client", SYN);
  send("server", SYN | ACK);
  send("client", ACK);
  for (const [side, bytes] of sent) send(side, ACK, new Uint8Array(bytes));
  return new Uint8Array(concat(...chunks));
}

const SYN = 2, ACK = 16;
