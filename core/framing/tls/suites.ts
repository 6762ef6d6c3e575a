import type { AeadName, HashName } from "./crypto.ts";

/** A cipher suite by which records are sealed. */
export interface CipherSuite {
  readonly name: string;
  /** How it seals; null where that is not supported. */
  readonly aead: AeadName | null;
  readonly hash: HashName;
}

/** Numbers of suites with AES-128-GCM, by what precedes; the next one has AES-256-GCM. */
const GCM = [
  [0x009c, "RSA"],
  [0x009e, "DHE_RSA"],
  [0x00a0, "DH_RSA"],
  [0x00a2, "DHE_DSS"],
  [0x00a4, "DH_DSS"],
  [0x00a6, "DH_anon"],
  [0x00a8, "PSK"],
  [0x00aa, "DHE_PSK"],
  [0x00ac, "RSA_PSK"],
  [0xc02b, "ECDHE_ECDSA"],
  [0xc02d, "ECDH_ECDSA"],
  [0xc02f, "ECDHE_RSA"],
  [0xc031, "ECDH_RSA"],
  [0xd001, "ECDHE_PSK"],
] as const;

const CHACHA = [
  [0xcca8, "ECDHE_RSA"],
  [0xcca9, "ECDHE_ECDSA"],
  [0xccaa, "DHE_RSA"],
  [0xccab, "PSK"],
  [0xccac, "ECDHE_PSK"],
  [0xccad, "DHE_PSK"],
  [0xccae, "RSA_PSK"],
] as const;

/** Without authenticated encryption, or AES-CCM, which Deno's crypto does not have. */
const CLOSED = [
  [0x1304, "AES_128_CCM_SHA256"],
  [0x1305, "AES_128_CCM_8_SHA256"],
  [0xc09c, "RSA_WITH_AES_128_CCM"],
  [0xc09d, "RSA_WITH_AES_256_CCM"],
  [0xc09e, "DHE_RSA_WITH_AES_128_CCM"],
  [0xc09f, "DHE_RSA_WITH_AES_256_CCM"],
  [0xc0a0, "RSA_WITH_AES_128_CCM_8"],
  [0xc0a1, "RSA_WITH_AES_256_CCM_8"],
  [0xc0a2, "DHE_RSA_WITH_AES_128_CCM_8"],
  [0xc0a3, "DHE_RSA_WITH_AES_256_CCM_8"],
  [0xc0a4, "PSK_WITH_AES_128_CCM"],
  [0xc0a5, "PSK_WITH_AES_256_CCM"],
  [0xc0a6, "DHE_PSK_WITH_AES_128_CCM"],
  [0xc0a7, "DHE_PSK_WITH_AES_256_CCM"],
  [0xc0a8, "PSK_WITH_AES_128_CCM_8"],
  [0xc0a9, "PSK_WITH_AES_256_CCM_8"],
  [0xc0aa, "PSK_DHE_WITH_AES_128_CCM_8"],
  [0xc0ab, "PSK_DHE_WITH_AES_256_CCM_8"],
  [0xc0ac, "ECDHE_ECDSA_WITH_AES_128_CCM"],
  [0xc0ad, "ECDHE_ECDSA_WITH_AES_256_CCM"],
  [0xc0ae, "ECDHE_ECDSA_WITH_AES_128_CCM_8"],
  [0xc0af, "ECDHE_ECDSA_WITH_AES_256_CCM_8"],
  [0x002f, "RSA_WITH_AES_128_CBC_SHA"],
  [0x0033, "DHE_RSA_WITH_AES_128_CBC_SHA"],
  [0x0035, "RSA_WITH_AES_256_CBC_SHA"],
  [0x0039, "DHE_RSA_WITH_AES_256_CBC_SHA"],
  [0x003c, "RSA_WITH_AES_128_CBC_SHA256"],
  [0x003d, "RSA_WITH_AES_256_CBC_SHA256"],
  [0x0067, "DHE_RSA_WITH_AES_128_CBC_SHA256"],
  [0x006b, "DHE_RSA_WITH_AES_256_CBC_SHA256"],
  [0xc009, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA"],
  [0xc00a, "ECDHE_ECDSA_WITH_AES_256_CBC_SHA"],
  [0xc013, "ECDHE_RSA_WITH_AES_128_CBC_SHA"],
  [0xc014, "ECDHE_RSA_WITH_AES_256_CBC_SHA"],
  [0xc023, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"],
  [0xc024, "ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"],
  [0xc027, "ECDHE_RSA_WITH_AES_128_CBC_SHA256"],
  [0xc028, "ECDHE_RSA_WITH_AES_256_CBC_SHA384"],
] as const;

type Row = readonly [id: number, name: string, aead: AeadName | null, hash: HashName];

const AES_128 = ["aes-128-gcm", "sha256"] as const;
const AES_256 = ["aes-256-gcm", "sha384"] as const;
const CHACHA20 = ["chacha20-poly1305", "sha256"] as const;

/**
 * Suites by their number: all with AES-GCM and ChaCha20-Poly1305, and, to be named, those
 * without support that servers still agree to.
 *
 * Source: IANA TLS Cipher Suites registry; RFC 8446 appendix B.4, RFC 5288, RFC 5289,
 * RFC 5487, RFC 7905, RFC 8442, RFC 6655, RFC 7251.
 */
function suitesByNumber(): ReadonlyMap<number, CipherSuite> {
  return new Map(
    ([
      [0x1301, "AES_128_GCM_SHA256", ...AES_128],
      [0x1302, "AES_256_GCM_SHA384", ...AES_256],
      [0x1303, "CHACHA20_POLY1305_SHA256", ...CHACHA20],
      ...GCM.flatMap(([id, by]): Row[] => [
        [id, `${by}_WITH_AES_128_GCM_SHA256`, ...AES_128],
        [id + 1, `${by}_WITH_AES_256_GCM_SHA384`, ...AES_256],
      ]),
      ...CHACHA.map(([id, by]): Row => [
        id,
        `${by}_WITH_CHACHA20_POLY1305_SHA256`,
        ...CHACHA20,
      ]),
      ...CLOSED.map(([id, name]): Row => [id, name, null, "sha256"]),
    ] as const satisfies readonly Row[])
      .map(([id, name, aead, hash]) => [id, { name: `TLS_${name}`, aead, hash }]),
  );
}

let suites: ReadonlyMap<number, CipherSuite> | null = null;

/** The suite of a number; one that is unknown has its number for a name. */
export function cipherSuite(id: number): CipherSuite {
  const name = `0x${id.toString(16).padStart(4, "0")}`;
  suites ??= suitesByNumber();
  return suites.get(id) ?? { name, aead: null, hash: "sha256" };
}

/** The suites of TLS 1.3 that are supported. */
export const SUITES_OF_TLS_1_3: readonly number[] = [0x1301, 0x1302, 0x1303];

/** Bytes of an AEAD's key. */
export function keyLength(aead: AeadName): number {
  return aead === "aes-128-gcm" ? 16 : 32;
}
