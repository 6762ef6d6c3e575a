/**
 * The Debian package in the hands of dpkg, in a whole small Debian.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { buildDeb } from "../../packaging/deb.ts";
import { cli, fixture, withFolder } from "../cli/support.ts";
import { type Finished, requirePeer, run } from "../support/peer.ts";
import { requireRuntimes } from "../support/runtimes.ts";
import { requireDebian } from "../support/tshark.ts";

const CAPTURE = fixture("classic-080-all.pcap");
const DECODER = new TextDecoder();

/** A Debian in a folder, run by chroot. */
class Debian {
  constructor(readonly root: string) {}

  run(...args: string[]): Promise<Finished> {
    return run("chroot", [this.root, ...args], {
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", DEBIAN_FRONTEND: "noninteractive" },
    });
  }

  /** Runs a program with success; gives what it printed. */
  async ask(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    assertEquals(code, 0, `${args.join(" ")}: ${stderr}`);
    return DECODER.decode(stdout);
  }

  /** Every path but those where dpkg keeps its own books. */
  files(): Promise<string> {
    const own = ["-path", "/var/lib/dpkg", "-prune", "-o", "-print"];
    return this.ask("find", "/usr", "/etc", "/var/lib", "/var/cache", ...own);
  }
}

/** Node as a package `nodejs`, as NodeSource has it: Debian 13's own is older. */
async function packNode(node: string, folder: string): Promise<string> {
  const { stdout } = await run(node, ["--version"]);
  const version = DECODER.decode(stdout).trim().slice(1);
  const tree = `${folder}/nodejs`;
  await Deno.mkdir(`${tree}/DEBIAN`, { recursive: true });
  await Deno.mkdir(`${tree}/usr/bin`, { recursive: true });
  await Deno.copyFile(node, `${tree}/usr/bin/node`);
  await Deno.writeTextFile(
    `${tree}/DEBIAN/control`,
    `Package: nodejs\nVersion: ${version}\nArchitecture: all\nMaintainer: test\n` +
      "Description: Node\n",
  );
  const packed = await run("dpkg-deb", ["-Znone", "--build", tree, `${tree}.deb`]);
  assertEquals(packed.code, 0, packed.stderr);
  return `${tree}.deb`;
}

Deno.test("dpkg installs the package in Debian, and removes it without a trace", async () => {
  const root = await requireDebian();
  const node = requireRuntimes().find(({ name }) => name === "Node 24");
  if (root === null || node === undefined || !requirePeer("dpkg-deb")) return;
  await withFolder(async (folder) => {
    const copied = await run("cp", ["-a", root, `${folder}/debian`]);
    assertEquals(copied.code, 0, copied.stderr);
    const debian = new Debian(`${folder}/debian`);
    await Deno.copyFile(await buildDeb(folder), `${debian.root}/iggyscope.deb`);
    await Deno.copyFile(await packNode(node.path, folder), `${debian.root}/nodejs.deb`);
    await Deno.copyFile(CAPTURE, `${debian.root}/a.pcap`);
    const before = await debian.files();

    const refused = await debian.run("dpkg", "--install", "/iggyscope.deb");
    assertEquals(refused.code, 1);
    assertMatch(refused.stderr, /iggyscope depends on nodejs \(>= 22\.15\)/);
    await debian.ask("dpkg", "--install", "/nodejs.deb", "/iggyscope.deb");
    assertEquals(await debian.ask("dpkg", "--audit"), "");
    assertEquals(await debian.ask("dpkg", "--verify", "iggyscope"), "");

    const { stdout } = await cli([CAPTURE]);
    assertEquals(await debian.ask("iggyscope", "/a.pcap"), stdout);
    const owner = await debian.ask("dpkg", "--search", "/usr/bin/iggyscope");
    assertEquals(owner, "iggyscope: /usr/bin/iggyscope\n");
    const manual = await debian.ask("zcat", "/usr/share/man/man1/iggyscope.1.gz");
    assertMatch(manual, /^\.TH IGGYSCOPE 1 /im);
    const completion = await debian.ask(
      "bash",
      "-c",
      ". /usr/share/bash-completion/completions/iggyscope && complete -p iggyscope",
    );
    assertStringIncludes(completion, " iggyscope");

    await debian.ask("dpkg", "--remove", "iggyscope");
    assertEquals(await debian.ask("find", "/usr", "-name", "*iggyscope*"), "");
    await debian.ask("dpkg", "--purge", "iggyscope", "nodejs");
    assert(await debian.files() === before, "something is left");
    assertEquals((await debian.run("dpkg", "--status", "iggyscope")).code, 1);
  });
});
