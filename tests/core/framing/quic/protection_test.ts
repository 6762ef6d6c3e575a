import {
  initialProtection,
  PacketProtection,
} from "../../../../core/framing/quic/protection.ts";
import { readLongHeader } from "../../../../core/framing/quic/header.ts";
import { assertEquals } from "../../../support/assert.ts";
import { hex } from "../../../support/packets.ts";

// Source: RFC 9001 appendix A.3; appendix A.1 has the connection id.
Deno.test("the server's Initial packet of RFC 9001 opens", () => {
  const packet = hex(
    `cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a
     5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3
     dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84
     022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4
     2158407dd074ee`,
  );
  const header = readLongHeader(packet, 0, packet.length)!;
  assertEquals([header.type, header.source.toHex()], ["initial", "f067a5502a4262b5"]);
  const protection = initialProtection(1, hex("8394c8f03e515708"), "server");
  const opened = protection.open(packet, 0, header.numberAt, header.end);
  assertEquals(opened?.number, 1);
  assertEquals(opened?.payload.subarray(0, 8).toHex(), "0200000000060040");
  packet[60]! ^= 1;
  assertEquals(protection.open(packet, 0, header.numberAt, header.end), null);
});

// Source: RFC 9001 appendix A.5.
Deno.test("the ChaCha20-Poly1305 packet of RFC 9001 opens", () => {
  const secret = hex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
  const protection = new PacketProtection(secret, 1, "chacha20-poly1305", "sha256");
  protection.largest = 654360563;
  const packet = hex("4cfe4189655e5cd55c41f69080575d7999c25a5bfb");
  const opened = protection.open(packet, 0, 1, packet.length);
  assertEquals([opened?.number, opened?.payload.toHex()], [654360564, "01"]);
});

// Source: RFC 9369 appendix A.4.
Deno.test("the ChaCha20-Poly1305 packet of QUIC version 2 opens", () => {
  const secret = hex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
  const protection = new PacketProtection(
    secret,
    0x6b3343cf,
    "chacha20-poly1305",
    "sha256",
  );
  protection.largest = 654360563;
  const packet = hex("5558b1c60ae7b6b932bc27d786f4bc2bb20f2162ba");
  const opened = protection.open(packet, 0, 1, packet.length);
  assertEquals([opened?.number, opened?.payload.toHex()], [654360564, "01"]);
});
