/**
 * The extcap in Wireshark's own hands, and recipes for captures that come in other ways.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cli, fixture, withFolder } from "../cli/support.ts";
import { requirePeer, run } from "../support/peer.ts";
import { requireDebian } from "../support/tshark.ts";

const CAPTURE = fixture("classic-080-all.pcap");
const EXTCAP = ".local/lib/wireshark/extcap";

async function script(): Promise<string> {
  const { code, stdout, stderr } = await cli(["export", "extcap"]);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

/** Asks the script as Wireshark does. */
async function asked(folder: string, args: string[]) {
  await Deno.writeTextFile(`${folder}/iggyscope`, await script());
  const { code, stdout, stderr } = await run("sh", [`${folder}/iggyscope`, ...args]);
  return { code, stderr, text: new TextDecoder().decode(stdout) };
}

Deno.test("Wireshark lists the interfaces of the extcap and captures from them", async () => {
  const root = await requireDebian();
  if (root === null) return;
  const folder = await Deno.makeTempDir({ dir: `${root}/tmp` });
  const home = folder.slice(root.length);
  const tshark = async (...args: string[]) => {
    const { stdout, stderr } = await run("chroot", [
      root,
      "/usr/bin/env",
      `HOME=${home}`,
      `PATH=${home}:/usr/bin:/bin`,
      "timeout",
      "60",
      "tshark",
      ...args,
    ]);
    return new TextDecoder().decode(stdout) + stderr;
  };
  try {
    await Deno.mkdir(`${folder}/${EXTCAP}`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${EXTCAP}/iggyscope`, await script(), {
      mode: 0o755,
    });
    await Deno.copyFile(CAPTURE, `${folder}/a.pcap`);
    const ssh = `#!/bin/sh\necho "$@" >${home}/asked\ncat ${home}/a.pcap\nsleep 20\n`;
    await Deno.writeTextFile(`${folder}/ssh`, ssh, { mode: 0o755 });
    assertMatch(await tshark("-D"), /iggyfile \(.*\n.*iggykube \(.*\n.*iggyssh \(/);
    const fields = ["-c", "20", "-T", "fields", "-e", "frame.number"];
    const file = `extcap.iggyfile.path:${home}/a.pcap`;
    assertMatch(await tshark("-i", "iggyfile", "-o", file, ...fields), /^19\n20$/m);
    const host = "extcap.iggyssh.host:ann@broker.example";
    assertMatch(await tshark("-i", "iggyssh", "-o", host, ...fields), /^19\n20$/m);
    assertEquals(
      await Deno.readTextFile(`${folder}/asked`),
      "-o BatchMode=yes -- ann@broker.example tcpdump -i any -U -s 0 -w - port 8090\n",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what is no plain word never reaches a shell on another host", async () => {
  await withFolder(async (folder) => {
    const wrong = [
      ["iggyssh", "--host", "-oProxyCommand=id"],
      ["iggyssh", "--host", "a b"],
      ["iggyssh", "--host", "h", "--device", "any; id"],
      ["iggyssh", "--host", "h", "--port", "1 or 1"],
      ["iggyssh", "--host", "h", "--remote", "id; tcpdump"],
      ["iggykube", "--pod", "$(id)"],
      ["iggyfile", "--path", "/no/such/file"],
      ["iggyssh", "--host", "h", "--extcap-capture-filter", "tcp"],
      ["eth0"],
    ];
    for (const [name, ...args] of wrong) {
      const found = await asked(folder, [
        "--capture",
        "--extcap-interface",
        name!,
        "--fifo",
        `${folder}/fifo`,
        ...args,
      ]);
      assertEquals(found.code, 1, args.join(" "));
      assertMatch(found.stderr, /^iggyscope: .*\n$/);
    }
    const config = await asked(folder, [
      "--extcap-config",
      "--extcap-interface=iggykube",
    ]);
    assertStringIncludes(config.text, "{call=--pod}");
    assertMatch((await asked(folder, ["--extcap-dlts"])).text, /^dlt \{number=/);
  });
});

Deno.test("the files of a ring buffer are one capture", async () => {
  if (!requirePeer("editcap")) return;
  await withFolder(async (folder) => {
    const { code } = await run("editcap", ["-c", "40", CAPTURE, `${folder}/ring.pcapng`]);
    assertEquals(code, 0);
    const files = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`)
      .sort();
    assert(files.length > 4);
    const whole = await cli(["-T", "ndjson", CAPTURE]);
    const parts = await cli(["-T", "ndjson", ...files]);
    assertEquals(parts.stdout === whole.stdout, true);
    // The oldest files are gone: what is left is read.
    const left = await cli(["stats", "-T", "json", ...files.slice(2)]);
    assertEquals(left.code, 0);
    assert(JSON.parse(left.stdout).total.count > 30);
  });
});
