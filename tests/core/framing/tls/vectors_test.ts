import {
  expandLabel,
  openSealed,
  pseudoRandom,
} from "../../../../core/framing/tls/crypto.ts";
import { cipherSuite } from "../../../../core/framing/tls/suites.ts";
import { trafficKeys } from "../../../../core/framing/tls/traffic_keys.ts";
import { assertEquals } from "../../../support/assert.ts";
import { hex } from "../../../support/packets.ts";

// Source: RFC 8448 section 3.
Deno.test("keys and a record are those of the simple handshake of RFC 8448", () => {
  const handshake = hex(
    "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38",
  );
  assertEquals(
    expandLabel("sha256", handshake, "key", 16).toHex(),
    "3fce516009c21727d0f2e4e86ee403bc",
  );
  assertEquals(
    expandLabel("sha256", handshake, "iv", 12).toHex(),
    "5d313eb2671276ee13000b30",
  );
  const application = hex(
    "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
  );
  const keys = trafficKeys(cipherSuite(0x1301), "aes-128-gcm", application);
  const record = hex(
    `1703030043 a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b
     395bd54a9a20441e2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4`,
  );
  const opened = keys.open(record, 0);
  assertEquals(opened?.type, 23);
  assertEquals(
    opened?.content.toHex(),
    Uint8Array.from({ length: 50 }, (_, i) => i).toHex(),
  );
  assertEquals(keys.open(record, 1), null);
  record[20]! ^= 1;
  assertEquals(keys.open(record, 0), null);
});

// Source: RFC 8439 section 2.8.2.
Deno.test("ChaCha20-Poly1305 opens the vector of RFC 8439", () => {
  const sealed = hex(
    `d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6
     3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36
     92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc
     3ff4def08e4b7a9de576d26586cec64b6116 1ae10b594f09e26a7e902ecbd0600691`,
  );
  const key = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);
  const opened = openSealed(
    "chacha20-poly1305",
    key,
    hex("070000004041424344454647"),
    hex("50515253c0c1c2c3c4c5c6c7"),
    sealed,
    0,
    sealed.length,
  );
  assertEquals(
    new TextDecoder().decode(opened!),
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for " +
      "the future, sunscreen would be it.",
  );
});

// The vector for SHA-256 that implementers of TLS 1.2 exchanged on the IETF's tls list.
Deno.test("the pseudorandom function of TLS 1.2 gives its known vector", () => {
  const output = pseudoRandom(
    "sha256",
    hex("9bbe436ba940f017b17652849a71db35"),
    "test label",
    [hex("a0ba9f936cda311827a6f796ffd5198c")],
    100,
  );
  assertEquals(
    output.toHex(),
    "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a" +
      "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab" +
      "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701" +
      "87347b66",
  );
});
