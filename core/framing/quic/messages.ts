import { decodeText } from "../../bytes/cursor.ts";
import type { Side } from "../../flow/mod.ts";
import { alertName } from "../tls/alerts.ts";
import { QUIC_1, QUIC_2 } from "./header.ts";

/** The error by which TLS alerts are told. Source: RFC 9001 section 4.8. */
const CRYPTO_ERROR = 0x100;
/** Bytes shown of why a side closed a connection. */
const MAX_REASON = 200;

/** Says that a side closed a connection with an error; null where it was none. */
export function closeMessage(
  side: Side,
  code: number,
  isApplication: boolean,
  reason: Uint8Array,
): string | null {
  if (code === 0) return null;
  const isAlert = !isApplication && code >= CRYPTO_ERROR && code < CRYPTO_ERROR + 256;
  const what = isAlert
    ? `TLS alert ${alertName(code - CRYPTO_ERROR)}`
    : `${isApplication ? "application " : ""}error ${code}`;
  const text = reason.length === 0
    ? ""
    : ` (${decodeText(reason.slice(0, MAX_REASON)).text})`;
  return `the ${side} closed the QUIC connection: ${what}${text}`;
}

/** A version as it is shown: `v1`, `0x0000002a`; null where it is not known. */
export function versionText(version: number | null): string | null {
  if (version === null) return null;
  if (version === QUIC_1) return "v1";
  return version === QUIC_2 ? "v2" : `0x${version.toString(16).padStart(8, "0")}`;
}
