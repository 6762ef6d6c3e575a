import { assert, assertEquals } from "@std/assert";
import { transactionsOf } from "../../../core/dissect/mod.ts";
import { textExporter, type TextOptions } from "../../../core/export/mod.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";
import { captures } from "../../golden/golden.ts";

const REGISTRY = iggyRegistry();
const CAPTURES = new URL("../../../fixtures/captures/", import.meta.url);
/** Lines compared of one capture. */
const MOST = 1500;

const LOOKS: readonly Partial<TextOptions>[] = [
  { width: 160 },
  { width: 120, showSecrets: true },
  { width: 80, time: "ud" },
  { width: 40, time: "r" },
];

Deno.test("rows in bytes are those made of spans, in every shipped capture", async (t) => {
  const encoder = new TextEncoder(), decoder = new TextDecoder();
  for (const capture of captures()) {
    await t.step(capture, async () => {
      const looks = LOOKS.map((look) => {
        const options = { maxBytes: 64, showSecrets: false, color: false, hex: false };
        // Both know the lines before, so each writes them all.
        const make = () => textExporter({ ...options, width: 160, ...look });
        return { fast: make(), careful: make(), count: 0 };
      });
      let lines = 0;
      for await (
        const transaction of transactionsOf(new URL(capture, CAPTURES), REGISTRY)
      ) {
        if (++lines > MOST) break;
        for (const look of looks) {
          const bytes = look.fast.bytes!(transaction);
          if (bytes !== null) look.count++;
          const row = bytes ?? encoder.encode(look.fast.transaction(transaction));
          assertEquals(decoder.decode(row), look.careful.transaction(transaction));
        }
      }
      assertEquals(looks[3]!.count, 0, "times that count from lines before have no rows");
      if (/load|go|ipv6|mtu/.test(capture)) {
        assert(looks[0]!.count > 0.8 * Math.min(lines, MOST), `${looks[0]!.count}`);
      }
    });
  }
});
