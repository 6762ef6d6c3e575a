import { assert, assertStringIncludes } from "@std/assert";
import { withRunning } from "./support.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const BEGUN = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n";

/** What a server says to bytes until it ends the connection; more of them may drip. */
async function answerTo(port: number, bytes: string, drip = ""): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  if (bytes !== "") await connection.write(encoder.encode(bytes));
  const timer = setInterval(() => {
    // The server may have ended it meanwhile, which is what is waited for.
    if (drip !== "") connection.write(encoder.encode(drip)).catch(() => {});
  }, 50);
  let answer = "";
  try {
    for await (const chunk of connection.readable) answer += decoder.decode(chunk);
  } catch (error) {
    // Bytes that come after the end are answered by a reset.
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  } finally {
    clearInterval(timer);
  }
  return answer;
}

Deno.test("a connection whose header does not come is ended, whatever it drips", async () => {
  await withRunning({ limits: { headerMs: 500 } }, async ({ port }) => {
    const answers = await Promise.all([
      answerTo(port, ""),
      answerTo(port, "GET /healthz HTT"),
      answerTo(port, BEGUN, "X-More: of it\r\n"),
    ]);
    for (const answer of answers) assertStringIncludes(answer, "408 Request Timeout");
  });
});

Deno.test("a connection that is kept and silent is ended", async () => {
  await withRunning({ limits: { keepAliveMs: 500 } }, async ({ port }) => {
    const answer = await answerTo(port, `${BEGUN}\r\n`);
    assert(answer.startsWith("HTTP/1.1 200 "), answer);
  });
});
