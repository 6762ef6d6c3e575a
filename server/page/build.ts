/**
 * Builds what the server serves at `/` from the sources of the page: `deno task page`.
 *
 * The result is committed in `dist/`, so that serving needs no build and no network; a test
 * builds it anew and compares.
 *
 * @module
 */
import { DIST } from "./mod.ts";

/** The files of the page's folder that are served as they are. */
const COPIED = ["index.html", "icon.svg"];

/** The capture that an empty page offers: every command of one server. */
const SAMPLE = new URL("../../fixtures/captures/classic-080-all.pcap", import.meta.url);

const SOURCE = new URL("./src/", import.meta.url);

/** Builds the page into a folder that exists. */
export async function buildPage(folder: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform=browser",
      "--minify",
      `--outdir=${folder}`,
      new URL("page.tsx", SOURCE).pathname,
    ],
    cwd: new URL("../../", import.meta.url).pathname,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  for (const name of COPIED) {
    await Deno.copyFile(new URL(name, SOURCE), `${folder}/${name}`);
  }
  await Deno.copyFile(SAMPLE, `${folder}/sample.pcap`);
}

if (import.meta.main) {
  await Deno.mkdir(DIST, { recursive: true });
  await buildPage(DIST.pathname);
}
