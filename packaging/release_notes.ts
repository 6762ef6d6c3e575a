/**
 * Prints what the changelog says of a version, or of what is unreleased: `deno task notes`.
 *
 * @module
 */
const CHANGELOG = new URL("../CHANGELOG.md", import.meta.url);

/**
 * The part of a changelog about a version, without its heading; null where there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const text = "# Changelog\n\n## [1.1.0] - 2026-01-02\n\n- New.\n\n## [1.0.0]\n\n- Old.\n";
 * assertEquals(releaseNotes(text, "1.1.0"), "- New.\n");
 * assertEquals(releaseNotes(text, "2.0.0"), null);
 * ```
 */
export function releaseNotes(changelog: string, version: string): string | null {
  const parts = changelog.split(/^## /m).slice(1);
  const part = parts.find((text) => text.startsWith(`[${version}]`));
  return part === undefined ? null : `${part.slice(part.indexOf("\n")).trim()}\n`;
}

if (import.meta.main) {
  const [version = "Unreleased"] = Deno.args;
  const notes = releaseNotes(await Deno.readTextFile(CHANGELOG), version);
  if (notes === null) {
    console.error(`CHANGELOG.md says nothing of ${version}`);
    Deno.exit(1);
  }
  await new Blob([notes]).stream().pipeTo(Deno.stdout.writable);
}
