/**
 * TLS as OpenSSL speaks it: a client and a server with a relay between them that notes what
 * each said, opened with the key log of the server.
 *
 * @module
 */
import type { SecurityRecord } from "../../core/framing/tls/facts.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { dialogue, issuesOf, type Step } from "../support/dialogue.ts";
import { keyLog } from "../support/keys.ts";
import { requirePeer, run } from "../support/peer.ts";

/** A classic ping, and its answer. */
const PING = Uint8Array.of(4, 0, 0, 0, 1, 0, 0, 0);
const OK = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0);

interface Talk {
  readonly steps: Step[];
  readonly keys: string;
}

/** Waits until something is so, for 10 s at most. */
async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isSo(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert(isSo(), "it did not happen in 10 s");
}

/** Runs a server and clients one after another; gives what was said on the last connection. */
async function talk(
  folder: string,
  server: readonly string[],
  clients: readonly (readonly string[])[],
  said: Uint8Array<ArrayBuffer> = PING,
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
  const drained = peer.stdout.pipeTo(new WritableStream()).catch(() => {});
  let steps: Step[] = [];
  try {
    for (const args of clients) {
      steps = [];
      const client = new Deno.Command("openssl", {
        args: ["s_client", "-connect", `127.0.0.1:${listener.addr.port}`, ...args],
        stdin: "piped",
        stdout: "null",
        stderr: "null",
      }).spawn();
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
      const bytes = () =>
        steps.reduce((sum, [, part]) => sum + (part as Uint8Array).length, 0);
      await until(() => steps.filter(([side]) => side === "client").length >= 2);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const asked = bytes();
      await writer.write(said);
      await until(() => bytes() > asked);
      await new Promise((resolve) => setTimeout(resolve, 60));
      const before = bytes();
      await answers.write(OK);
      await until(() => bytes() > before);
      await writer.close();
      inner.close();
      await relayed;
      await client.status;
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

/** Checks that the ping and its answer came out; gives what was agreed on. */
function opened({ steps, keys }: Talk): SecurityRecord {
  const { transactions, state } = dialogue(steps, { keys: keyLog(keys) });
  assertEquals(
    transactions.map(({ name, statusName }) => [name, statusName]),
    [["ping", "ok"]],
    issuesOf(transactions).join("\n"),
  );
  assert(state.security?.opened);
  return state.security;
}

Deno.test("every suite of OpenSSL that is supported opens", async (t) => {
  if (!requirePeer("openssl")) return;
  await withCertificate(async (folder) => {
    for (
      const suite of [
        "AES_128_GCM_SHA256",
        "AES_256_GCM_SHA384",
        "CHACHA20_POLY1305_SHA256",
      ]
    ) {
      await t.step(`TLS 1.3 ${suite}`, async () => {
        const args = [
          "-tls1_3",
          "-ciphersuites",
          `TLS_${suite}`,
          "-servername",
          "a.example",
        ];
        const found = opened(await talk(folder, [], [["-quiet", ...args]]));
        assertEquals(
          [found.version, found.suite, found.server_name, found.certificate],
          ["1.3", `TLS_${suite}`, "a.example", "CN=test.example"],
        );
      });
    }
    for (
      const suite of [
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "AES128-GCM-SHA256",
      ]
    ) {
      await t.step(`TLS 1.2 ${suite}`, async () => {
        const found = opened(
          await talk(folder, [], [["-quiet", "-tls1_2", "-cipher", suite]]),
        );
        assertEquals([found.version, found.resumed], ["1.2", false]);
      });
    }
    await t.step("AES-CCM is named as not supported", async () => {
      const { steps, keys } = await talk(folder, ["-cipher", "AES128-CCM:@SECLEVEL=0"], [
        ["-quiet", "-tls1_2", "-cipher", "AES128-CCM:@SECLEVEL=0"],
      ]);
      const { transactions } = dialogue(steps, { keys: keyLog(keys) });
      assertEquals(issuesOf(transactions), [
        "note undecoded TLS: not readable as its cipher suite is not supported " +
        "(TLS 1.2, TLS_RSA_WITH_AES_128_CCM, certificate CN=test.example)",
      ]);
    });
  });
});

Deno.test("resumed sessions, retries and key updates of OpenSSL open", async (t) => {
  if (!requirePeer("openssl")) return;
  await withCertificate(async (folder) => {
    for (const version of ["1_2", "1_3"]) {
      await t.step(`a resumed session of TLS ${version}`, async () => {
        const session = `${folder}/session${version}`;
        const found = opened(
          await talk(folder, [], [
            ["-quiet", `-tls${version}`, "-sess_out", session],
            ["-quiet", `-tls${version}`, "-sess_in", session],
          ]),
        );
        assertEquals(found.resumed, true);
      });
    }
    await t.step("a HelloRetryRequest", async () => {
      const groups = ["-groups", "P-256:P-384"];
      const found = opened(
        await talk(folder, ["-groups", "P-384"], [["-quiet", "-tls1_3", ...groups]]),
      );
      assertEquals(found.retried, true);
    });
    await t.step("a key update", async () => {
      const keyUpdate = new TextEncoder().encode("K\n");
      const { steps, keys } = await talk(folder, [], [["-tls1_3"]], keyUpdate);
      const { state } = dialogue(steps, { keys: keyLog(keys) });
      assertEquals([state.security?.opened, (state.security?.key_updates ?? 0) >= 1], [
        true,
        true,
      ]);
    });
  });
});
