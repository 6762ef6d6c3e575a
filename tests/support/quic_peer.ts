/**
 * QUIC as aioquic speaks it: what was said in clear, said again over a network that loses and
 * delays, and tapped before the server.
 *
 * @module
 */
import { xxh3of } from "../../core/bytes/xxh3.ts";
import type { Packet } from "../../core/capture/packet.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { concat, ethernetFrame, number } from "./packets.ts";
import { assert, assertEquals } from "./assert.ts";
import { missingPeer, requirePeer, run } from "./peer.ts";

const SCRIPT = new URL("../peer/quic_talk.py", import.meta.url).pathname;
const UDP = 17;

/** How aioquic talks; the script says what each of them means. */
export interface QuicOptions {
  suite?: "AES_128_GCM_SHA256" | "AES_256_GCM_SHA384" | "CHACHA20_POLY1305_SHA256";
  version?: number;
  versions?: readonly number[];
  window?: number;
  loss?: number;
  late?: number;
  seed?: number;
  updateEvery?: number;
  moveAfter?: number;
  retry?: boolean;
  resume?: boolean;
  early?: number;
  forget?: boolean;
  samePort?: boolean;
  hello?: "same" | "new";
  grease?: boolean;
  clientId?: number;
  serverId?: number;
  maxData?: number;
  maxStreamData?: number;
  reset?: readonly number[];
  error?: number;
}

/** A tapped talk. */
export interface QuicTalk {
  readonly packets: Packet[];
  readonly keys: string;
}

/** A certificate for servers of tests, with its key, as files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Whether aioquic is there; pip brings it. */
export async function requireAioquic(): Promise<boolean> {
  if (!requirePeer("python3") || !requirePeer("openssl")) return false;
  const { code } = await run("python3", ["-c", "import aioquic"]);
  return code === 0 || missingPeer("aioquic (pip)");
}

/** Makes a certificate of `test.example` in a folder. */
export async function makeCertificate(folder: string): Promise<Certificate> {
  const [certificate, key] = [`${folder}/cert.pem`, `${folder}/key.pem`];
  const { code, stderr } = await run("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test.example"],
    ...["-keyout", key, "-out", certificate],
  ]);
  assertEquals(code, 0, stderr);
  return { certificate, key };
}

/** Says what transactions said in clear, each on a stream of its own. */
export async function talkQuic(
  files: Certificate,
  said: readonly Transaction[],
  options: QuicOptions = {},
): Promise<QuicTalk> {
  const exchanges = said.map(({ request, response }) =>
    [request, response].map((pdu) => pdu?.bytes.toHex() ?? "")
  );
  const asked = JSON.stringify({ ...files, ...options, exchanges });
  const stdin = new TextEncoder().encode(asked);
  const { code, stdout, stderr } = await run("python3", [SCRIPT], { stdin });
  assertEquals(code, 0, stderr);
  const { datagrams, keys, replies } = JSON.parse(new TextDecoder().decode(stdout)) as {
    datagrams: [number, number, number, string][];
    keys: string;
    replies: number;
  };
  assert(replies >= said.length, `aioquic had ${replies} replies`);
  return { packets: datagrams.map(packetOf), keys };
}

function packetOf(
  [time, source, destination, data]: [number, number, number, string],
  i: number,
): Packet {
  const bytes = udpFrame(source, destination, Uint8Array.fromHex(data));
  return {
    number: i + 1,
    seconds: 1000 + Math.floor(time),
    nanos: Math.round(time % 1 * 1e6) * 1000,
    linktype: 1,
    bytes,
    start: 0,
    end: bytes.length,
    originalLength: bytes.length,
  };
}

/** An Ethernet frame of a UDP datagram from or to port 8080 of 192.0.2.2. */
export function udpFrame(
  source: number,
  destination: number,
  payload: Uint8Array,
): Uint8Array {
  const [from, to] = source === 8080 ? [2, 1] : [1, 2];
  const header = new Uint8Array(20);
  header[0] = 0x45;
  header.set(number(28 + payload.length, 2), 2);
  header[8] = 64;
  header[9] = UDP;
  header.set([192, 0, 2, from, 192, 0, 2, to], 12);
  return ethernetFrame(
    0x0800,
    concat(
      header,
      number(source, 2),
      number(destination, 2),
      number(8 + payload.length, 2),
      number(0, 2),
      payload,
    ),
  );
}

/** What was said, without when and where: its name, and a digest of bytes, fields and outcome. */
export function saidOf(
  { name, code, statusName, request, response }: Transaction,
): string {
  const bytes = [request, response].map((pdu) => pdu?.bytes.toHex());
  const fields = [request, response].map((pdu) => pdu?.decoded?.fields ?? null);
  const all = JSON.stringify(
    [code, statusName, ...bytes, fields],
    (_key, value) => typeof value === "bigint" ? `${value}n` : value,
  );
  return `${name} ${statusName} ${xxh3of(new TextEncoder().encode(all)).toString(16)}`;
}
