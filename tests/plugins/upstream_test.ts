import { run } from "../support/peer.ts";
import { assertEquals } from "../support/assert.ts";
import { withFolder } from "../cli/support.ts";

const SCRIPT = new URL("../../plugins/upstream.ts", import.meta.url).pathname;

const OLD = `pub const PING_CODE: u32 = 1;
pub const FLUSH_CODE: u32 = 102;
`;
const NEW = `pub const PING_CODE: u32 = 1;
pub const PAUSE_CODE: u32 = 9999;
pub const POLL_CODE: u32 = 100;
`;
const OLD_BODY = `pub struct StatsResponse {
    pub threads_count: u32,
}
`;
const NEW_BODY = `pub struct StatsResponse {
    pub threads_count: u64,
    pub open_files: Vec<u64>,
}

pub struct PauseRequest {
    pub seconds: u32,
}
`;

Deno.test("two versions of upstream's crate are compared by numbers, structures and fields", async () => {
  await withFolder(async (folder) => {
    for (const [name, codes, body] of [["old", OLD, OLD_BODY], ["new", NEW, NEW_BODY]]) {
      await Deno.mkdir(`${folder}/${name}/responses`, { recursive: true });
      await Deno.writeTextFile(`${folder}/${name}/codes.rs`, codes!);
      await Deno.writeTextFile(`${folder}/${name}/responses/stats.rs`, body!);
    }
    const { code, stdout, stderr } = await run(Deno.execPath(), [
      "run",
      "--quiet",
      "--allow-read",
      "--allow-env=HOME",
      SCRIPT,
      `${folder}/old`,
      `${folder}/new`,
    ]);
    assertEquals(code, 0, stderr);
    assertEquals(new TextDecoder().decode(stdout).trimEnd().split("\n"), [
      "+ code 100 POLL",
      "+ code 9999 PAUSE  (no plugin knows it)",
      "+ field StatsResponse.open_files: Vec<u64>",
      "+ field StatsResponse.threads_count: u64",
      "+ structure PauseRequest",
      "- code 102 FLUSH",
      "- field StatsResponse.threads_count: u32",
    ]);
  });
});
