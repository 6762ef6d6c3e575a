/**
 * The recipes of docs/capturing.md as they stand there, with a real sshd and tcpdump, in
 * a network namespace where a server and a client of Iggy talk.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "yaml";
import { cli, MAIN, ROOT, withFolder } from "../cli/support.ts";
import { findProgram, missingPeer, requirePeer, run } from "../support/peer.ts";
import { requirePython } from "../support/python.ts";

const DECODER = new TextDecoder();
const SSH_PORT = 2222;

/** Blocks of code of the page, in a language. */
async function recipes(language: string): Promise<string[]> {
  const page = await Deno.readTextFile(`${ROOT}docs/capturing.md`);
  const blocks = page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"));
  return [...blocks].map(([, code]) => code!);
}

/** The one line of the page's shell commands that begins so. */
async function recipe(start: string): Promise<string> {
  const lines = (await recipes("sh")).flatMap((code) => code.split("\n"));
  const found = lines.filter((line) => line.startsWith(start));
  assertEquals(found.length, 1, start);
  return found[0]!;
}

/** How long something may take that takes a second. */
const LIMIT_MS = 60_000;

/** Signals a namespace's programs, or those of a name; a shell, since Deno is kept from /proc. */
const SIGNAL = `
for pid in $(ip netns pids "$1"); do
  if [ -z "$3" ] || [ "$(cat /proc/$pid/comm 2>/dev/null)" = "$3" ]; then
    kill -s "$2" $pid 2>/dev/null
  fi
done
exit 0`;

/** A program that was started, what it says, and its end. */
interface Started {
  readonly child: Deno.ChildProcess;
  readonly stderr: Promise<string>;
}

/** A network namespace, a pod's network as it were, where Iggy is spoken on port 8090. */
class Pod {
  readonly #started: Started[] = [];
  readonly #talker: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(readonly name: string, readonly folder: string) {
    const script = `${ROOT}tests/peer/ping.py`;
    this.#talker = this.start("python3", [script, "8090"], "piped").stdin.getWriter();
  }

  /** Does something in a pod; nothing of it is left. */
  static async with(work: (pod: Pod) => Promise<void>): Promise<void> {
    if (Deno.uid() !== 0) return void missingPeer("root, for a network namespace");
    if (!requirePeer("ip") || !await requirePython()) return;
    if (!await mayHaveNamespaces()) return;
    await withFolder(async (folder) => {
      const name = `iggyscope-${crypto.randomUUID().slice(0, 8)}`;
      await ip("netns", "add", name);
      try {
        await ip("-n", name, "link", "set", "lo", "up");
        const pod = new Pod(name, folder);
        try {
          await work(pod);
        } finally {
          await pod.#end();
        }
      } finally {
        await ip("netns", "delete", name);
      }
    });
  }

  /** Starts a program in the namespace, with the folder first in its path. */
  start(
    program: string,
    args: readonly string[],
    stdin: "null" | "piped" = "null",
    stdout: "null" | "piped" = "null",
  ): Deno.ChildProcess {
    const child = new Deno.Command("ip", {
      args: ["netns", "exec", this.name, program, ...args],
      cwd: this.folder,
      env: { PATH: `${this.folder}:${Deno.env.get("PATH")}`, TZ: "UTC", NO_COLOR: "1" },
      stdin,
      stdout,
      stderr: "piped",
    }).spawn();
    this.#started.push({ child, stderr: new Response(child.stderr).text() });
    return child;
  }

  /** Sends a signal to all programs of the namespace, or those of one name. */
  async signal(signal: "TERM" | "KILL", program = ""): Promise<void> {
    const { code, stderr } = await run("sh", [
      "-c",
      SIGNAL,
      "",
      this.name,
      signal,
      program,
    ]);
    assertEquals([code, stderr], [0, ""]);
  }

  /**
   * Has the client ping the server until something is so. A program that waits for packets
   * is never left waiting for the one that would end it.
   */
  async talkUntil(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const end = performance.now() + LIMIT_MS;
    while (!await isSo()) {
      if (performance.now() > end) {
        await this.#end();
        const said = await Promise.all(this.#started.map(({ stderr }) => stderr));
        throw new Error(`still not: ${what}\n${said.join("\n")}`);
      }
      await this.#talker.write(Uint8Array.of(10));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Runs a line of shell in the folder to its end. */
  async shell(line: string): Promise<{ code: number; text: string; stderr: string }> {
    const env = { PATH: `${this.folder}:${Deno.env.get("PATH")}` };
    const found = await run("sh", ["-c", line], { cwd: this.folder, env });
    const { code, stdout, stderr } = found;
    return { code, text: DECODER.decode(stdout), stderr };
  }

  /** Ends a program that captures, with packets for it to wake up by. */
  async finish(program: string, status: Promise<unknown>): Promise<void> {
    let running = true;
    const ended = status.then(() => running = false);
    await this.talkUntil(`the end of ${program}`, async () => {
      if (running) await this.signal("TERM", program);
      return !running;
    });
    await ended;
  }

  /** Puts a script where the namespace's programs find it before others. */
  async script(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.folder}/${name}`, `#!/bin/sh\n${text}\n`, {
      mode: 0o755,
    });
  }

  /** Ends all programs; one that is about to enter the namespace is a child of this one. */
  async #end(): Promise<void> {
    for (const { child } of this.#started) {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    await this.signal("KILL");
    await Promise.all(this.#started.map(({ child }) => child.status));
  }
}

