import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  cli,
  conversation,
  fixture,
  request,
  response,
  text8,
  withFolder,
} from "./support.ts";
import { concat, number } from "../support/packets.ts";

const CAPTURES = ["classic-050-all.pcap", "classic-080-all.pcap", "classic-080-go.pcap"];
const FORMATS = [
  ["-T", "text"],
  ["-x"],
  ["-V"],
  ["-V", "-x"],
  ["-T", "ndjson", "--max-bytes", "all"],
  ["-T", "json"],
  ["-T", "csv"],
];

/** Every password and token of a capture, from the records with secrets shown. */
async function secretsOf(capture: string): Promise<string[]> {
  const { stdout } = await cli(["-T", "ndjson", "--show-secrets", capture]);
  const secrets = new Set<string>();
  for (const line of stdout.trimEnd().split("\n")) {
    const { request, response } = JSON.parse(line);
    for (const fields of [request?.fields, response?.fields]) {
      for (const name of ["password", "current_password", "new_password", "token"]) {
        if (fields?.[name]) secrets.add(fields[name]);
      }
    }
  }
  // The root user's password is also its name, which is no secret.
  secrets.delete("iggy");
  return [...secrets];
}

/** All bytes that hex dumps show, one after another. */
function dumped(text: string): string {
  const rows = text.matchAll(/^ +[0-9a-f]{4,} ((?: {1,2}(?:[0-9a-f]{2}|\*\*))+)/gm);
  return [...rows].map(([, hex]) => hex!.replaceAll(" ", "")).join("");
}

Deno.test("no format shows a password or token unless asked to", async (t) => {
  for (const name of CAPTURES) {
    const secrets = await secretsOf(fixture(name));
    assert(secrets.length >= 4, `${name}: ${secrets}`);
    for (const format of FORMATS) {
      await t.step(`${name} ${format.join(" ")}`, async () => {
        const { stdout } = await cli([...format, fixture(name)]);
        for (const secret of secrets) {
          assert(!stdout.includes(secret), `text of ${secret}`);
          const hex = new TextEncoder().encode(secret).toHex();
          assert(
            !stdout.includes(hex) && !dumped(stdout).includes(hex),
            `hex of ${secret}`,
          );
        }
      });
    }
  }
});

Deno.test("-x masks a login that does not decode, and an answer to an unknown request", async () => {
  await withFolder(async (folder) => {
    const password = text8("correct horse");
    const cut = concat(text8("iggy"), password, Uint8Array.of(9, 0, 0, 0));
    const token = "tok-0123456789abcdef";
    const capture = `${folder}/login.pcap`;
    await Deno.writeFile(
      capture,
      conversation([
        ["client", request(38, cut)],
        ["server", response(0, number(7, 4, true))],
        ["server", response(0, text8(token))],
      ]),
    );
    const hidden = await cli(["-x", capture]);
    assertStringIncludes(hidden.stdout, "login_user");
    assert(!/horse|0123456789|tok-/.test(hidden.stdout), hidden.stdout);
    assertStringIncludes(hidden.stdout, "** **");
    const shown = await cli(["-x", "--show-secrets", capture]);
    assertStringIncludes(shown.stdout, "tok-01");
    assertEquals(shown.stdout.includes("** **"), false);
    const hex = new TextEncoder().encode(token).toHex();
    assert(dumped(shown.stdout).includes(hex), "the test would see it");
  });
});
