import { amount } from "../../bytes/amount.ts";
import { crypto } from "./crypto.ts";
import { TLS_1_3, versionName } from "./handshake.ts";
import type { TlsFacts } from "./session.ts";
import { cipherSuite } from "./suites.ts";

/** What a handshake agreed on, as it is shown; what was not seen is null. */
export interface SecurityRecord {
  /** `TLS` or `QUIC`. */
  protocol: string;
  version: string | null;
  suite: string | null;
  server_name: string | null;
  /** The application protocol agreed on, or the first one offered. */
  alpn: string | null;
  resumed: boolean;
  retried: boolean;
  early_data: "offered" | "accepted" | "rejected" | null;
  key_updates: number;
  renegotiations: number;
  /** Subject of the server's certificate, where it was readable. */
  certificate: string | null;
  /** The content was readable. */
  opened: boolean;
}

/** What a handshake agreed on, in the form that is shown. */
export function securityRecord(
  facts: TlsFacts,
  opened: boolean,
  protocol = "TLS",
  version: string | null = facts.version === null ? null : versionName(facts.version),
): SecurityRecord {
  return {
    protocol,
    version,
    suite: facts.suite === null ? null : cipherSuite(facts.suite).name,
    server_name: facts.serverName,
    alpn: facts.alpn[0] ?? null,
    resumed: facts.resumed,
    retried: facts.retried,
    early_data: facts.earlyData,
    key_updates: facts.keyUpdates,
    renegotiations: facts.renegotiations,
    certificate: facts.certificate === null ? null : subjectOf(facts.certificate),
    opened,
  };
}

/** A line on it: `TLS 1.3, TLS_AES_128_GCM_SHA256, server name localhost`. */
export function securityText(record: SecurityRecord): string {
  const { protocol, version, suite, server_name, alpn, certificate } = record;
  const parts = [
    version === null ? protocol : `${protocol} ${version}`,
    suite,
    server_name === null ? null : `server name ${server_name}`,
    alpn === null ? null : `ALPN ${alpn}`,
    certificate === null ? null : `certificate ${certificate}`,
    record.resumed ? "resumed" : null,
    record.retried ? "after a HelloRetryRequest" : null,
    record.early_data === null ? null : `early data ${record.early_data}`,
    times(record.key_updates, "key update"),
    times(record.renegotiations, "renegotiation"),
  ];
  return parts.filter((part) => part !== null).join(", ");
}

function times(count: number, what: string): string | null {
  return count === 0 ? null : amount(count, what);
}

/** The subject of a certificate on one line; null where it cannot be read. */
function subjectOf(der: Uint8Array): string | null {
  try {
    const { subject } = new (crypto().X509Certificate)(der);
    return subject === undefined ? null : subject.replaceAll("\n", ", ");
  } catch {
    return null;
  }
}

/** Whether a suite can be opened once its secrets are known, by what was agreed on. */
export function isSupported({ suite, version }: TlsFacts): boolean {
  return suite === null || cipherSuite(suite).aead !== null ||
    (version ?? TLS_1_3) > TLS_1_3;
}