/** Whether this machine lets anyone have a namespace, which no package brings; if not, says so. */
async function mayHaveNamespaces(): Promise<boolean> {
  const name = `iggyscope-${crypto.randomUUID().slice(0, 8)}`;
  const made = await run("ip", ["netns", "add", name]);
  const entered = await run("ip", ["netns", "exec", name, "true"]);
  await run("ip", ["netns", "delete", name]);
  const found = made.code === 0 && entered.code === 0;
  if (!found) console.warn(`SKIPPED: no network namespace here: ${made.stderr}`);
  return found;
}

/** Runs iproute2. */
async function ip(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("ip", args);
  assertEquals(code, 0, stderr);
  return DECODER.decode(stdout);
}

/** The program as the recipes call it. */
const PROGRAM = `exec "${Deno.execPath()}" run --no-prompt --allow-read "${MAIN}" "$@"`;

const PING = /^\d\d:\d\d:\d\d\.\d{6} .* ping +→ ok /;

Deno.test("tcpdump on another host, by ssh, shows the traffic there as it comes", async () => {
  if (!["sshd", "ssh", "ssh-keygen", "tcpdump"].every(requirePeer)) return;
  const line = await recipe("ssh ");
  await Pod.with(async (pod) => {
    const { folder } = pod;
    for (const key of ["host", "own"]) {
      await run("ssh-keygen", [
        "-q",
        "-t",
        "ed25519",
        "-N",
        "",
        "-f",
        `${folder}/${key}`,
      ]);
    }
    const server = [
      `ListenAddress 127.0.0.1:${SSH_PORT}`,
      `HostKey ${folder}/host`,
      `AuthorizedKeysFile ${folder}/own.pub`,
      "PermitRootLogin yes",
      "StrictModes no",
      "UsePAM no",
      "PidFile none",
    ];
    await Deno.writeTextFile(`${folder}/sshd_config`, server.join("\n") + "\n");
    const client = [
      "Host broker.example",
      "HostName 127.0.0.1",
      `Port ${SSH_PORT}`,
      "User root",
      `IdentityFile ${folder}/own`,
      "StrictHostKeyChecking no",
      `UserKnownHostsFile ${folder}/known`,
      "BatchMode yes",
      "ConnectionAttempts 60",
    ];
    await Deno.writeTextFile(`${folder}/ssh_config`, client.join("\n") + "\n");
    await Deno.mkdir("/run/sshd", { recursive: true });
    pod.start(findProgram("sshd")!, ["-D", "-f", `${folder}/sshd_config`]);
    await pod.script("ssh", `exec ${findProgram("ssh")} -F ${folder}/ssh_config "$@"`);
    await pod.script("iggyscope", PROGRAM);
    const { stdout, status } = pod.start("sh", ["-c", line], "null", "piped");
    let text = "";
    let open = true;
    const read = (async () => {
      for await (const chunk of stdout) text += DECODER.decode(chunk, { stream: true });
      open = false;
    })();
    const count = () => text.split("\n").length - 1;
    await pod.talkUntil("25 lines while tcpdump goes on", () => count() > 25);
    // What was under way when the capture began may stand first.
    const lines = text.split("\n").slice(0, 25);
    assert(lines.filter((shown) => PING.test(shown)).length > 20, lines.join("\n"));
    await pod.talkUntil("the end behind tcpdump's", async () => {
      if (open) await pod.signal("TERM", "tcpdump");
      return !open;
    });
    await read;
    assertEquals((await status).code, 0);
  });
});

/** How many pings files hold, and the exit code. */
async function pingsIn(pod: Pod, files: readonly string[]) {
  const args = ["stats", "-T", "json", ...files];
  const { code, stdout, stderr } = await cli(args, { cwd: pod.folder });
  assert(code === 0 || code === 4, stderr);
  return { code, pings: JSON.parse(stdout).total.count as number };
}

