import { createHmac } from "node:crypto";
import fc from "fast-check";
import { HmacSha256 } from "../../../core/bytes/hmac_sha256.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("HmacSha256 gives what node:crypto gives", () => {
  fc.assert(fc.property(
    fc.uint8Array({ maxLength: 64 }),
    fc.uint8Array({ maxLength: 300 }),
    (key, bytes) => {
      const expected = createHmac("sha256", key).update(bytes).digest("hex");
      assertEquals(new HmacSha256(key).digest(bytes).toHex(), expected);
    },
  ));
});
