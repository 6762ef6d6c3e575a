/**
 * A server in a process of its own, as its users run it.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { fixture } from "../cli/support.ts";

/**
 * Runs `serve` of a program, by its path and first arguments, with a proxy beside it; sends it a
 * capture and gives what it answers about it.
 */
export async function served(
  path: string,
  program: readonly string[],
  cwd: string,
): Promise<string> {
  await Deno.mkdir(`${cwd}/data`);
  const child = new Deno.Command(path, {
    args: [...program, "serve", "--port=0", "--data=data", "--proxy=0=127.0.0.1:9"],
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const lines = child.stderr.pipeThrough(new TextDecoderStream());
  let said = "";
  const url = Promise.withResolvers<string>();
  const ended = (async () => {
    for await (const text of lines) {
      said += text;
      const match = /iggyscope: (http:\/\/\S+)\/\n/.exec(said);
      if (match !== null) url.resolve(match[1]!);
    }
    url.reject(new Error(said));
  })();
  try {
    const base = await url.promise;
    const page = await fetch(`${base}/`);
    assertStringIncludes(await page.text(), "<title>");
    const body = await Deno.readFile(fixture("classic-080-all.pcap"));
    const sent = await fetch(`${base}/api/captures`, { method: "POST", body });
    assertEquals(sent.status, 201);
    const { id } = await sent.json();
    const answer = await fetch(`${base}/api/captures/${id}/transactions?format=ndjson`);
    return await answer.text();
  } finally {
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 0, said);
    await ended;
    await Deno.remove(`${cwd}/data`, { recursive: true });
  }
}
