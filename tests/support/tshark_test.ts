import { assert, assertEquals } from "@std/assert";
import { requireTsharks } from "./tshark.ts";

const CAPTURE = new URL("../../fixtures/captures/classic-080-all.pcap", import.meta.url)
  .pathname;

Deno.test("every tshark at hand reads a capture and runs a Lua script", async (t) => {
  const tsharks = await requireTsharks();
  if (tsharks === null) return;
  const script = await Deno.makeTempFile({ suffix: ".lua" });
  try {
    await Deno.writeTextFile(
      script,
      `local hello = Proto("hello", "Hello")
       local size = ProtoField.uint32("hello.size", "Size")
       hello.fields = { size }
       function hello.dissector(buffer, packet, tree)
         tree:add(hello, buffer()):add(size, buffer:len())
       end
       DissectorTable.get("tcp.port"):add(8090, hello)`,
    );
    for (const tshark of tsharks) {
      await t.step(`tshark ${tshark.version}`, async () => {
        const { code, stdout, stderr } = await tshark.run({
          capture: CAPTURE,
          lua: script,
          args: [
            "-T",
            "fields",
            "-e",
            "hello.size",
            "-Y",
            "hello.size == 32",
            "-c",
            "20",
          ],
        });
        assertEquals({ code, stderr: stderr.replace(/^Running as user.*\n/, "") }, {
          code: 0,
          stderr: "",
        });
        const sizes = new TextDecoder().decode(stdout).trim().split("\n");
        assert(sizes.length > 0 && sizes.every((size) => size === "32"), `got ${sizes}`);
      });
    }
  } finally {
    await Deno.remove(script);
  }
});
