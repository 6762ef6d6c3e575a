import type { AeadName, HashName } from "./crypto.ts";

/** A cipher suite by which records are sealed. */
export interface CipherSuite {
  readonly name: string;
  /** How it seals; null where that is not supported. */
  readonly aead: AeadName | null;
  readonly hash: HashName;
}

const GCM_128 = ["aes-128-gcm", "sha256"] as const;
const GCM_256 = ["aes-256-gcm", "sha384"] as const;
const CHACHA = ["chacha20-poly1305", "sha256"] as const;
/** Without authenticated encryption, or AES-CCM, which Deno's crypto does not have. */
const CLOSED = [null, "sha256"] as const;

/**
 * Suites by their number: all with AES-GCM and ChaCha20-Poly1305, and, to be named, those
 * without support that servers still agree to.
 *
 * Source: IANA TLS Cipher Suites registry; RFC 8446 appendix B.4, RFC 5288, RFC 5289,
 * RFC 7905, RFC 6655, RFC 7251.
 */
const SUITES: ReadonlyMap<number, CipherSuite> = new Map(
  ([
    [0x1301, "TLS_AES_128_GCM_SHA256", GCM_128],
    [0x1302, "TLS_AES_256_GCM_SHA384", GCM_256],
    [0x1303, "TLS_CHACHA20_POLY1305_SHA256", CHACHA],
    [0x1304, "TLS_AES_128_CCM_SHA256", CLOSED],
    [0x1305, "TLS_AES_128_CCM_8_SHA256", CLOSED],
    [0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256", GCM_128],
    [0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", GCM_256],
    [0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", GCM_128],
    [0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", GCM_256],
    [0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256", GCM_128],
    [0x00a9, "TLS_PSK_WITH_AES_256_GCM_SHA384", GCM_256],
    [0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", GCM_128],
    [0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", GCM_256],
    [0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", GCM_128],
    [0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", GCM_256],
    [0xd001, "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", GCM_128],
    [0xd002, "TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384", GCM_256],
    [0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", CHACHA],
    [0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", CHACHA],
    [0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", CHACHA],
    [0xccab, "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256", CHACHA],
    [0xccac, "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", CHACHA],
    [0xc09c, "TLS_RSA_WITH_AES_128_CCM", CLOSED],
    [0xc09d, "TLS_RSA_WITH_AES_256_CCM", CLOSED],
    [0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM", CLOSED],
    [0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM", CLOSED],
    [0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", CLOSED],
    [0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", CLOSED],
    [0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", CLOSED],
    [0xc0af, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8", CLOSED],
    [0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", CLOSED],
    [0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", CLOSED],
    [0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", CLOSED],
    [0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", CLOSED],
    [0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", CLOSED],
    [0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", CLOSED],
    [0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", CLOSED],
    [0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", CLOSED],
    [0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", CLOSED],
    [0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", CLOSED],
  ] as const).map(([id, name, [aead, hash]]) => [id, { name, aead, hash }]),
);

/** The suite of a number; one that is unknown has its number for a name. */
export function cipherSuite(id: number): CipherSuite {
  const name = `0x${id.toString(16).padStart(4, "0")}`;
  return SUITES.get(id) ?? { name, aead: null, hash: "sha256" };
}

/** The suites of TLS 1.3 that are supported. */
export const SUITES_OF_TLS_1_3: readonly number[] = [0x1301, 0x1302, 0x1303];

/** Bytes of an AEAD's key. */
export function keyLength(aead: AeadName): number {
  return aead === "aes-128-gcm" ? 16 : 32;
}
