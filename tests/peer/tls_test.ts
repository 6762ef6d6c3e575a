/**
 * TLS as OpenSSL speaks it: a client and a server with a relay between them that notes what
 * each said, opened with the key log of the server.
 *
 * @module
 */
import type { Transaction } from "../../core/dissect/transaction.ts";
import type { Side } from "../../core/flow/mod.ts";
import { PacketFlows } from "../../core/tcp/mod.ts";
import type { SecurityRecord } from "../../core/framing/tls/facts.ts";
import { cipherSuite } from "../../core/framing/tls/suites.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { dialogue, issuesOf, type Step } from "../support/dialogue.ts";
import { dissectFixture } from "../support/dissect.ts";
import { keyLog } from "../support/keys.ts";
import { concat, packetsOf } from "../support/packets.ts";
import { requirePeer, run } from "../support/peer.ts";
import { saidOf } from "../support/quic_peer.ts";

/** What the client says, and what the server answers. */
type Exchange = readonly [
  asked: Uint8Array<ArrayBuffer>,
  answer: Uint8Array<ArrayBuffer>,
];

/** A classic ping, and its answer. */
const PING = Uint8Array.of(4, 0, 0, 0, 1, 0, 0, 0);
const OK = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0);
/** What s_client takes for a command: update both sides' keys. */
const KEY_UPDATE: Uint8Array<ArrayBuffer> = new TextEncoder().encode("K\n");

const NOTHING = new Uint8Array();
/** Nothing but what is said goes in or out. */
const QUIET = ["-quiet", "-nocommands", "-no_ign_eof"];

interface Talk {
  readonly steps: Step[];
  readonly keys: string;
}

/** Waits until something is so, for a minute at most. */
async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 12_000 && !isSo(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert(isSo(), `${what}: not within a minute`);
}

