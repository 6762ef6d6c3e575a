import { assertEquals, assertStringIncludes } from "@std/assert";
import { cli, fixture } from "./support.ts";
import { table } from "../../cli/listing.ts";

const CAPTURE = fixture("classic-080-all.pcap");

Deno.test("info gives the keys of its record in order", async () => {
  const { stdout } = await cli(["info", "-T", "ndjson", CAPTURE]);
  assertEquals(
    stdout.replace(CAPTURE, "FILE"),
    '{"file":"FILE","format":"pcap","packets":217,' +
      '"first_time":"2026-11-21T08:48:19.320416000Z",' +
      '"last_time":"2026-11-21T08:48:19.568556000Z","linktypes":[1],"interfaces":1,' +
      '"tcp_conversations":2,"iggy_conversations":2,"cut":false}\n',
  );
  const text = await cli(["info", CAPTURE]);
  assertStringIncludes(text.stdout, "link types:         ETHERNET\n");
});

Deno.test("conversations lists connections, with digests of their flows", async () => {
  const { stdout } = await cli(
    [
      "conversations",
      "--digest",
      "-T",
      "ndjson",
      CAPTURE,
      fixture("classic-080-lossy.pcap"),
    ],
  );
  const rows = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(rows.length, 9);
  assertEquals(rows[0].file, CAPTURE);
  assertEquals([rows[0].transactions, rows[0].errors], [87, 11]);
  assertEquals([rows[0].user, rows[1].user], ["iggy", "#0"]);
  assertEquals(rows[0].client_flow, {
    bytes: 226085,
    sha256: "4d392343ef231191155e30796ca27e2211ceb5b09307b2c22ea0adf01cab5606",
    gaps: 0,
    conflicts: 0,
  });
  assertEquals(rows[8].conversation, 6);
  assertEquals(rows[8].lost_bytes, 0);
  const table = await cli(["conversations", CAPTURE]);
  assertStringIncludes(table.stdout, "127.0.0.1:39220");
  assertEquals(table.stdout.trimEnd().split("\n").length, 3);
});

Deno.test("commands and fields list what is known as table, JSON and Markdown", async () => {
  const commands = JSON.parse((await cli(["commands", "-T", "json"])).stdout);
  const create = commands.find(({ name }: { name: string }) => name === "create_stream");
  assertEquals(create.code, 202);
  const fields = JSON.parse((await cli(["fields", "-T", "json"])).stdout);
  const paths = fields.map(({ path }: { path: string }) => path);
  assertEquals(paths.includes("iggy.poll_messages.response.messages.offset"), true);
  const password = fields.find(({ path }: { path: string }) =>
    path === "iggy.login_user.request.password"
  );
  assertEquals(password.secret, true);
  const page = await cli(["fields", "-T", "md", "iggy.login_user"]);
  assertStringIncludes(
    page.stdout,
    "| field | type | wire form | releases | meaning |\n| - | - |",
  );
  assertStringIncludes(
    (await cli(["commands"])).stdout,
    "Asks whether the server is there.\n",
  );
});

Deno.test("decode reads a run of requests, and a response once told whose it is", async () => {
  const requests = await cli([
    "decode",
    "-T",
    "ndjson",
    "04000000 01000000",
    "0400000016000000",
  ]);
  const names = requests.stdout.trimEnd().split("\n").map((line) =>
    JSON.parse(line).command
  );
  assertEquals(names, ["ping", "get_clients"]);
  const hex = new TextEncoder().encode("00000000 04 00 00 00\n07000000\n");
  const response = await cli(
    ["decode", "--direction", "response", "--command", "login_user", "-"],
    { stdin: hex },
  );
  assertEquals(response.code, 0);
  assertStringIncludes(response.stdout, "Transaction 0: login_user → ok\n");
  assertStringIncludes(response.stdout, "    user_id: 7");
  const none = await cli(["decode", "--direction", "response", "0000"]);
  assertEquals(none.code, 3);
});

Deno.test("a table has as many rows as there are", () => {
  const rows = Array.from({ length: 300_000 }, (_, i) => [`${i}`]);
  assertEquals(table(["n"], rows).length, "     n\n".length + 300_000 * 7);
});
