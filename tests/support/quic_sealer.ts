/**
 * Packets as a client of a captured QUIC connection could have sent them: for streams and
 * damage that no peer would send.
 *
 * @module
 */
import { createCipheriv } from "node:crypto";
import type { Packet } from "../../core/capture/packet.ts";
import { expandLabel } from "../../core/framing/tls/crypto.ts";
import { nonceOf } from "../../core/framing/tls/traffic_keys.ts";
import { concat, number } from "./packets.ts";

/** Ethernet, IPv4 without options, and UDP. */
const HEADERS = 42;

/** Seals packets of the client of a connection with TLS_AES_256_GCM_SHA384, version 1. */
export class QuicSealer {
  readonly #like: Packet;
  readonly #id: Uint8Array;
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  readonly #mask: Uint8Array;
  #number = 1000;

  /** `like` is a packet of the client with a short header and an id of 8 bytes. */
  constructor(like: Packet, secret: Uint8Array) {
    this.#like = like;
    this.#id = like.bytes.slice(HEADERS + 1, HEADERS + 9);
    const expand = (label: string, length: number) =>
      expandLabel("sha384", secret, `quic ${label}`, length);
    [this.#key, this.#iv, this.#mask] = [
      expand("key", 32),
      expand("iv", 12),
      expand("hp", 32),
    ];
  }

  /** A datagram of one packet with some frames. */
  datagram(frames: Uint8Array): Packet {
    return this.around(this.packet(frames));
  }

  /** A packet with some frames. */
  packet(frames: Uint8Array): Uint8Array {
    const header = concat(Uint8Array.of(0x43), this.#id, number(++this.#number, 4));
    const cipher = createCipheriv(
      "aes-256-gcm",
      this.#key,
      nonceOf(this.#iv, this.#number),
    );
    cipher.setAAD(header);
    const sealed = concat(cipher.update(frames), cipher.final(), cipher.getAuthTag());
    const mask = createCipheriv("aes-256-ecb", this.#mask, null).update(
      sealed.slice(0, 16),
    );
    header[0]! ^= mask[0]! & 0x1f;
    for (let i = 0; i < 4; i++) header[9 + i]! ^= mask[1 + i]!;
    return concat(header, sealed);
  }

  /** A datagram that holds some bytes. */
  around(payload: Uint8Array): Packet {
    const bytes = concat(this.#like.bytes.subarray(0, HEADERS), payload);
    const view = new DataView(bytes.buffer);
    view.setUint16(16, bytes.length - 14);
    view.setUint16(38, bytes.length - 34);
    return {
      ...this.#like,
      bytes,
      start: 0,
      end: bytes.length,
      originalLength: bytes.length,
    };
  }
}

/** A STREAM frame with its offset and length, of less than 2^30 each. */
export function streamFrame(
  id: number,
  offset: number,
  bytes: Uint8Array,
  fin = false,
): Uint8Array {
  const varint = (value: number) => number(value + 0x8000_0000, 4);
  return concat(
    Uint8Array.of(fin ? 0x0f : 0x0e),
    varint(id),
    varint(offset),
    varint(bytes.length),
    bytes,
  );
}