/** Runs a server and clients one after another; gives what was said on the last connection. */
async function talk(
  folder: string,
  server: readonly string[],
  clients: readonly (readonly string[])[],
  exchanges: readonly Exchange[] = [[PING, OK]],
): Promise<Talk> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const keys = `${folder}/keys`;
  const peer = new Deno.Command("openssl", {
    args: [
      "s_server",
      ...["-accept", `127.0.0.1:${port}`, "-quiet", "-keylogfile", keys],
      ...["-cert", `${folder}/cert.pem`, "-key", `${folder}/key.pem`, ...server],
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const answers = peer.stdin.getWriter();
  let heard = 0;
  const drained = peer.stdout.pipeTo(
    new WritableStream({ write: (chunk) => void (heard += chunk.length) }),
  ).catch(() => {});
  let steps: Step[] = [];
  const saidBy = (wanted: "client" | "server") =>
    steps.reduce(
      (sum, [side, bytes]) => sum + (side === wanted ? (bytes as Uint8Array).length : 0),
      0,
    );
  try {
    for (const args of clients) {
      steps = [];
      const client = new Deno.Command("openssl", {
        args: ["s_client", "-connect", `127.0.0.1:${listener.addr.port}`, ...args],
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      let answered = 0;
      const read = client.stdout.pipeTo(
        new WritableStream({ write: (chunk) => void (answered += chunk.length) }),
      ).catch(() => {});
      const inner = await listener.accept();
      let outer: Deno.Conn | null = null;
      for (let i = 0; outer === null && i < 250; i++) {
        outer = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => null);
        if (outer === null) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert(outer !== null, "the server does not listen");
      const relayed = Promise.all([
        relay(inner, outer, (bytes) => steps.push(["client", bytes])),
        relay(outer, inner, (bytes) => steps.push(["server", bytes])),
      ]);
      const writer = client.stdin.getWriter();
      // What is said before the handshake ends may be taken for early data of a stranger.
      await until(() => steps.filter(([side]) => side === "client").length >= 2, "hello");
      for (const [asked, answer] of exchanges) {
        const [sent, all, before] = [saidBy("client"), heard, answered];
        await writer.write(asked);
        await until(
          () =>
            asked === KEY_UPDATE ? saidBy("client") > sent : heard >= all + asked.length,
          "a request",
        );
        await answers.write(answer);
        // Not told by what passed the relay, where tickets of the session pass too: the next
        // request would overtake the answer, and a loss then cost what was under way as well.
        await until(() => answered >= before + answer.length, "an answer");
      }
      // A session that ends otherwise is not resumed.
      await writer.close();
      await client.status;
      await relayed;
      await read;
    }
  } finally {
    await answers.close().catch(() => {});
    peer.kill();
    await peer.status;
    await drained;
    listener.close();
  }
  return { steps, keys: await Deno.readTextFile(keys) };
}

async function relay(
  from: Deno.Conn,
  to: Deno.Conn,
  note: (bytes: Uint8Array) => void,
): Promise<void> {
  try {
    for await (const chunk of from.readable) {
      note(chunk.slice());
      await to.write(chunk);
    }
  } catch {
    // one end is gone: so is the other
  }
  try {
    to.close();
  } catch {
    // closed already
  }
}

async function withCertificate(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const { code } = await run("openssl", [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test.example"],
      ...["-keyout", `${folder}/key.pem`, "-out", `${folder}/cert.pem`],
    ]);
    assertEquals(code, 0);
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What is said in clear on the busiest conversation of a capture, turn by turn. */
async function clear(
  capture: string,
): Promise<{ exchanges: Exchange[]; said: Transaction[] }> {
  const all = await dissectFixture(capture);
  const countOf = (wanted: number) =>
    all.filter(({ conversation }) => conversation.number === wanted).length;
  const busiest = all.map(({ conversation }) => conversation.number)
    .reduce((best, one) => countOf(one) > countOf(best) ? one : best);
  const turns: { side: Side; parts: Uint8Array[] }[] = [];
  const flows = new PacketFlows({
    data({ number }, side, bytes, start, end) {
      if (number !== busiest) return;
      if (turns.at(-1)?.side !== side) turns.push({ side, parts: [] });
      turns.at(-1)!.parts.push(bytes.slice(start, end));
    },
  });
  for (const packet of await packetsOf(capture)) flows.push(packet);
  flows.end();
  const exchanges: Exchange[] = [];
  for (let at = 0; at < turns.length; at += 2) {
    const [asked, answer] = [turns[at]!, turns[at + 1]!].map(({ parts }) =>
      concat(...parts).slice()
    );
    exchanges.push([asked!, answer!]);
  }
  const said = all.filter(({ conversation }) => conversation.number === busiest);
  return { exchanges, said };
}

/** The steps cut as a network of small packets does. */
function cut(steps: readonly Step[], size = 1448): Step[] {
  return steps.flatMap(([side, bytes]) => {
    const pieces: Step[] = [];
    const whole = bytes as Uint8Array;
    for (let at = 0; at < whole.length; at += size) {
      pieces.push([side, whole.subarray(at, at + size)]);
    }
    return pieces;
  });
}

/** Checks that what was said in clear came out; gives what was agreed on. */
function opened(
  { steps, keys }: Talk,
  said: readonly Transaction[],
  serverPort?: number,
): SecurityRecord {
  const { transactions, state } = dialogue(cut(steps), {
    keys: keyLog(keys),
    serverPort,
  });
  assertEquals(transactions.map(saidOf), said.map(saidOf));
  assertEquals(issuesOf(transactions), issuesOf(said));
  assert(state.security?.opened);
  return state.security;
}

const SUITES_1_3 = [
  "AES_128_GCM_SHA256",
  "AES_256_GCM_SHA384",
  "CHACHA20_POLY1305_SHA256",
];
const SUITES_1_2 = [
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-RSA-CHACHA20-POLY1305",
  "DHE-RSA-AES128-GCM-SHA256",
  "DHE-RSA-AES256-GCM-SHA384",
  "DHE-RSA-CHACHA20-POLY1305",
  "AES128-GCM-SHA256",
  "AES256-GCM-SHA384",
  "RSA-PSK-AES128-GCM-SHA256",
  "RSA-PSK-CHACHA20-POLY1305",
];
/** Suites of TLS 1.2 whose servers show no certificate. */
const SUITES_WITHOUT_CERTIFICATE = [
  "ADH-AES128-GCM-SHA256",
  "PSK-AES256-GCM-SHA384",
  "DHE-PSK-CHACHA20-POLY1305",
  "ECDHE-PSK-CHACHA20-POLY1305",
];
/** Suites that no key log opens here, with their version and name. */
const CLOSED = [
  ["1.2", "AES128-CCM", "TLS_RSA_WITH_AES_128_CCM"],
  ["1.2", "DHE-RSA-AES256-CCM8", "TLS_DHE_RSA_WITH_AES_256_CCM_8"],
  ["1.2", "ECDHE-RSA-AES128-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"],
  ["1.1", "AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"],
] as const;
const SHARED_SECRET = ["-psk", "6967677973636f7065"];

Deno.test("every suite of OpenSSL that is supported shows the fields in clear", async (t) => {
  if (!requirePeer("openssl")) return;
  const clears = [await clear("classic-080-go.pcap"), await clear("vsr-090e5-go.pcap")];
  await withCertificate(async (folder) => {
    for (const [i, suite] of SUITES_1_3.entries()) {
      await t.step(`TLS 1.3 ${suite}`, async () => {
        const { exchanges, said } = clears[i % 2]!;
        const args = ["-tls1_3", "-ciphersuites", `TLS_${suite}`, ...QUIET];
        const name = ["-servername", "a.example", "-alpn", "iggy"];
        const found = opened(
          await talk(folder, ["-alpn", "iggy"], [[...args, ...name]], exchanges),
          said,
        );
        assertEquals(
          [found.version, found.suite, found.server_name, found.certificate, found.alpn],
          ["1.3", `TLS_${suite}`, "a.example", "CN=test.example", "iggy"],
        );
      });
    }
    for (const [i, suite] of [...SUITES_1_2, ...SUITES_WITHOUT_CERTIFICATE].entries()) {
      await t.step(`TLS 1.2 ${suite}`, async () => {
        const { exchanges, said } = clears[i % 2]!;
        const both = ["-cipher", `${suite}:@SECLEVEL=0`, ...SHARED_SECRET];
        const args = ["-tls1_2", ...both, ...QUIET];
        const found = opened(await talk(folder, both, [args], exchanges), said);
        const isNamed = !SUITES_WITHOUT_CERTIFICATE.includes(suite);
        assertEquals(
          [found.version, found.resumed, found.certificate],
          ["1.2", false, isNamed ? "CN=test.example" : null],
        );
      });
    }
    await t.step(
      "what OpenSSL names has its name, and is closed only where it must",
      async () => {
        const { stdout } = await run("openssl", ["ciphers", "-V", "-stdname", "ALL"]);
        const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
        assert(lines.length > 40);
        for (const line of lines) {
          const [, high, low, name] = /0x(..),0x(..) +- (\S+)/.exec(line)!;
          const suite = cipherSuite(parseInt(high! + low!, 16));
          assertEquals(suite.aead !== null, /AESGCM|CHACHA20/.test(line), line);
          if (!suite.name.startsWith("0x")) assertEquals(suite.name, name);
        }
      },
    );
    for (const [version, suite, name] of CLOSED) {
      await t.step(`TLS ${version} ${suite} is named as not supported`, async () => {
        const both = [
          `-tls${version.replace(".", "_")}`,
          ...["-cipher", `${suite}:@SECLEVEL=0`],
        ];
        const { steps, keys } = await talk(folder, both, [[...both, ...QUIET]]);
        const { transactions } = dialogue(steps, { keys: keyLog(keys) });
        assertEquals(issuesOf(transactions), [
          "note undecoded TLS: not readable as its cipher suite is not supported " +
          `(TLS ${version}, ${name}, certificate CN=test.example)`,
        ]);
      });
    }
  });
});

Deno.test("resumed sessions, retries, key updates and early data of OpenSSL open", async (t) => {
  if (!requirePeer("openssl")) return;
  const { exchanges, said } = await clear("vsr-090e5-go.pcap");
  await withCertificate(async (folder) => {
    for (const version of ["1_2", "1_3"]) {
      await t.step(`a resumed session of TLS ${version}`, async () => {
        const session = `${folder}/session${version}`;
        const found = opened(
          await talk(folder, [], [
            [`-tls${version}`, "-sess_out", session, ...QUIET],
            [`-tls${version}`, "-sess_in", session, ...QUIET],
          ], exchanges),
          said,
        );
        assertEquals(found.resumed, true);
      });
    }
    for (const version of ["1_2", "1_3"]) {
      await t.step(
        `certificates of both sides, by ECDSA, in TLS ${version}`,
        async () => {
          const { code } = await run("openssl", [
            ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            ...["-nodes", "-subj", "/CN=ecdsa.example"],
            ...["-keyout", `${folder}/ec.key`, "-out", `${folder}/ec.pem`],
          ]);
          assertEquals(code, 0);
          const own = ["-cert", `${folder}/ec.pem`, "-key", `${folder}/ec.key`];
          const client = [`-tls${version}`, ...own, ...QUIET];
          const found = opened(
            await talk(folder, ["-Verify", "1", ...own], [client], exchanges),
            said,
          );
          assertEquals(found.certificate, "CN=ecdsa.example");
        },
      );
    }
    await t.step("a HelloRetryRequest", async () => {
      const client = ["-tls1_3", "-groups", "P-256:P-384", ...QUIET];
      const found = opened(
        await talk(folder, ["-groups", "P-384"], [client], exchanges),
        said,
      );
      assertEquals(found.retried, true);
    });
    await t.step("key updates of both sides", async () => {
      const updated = exchanges.flatMap((exchange, i) =>
        i % 10 === 9 ? [exchange, [KEY_UPDATE, NOTHING] as const] : [exchange]
      );
      const short = updated.filter(([asked]) => asked.length < 4096);
      const rest = said.filter(({ request }) => request!.length < 4096);
      const found = opened(await talk(folder, [], [["-tls1_3"]], short), rest);
      assert(found.key_updates >= 10, `${found.key_updates} updates`);
    });
    for (const isTaken of [true, false]) {
      await t.step(
        `early data that the server ${isTaken ? "takes" : "refuses"}`,
        async () => {
          const session = `${folder}/early${isTaken}`;
          await Deno.writeFile(`${folder}/early`, PING);
          const server = isTaken ? ["-early_data"] : ["-early_data", "-num_tickets", "1"];
          const { steps, keys } = await talk(folder, ["-tls1_3", ...server], [
            ["-sess_out", session, ...QUIET],
            ...isTaken ? [] : [["-sess_in", session, ...QUIET]],
            ["-sess_in", session, "-early_data", `${folder}/early`, ...QUIET],
          ]);
          const { transactions, state } = dialogue(steps, { keys: keyLog(keys) });
          assertEquals(state.security?.early_data, isTaken ? "accepted" : "rejected");
          const names = transactions.map(({ name }) => name);
          assertEquals(names, isTaken ? ["ping", "ping"] : ["ping"]);
        },
      );
    }
  });
});

Deno.test("a WebSocket inside OpenSSL's TLS shows the fields in clear", async () => {
  if (!requirePeer("openssl")) return;
  for (const capture of ["classic-080-websocket.pcap", "vsr-090e5-websocket.pcap"]) {
    const { exchanges, said } = await clear(capture);
    await withCertificate(async (folder) => {
      const talked = await talk(folder, [], [QUIET], exchanges);
      for (const port of [8092, 443]) opened(talked, said, port);
    });
  }
});

Deno.test("a packet lost from OpenSSL's TLS costs at most what it carried", async () => {
  if (!requirePeer("openssl")) return;
  const { exchanges } = await clear("vsr-090e5-go.pcap");
  await withCertificate(async (folder) => {
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const talked = await talk(
        folder,
        [],
        [[version, ...QUIET]],
        exchanges.slice(0, 40),
      );
      const steps = cut(talked.steps);
      const keys = keyLog(talked.keys);
      const whole = dialogue(steps, { keys }).transactions;
      const expected = new Set(whole.map(saidOf));
      const first = whole[0]!.request!.stamp.packet;
      for (let lost = first; lost <= steps.length; lost++) {
        const [side, bytes] = steps[lost - 1]!;
        const holed = steps.with(lost - 1, [side, (bytes as Uint8Array).length]);
        const found = dialogue(holed, { keys }).transactions
          .filter(({ request, response }) => request?.whole && response?.whole);
        for (const one of found) assert(expected.has(saidOf(one)), `packet ${lost}`);
        const carried = whole.filter(({ request, response }) =>
          [request, response].some((pdu) =>
            pdu && (pdu.stamp.begun ?? pdu.stamp).packet <= lost &&
            lost <= pdu.stamp.packet
          )
        );
        const cost = whole.length - found.length;
        assert(cost <= carried.length, `packet ${lost}: ${cost} of ${carried.length}`);
      }
    }
  });
});
