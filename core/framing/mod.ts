/**
 * How flows are cut into PDUs: the {@link Framing} interface, {@link FrameReader} for frames
 * with a length, {@link Pdu} and {@link Exchange} for what comes out, and the carriers that
 * framings may come in: WebSocket, TLS and QUIC.
 *
 * @module
 */
export type {
  Conversation,
  Endpoints,
  FlowSink,
  Side,
  Stamp,
  Transport,
} from "../flow/mod.ts";
export { FrameReader, type FrameShape } from "./frame_reader.ts";
export type {
  Framer,
  Framing,
  FramingHost,
  FramingPart,
  Link,
  Opening,
  Verdict,
} from "./framing.ts";
export { guardedFraming } from "./guard.ts";
export { type Exchange, Pdu } from "./pdu.ts";
export { quic } from "./quic/mod.ts";
export { KeyLog, type KeyLogOptions, type SecretStore } from "./tls/key_log.ts";
export { tls } from "./tls/mod.ts";
export { websocket } from "./websocket/mod.ts";
