import type { Registry } from "../../core/dissect/registry.ts";
import { vectorFiles, vectorsOf } from "../../core/vectors/mod.ts";
import readme from "../../plugins/vectors_readme.md" with { type: "text" };
import { tarEnd, tarEntry } from "../tar.ts";

/** Files that are made before others get their turn. */
const FILES = 64;

/** The vectors of every command as a tar archive, a file at a time. */
export async function* vectorArchive(
  registry: Registry,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  let files = 0;
  for (const { path, bytes } of vectorFiles(vectorsOf(registry), readme)) {
    yield tarEntry(`vectors/${path}`, bytes);
    if (++files % FILES === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  yield tarEnd();
}
