/**
 * Published schemas of formats that this project writes, as packages bring them.
 *
 * @module
 */
import { findProgram, missingPeer, run } from "./peer.ts";

const JUDGE = new URL("../peer/upstream/", import.meta.url).pathname;

/** The JSON Schema of SARIF 2.1.0, from a Rust package; null where cargo is missing. */
export async function sarifSchema(): Promise<Record<string, unknown> | null> {
  if (findProgram("cargo") === null) return missingPeer("cargo") || null;
  const { stdout, stderr } = await run("cargo", [
    "metadata",
    "--format-version=1",
    "--locked",
    `--manifest-path=${JUDGE}Cargo.toml`,
  ], { env: cargoEnvironment() });
  let packages: { name: string; manifest_path: string }[];
  try {
    packages = JSON.parse(new TextDecoder().decode(stdout)).packages;
  } catch {
    throw new Error(`cargo metadata: ${stderr}`);
  }
  const { manifest_path } = packages.find(({ name }) => name === "serde-sarif")!;
  const path = manifest_path.replace(/Cargo\.toml$/, "src/schema.json");
  return JSON.parse(await Deno.readTextFile(path));
}

/** Path of Jenkins' schema of JUnit's XML, which `.ci/run` fetches; null where it is not. */
export function junitSchema(): string | null {
  const path = Deno.env.get("IGGYSCOPE_JUNIT_XSD");
  if (findProgram("xmllint") === null) return missingPeer("xmllint") || null;
  return path ?? (missingPeer("the schema of JUnit's XML (IGGYSCOPE_JUNIT_XSD)") || null);
}

/** What cargo needs of the environment to find its toolchain and packages. */
export function cargoEnvironment(): Record<string, string> {
  const names = ["HOME", "CARGO_HOME", "RUSTUP_HOME", "PATH", "RUSTUP_TOOLCHAIN"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
