/**
 * The image, built of the Dockerfile as it stands by buildah, which needs no daemon. Its base
 * comes from a registry that CI does not reach: Debian, Node 24 and npm under the base's name
 * stand for it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { cli, fixture, ROOT, withFolder } from "../cli/support.ts";
import { type Finished, requirePeer, run } from "../support/peer.ts";
import { requirePackage, requireRuntimes, runtimesFolder } from "../support/runtimes.ts";
import { requireDebian } from "../support/tshark.ts";

const CAPTURE = "classic-080-all.pcap";
/** Where a machine's own certificates stand in the base, for package registries. */
const CERTIFICATES = "/etc/ssl/extra.crt";

/** Buildah with a store of its own. */
class Buildah {
  constructor(readonly store: string) {}

  /** Runs it, whatever comes of it. */
  attempt(args: readonly string[]): Promise<Finished> {
    const places = ["--root", `${this.store}/images`, "--runroot", `${this.store}/run`];
    return run("buildah", [...places, ...args], {
      cwd: ROOT,
      env: { STORAGE_DRIVER: "vfs", BUILDAH_ISOLATION: "chroot" },
    });
  }

  /** Runs it with success. */
  async run(args: readonly string[]): Promise<Finished> {
    const finished = await this.attempt(args);
    assertEquals(finished.code, 0, `${args.join(" ")}: ${finished.stderr.slice(-4000)}`);
    return finished;
  }

  /** What a command tells, without its end of line. */
  async ask(...args: string[]): Promise<string> {
    return new TextDecoder().decode((await this.run(args)).stdout).trim();
  }
}

/** Makes what stands for an image of Node; false where no container may be run. */
async function makeBase(buildah: Buildah, name: string, root: string): Promise<boolean> {
  const node = requireRuntimes().find(({ name }) => name === "Node 24");
  assert(node !== undefined);
  const base = await buildah.ask("from", "scratch");
  await buildah.ask("add", base, root, "/");
  const { code, stderr } = await buildah.attempt(["run", base, "--", "true"]);
  if (code !== 0) {
    // A right of this machine, which no package would bring.
    console.warn(`SKIPPED: no container may be run here: ${stderr}`);
    return false;
  }
  await buildah.ask("copy", base, node.path, "/usr/local/bin/node");
  const npm = `${runtimesFolder()}/node_modules/npm`;
  await buildah.ask("copy", base, npm, "/usr/local/lib/node_modules/npm");
  const link = "ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx";
  await buildah.ask("run", base, "--", "sh", "-c", `${link} && useradd -m node`);
  const own = Deno.env.get("NODE_EXTRA_CA_CERTS");
  if (own !== undefined) {
    await buildah.ask("copy", base, own, CERTIFICATES);
    const trust = ["NODE_EXTRA_CA_CERTS", "DENO_CERT"].flatMap((variable) => [
      "--env",
      `${variable}=${CERTIFICATES}`,
    ]);
    await buildah.ask("config", ...trust, base);
  }
  await buildah.ask("commit", base, name);
  await buildah.ask("rm", base);
  return true;
}

Deno.test("the Dockerfile makes an image that reads captures", async () => {
  const root = await requireDebian();
  if (root === null || !requirePeer("buildah")) return;
  if (requireRuntimes().length === 0 || !requirePackage("npm")) return;
  const dockerfile = await Deno.readTextFile(`${ROOT}Dockerfile`);
  const bases = new Set(
    [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, name]) => name!),
  );
  assertEquals(bases.size, 1);
  await withFolder(async (folder) => {
    const buildah = new Buildah(folder);
    const [base] = bases;
    if (!await makeBase(buildah, `docker.io/library/${base}`, root)) return;
    await buildah.ask("bud", "--pull-never", "--tag", "iggyscope", ".");
    const format = "{{range .OCIv1.Config.Entrypoint}}{{.}} {{end}}";
    const entry = await buildah.ask(
      "inspect",
      "--type",
      "image",
      "--format",
      format,
      "iggyscope",
    );
    const made = await buildah.ask("from", "iggyscope");
    const captures = `${fixture("")}:/captures:ro`;
    const args = ["run", "--volume", captures, made, "--"];
    const answer = await buildah.run([...args, ...entry.split(" "), CAPTURE]);
    const expected = await cli([fixture(CAPTURE)]);
    assertEquals(new TextDecoder().decode(answer.stdout), expected.stdout);
    assertEquals(await buildah.ask(...args, "id", "-un"), "node");
    await buildah.ask("rm", "--all");
  });
});