Deno.test("the sidecar writes a ring beside the server that iggyscope reads", async () => {
  if (!requirePeer("tcpdump")) return;
  const [yaml] = await recipes("yaml");
  const [sidecar] = parse(yaml!).containers;
  await Pod.with(async (pod) => {
    // tcpdump gives up its rights before it writes.
    await Deno.mkdir(`${pod.folder}/captures`);
    await Deno.chmod(pod.folder, 0o755);
    await Deno.chmod(`${pod.folder}/captures`, 0o777);
    const [program, ...args] = sidecar.command.map((word: string) =>
      word.replace(sidecar.volumeMounts[0].mountPath, `${pod.folder}/captures`)
    );
    const { status } = pod.start(program, args);
    const folder = `${pod.folder}/captures`;
    const size = () =>
      [...Deno.readDirSync(folder)].reduce(
        (sum, { name }) => sum + Deno.statSync(`${folder}/${name}`).size,
        0,
      );
    await pod.talkUntil("20 kB", () => size() > 20_000);
    const files = () =>
      [...Deno.readDirSync(folder)].map(({ name }) => `captures/${name}`);
    // It is read while it grows, and when it has ended.
    const { pings } = await pingsIn(pod, files());
    assert(pings > 20);
    const before = size();
    await pod.talkUntil("twice as much", () => size() > 2 * before);
    await pod.finish("tcpdump", status);
    const whole = await pingsIn(pod, files());
    assertEquals(whole.code, 0);
    assert(whole.pings > pings, `${whole.pings} > ${pings}`);
  });
});

Deno.test("a ring of dumpcap is read while it turns, and when it has ended", async () => {
  if (!["dumpcap", "mergecap"].every(requirePeer)) return;
  const capture = (await recipe("dumpcap ")).replace("filesize:100000", "filesize:40");
  assertStringIncludes(capture, "filesize:40 -b files:10 -w ring.pcapng");
  const later = await recipe("iggyscope $(");
  await Pod.with(async (pod) => {
    await pod.script("iggyscope", PROGRAM);
    const { status } = pod.start("sh", ["-c", `exec ${capture}`]);
    const files = () =>
      [...Deno.readDirSync(pod.folder)].map(({ name }) => name)
        .filter((name) => name.startsWith("ring_")).sort();
    await pod.talkUntil(
      "a ring that has turned",
      () => files().length >= 10 && !files()[0]!.startsWith("ring_00001_"),
    );
    // What this small ring removes in the time of a start is named; each further start gets
    // more time.
    let starts = 0;
    let isRead = false;
    const reading = (async () => {
      for (;;) {
        starts++;
        const read = await pod.shell(later);
        if (/^iggyscope: ring_\w+\.pcapng: no such file\n$/.test(read.stderr)) continue;
        isRead = true;
        return read;
      }
    })();
    const first = files()[0]!;
    await pod.talkUntil("a turn of the ring, and all that was read", async () => {
      await new Promise((resolve) => setTimeout(resolve, (starts - 1) * 200));
      return isRead && !files().includes(first);
    });
    await pod.finish("dumpcap", status);
    const { code, text, stderr } = await reading;
    assert(code === 0 || code === 4, stderr);
    assert(text.split("\n").filter((line) => PING.test(line)).length > 100, text);
    const merged = await run("mergecap", ["-w", "whole.pcapng", ...files()], {
      cwd: pod.folder,
    });
    assertEquals(merged.code, 0, merged.stderr);
    const whole = await pod.shell("iggyscope -T ndjson whole.pcapng");
    const parts = await pod.shell(
      (await recipe("iggyscope ring_")).replace(" ", " -T ndjson "),
    );
    assertEquals([parts.code, parts.stderr], [0, ""]);
    assert(parts.text === whole.text, "the files of the ring differ from mergecap's one");
    assert(parts.text.split("\n").length > 200);
  });
});

const VALIDATE = `
import json, sys, kubernetes_validate
kubernetes_validate.validate(json.load(sys.stdin), "1.33", strict=True)
`;

Deno.test("the sidecar is what Kubernetes' schema of a pod allows", async () => {
  if (!await requirePython("kubernetes_validate")) return;
  const [yaml] = await recipes("yaml");
  const { containers } = parse(yaml!);
  const server = { name: "iggy", image: "apache/iggy" };
  const [{ volumeMounts }] = containers;
  const judge = async (all: readonly unknown[]) => {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "iggy-0" },
      spec: {
        containers: [server, ...all],
        volumes: [{ name: volumeMounts[0].name, emptyDir: {} }],
      },
    };
    const stdin = new TextEncoder().encode(JSON.stringify(pod));
    return (await run("python3", ["-c", VALIDATE], { stdin })).code;
  };
  assertEquals(await judge(containers), 0);
  assertEquals(await judge([{ ...containers[0], capabilities: {} }]), 1);
});
