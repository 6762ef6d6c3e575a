import { assert, assertEquals } from "@std/assert";
import { transactionsOf } from "../../../core/dissect/mod.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";
import { ndjsonExporter } from "../../../core/export/mod.ts";
import { captures } from "../../golden/golden.ts";

const REGISTRY = iggyRegistry();
const CAPTURES = new URL("../../../fixtures/captures/", import.meta.url);
/** Lines compared of one capture: the longest are read by other tests to their end. */
const MOST = 4000;

Deno.test("lines in bytes are those of records, in every shipped capture", async (t) => {
  const decoder = new TextDecoder();
  for (const capture of captures()) {
    await t.step(capture, async () => {
      let lines = 0, fast = 0;
      for (const showSecrets of [false, true]) {
        const exporter = ndjsonExporter({
          maxBytes: showSecrets ? Infinity : 64,
          showSecrets,
        });
        for await (
          const transaction of transactionsOf(new URL(capture, CAPTURES), REGISTRY)
        ) {
          if (++lines > MOST) break;
          const bytes = exporter.bytes!(transaction);
          if (bytes === null) continue;
          fast++;
          assertEquals(decoder.decode(bytes), exporter.transaction(transaction));
        }
      }
      // Captures of damage are mostly odd; of those that are not, nearly all is ordinary.
      if (/load|go|ipv6|mtu/.test(capture)) {
        assert(fast > 0.8 * lines, `${fast} of ${lines}`);
      }
    });
  }
});
