import { concat } from "../../core/bytes/copy.ts";

const encoder = new TextEncoder();

/** The client's upgrade. Source: RFC 6455 section 1.2, whose key and answer these are. */
export const UPGRADE_REQUEST: Uint8Array = encoder.encode(
  "GET / HTTP/1.1\r\nHost: iggy\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
);

/** The server's answer to it. */
export const UPGRADE_RESPONSE: Uint8Array = encoder.encode(
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
);

const FIN_BINARY = 0x82, MASKED = 0x80;

/**
 * A binary message in one frame; those of clients are masked.
 *
 * Source: RFC 6455 section 5.2.
 */
export function webSocketFrame(payload: Uint8Array, mask: Uint8Array | null): Uint8Array {
  const bit = mask === null ? 0 : MASKED;
  const { length } = payload;
  const view = new DataView(new ArrayBuffer(14));
  view.setUint8(0, FIN_BINARY);
  let head = 2;
  if (length < 126) view.setUint8(1, bit | length);
  else if (length < 65_536) {
    view.setUint8(1, bit | 126);
    view.setUint16(2, length);
    head = 4;
  } else {
    view.setUint8(1, bit | 127);
    view.setBigUint64(2, BigInt(length));
    head = 10;
  }
  const header = new Uint8Array(view.buffer, 0, head);
  if (mask === null) return concat([header, payload]);
  const masked = payload.map((byte, i) => byte ^ mask[i & 3]!);
  return concat([header, mask, masked]);
}
