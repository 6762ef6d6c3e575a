import type { Severity } from "../issue.ts";

/** A kind of finding: its id stays the same from release to release. */
export interface FindingKind {
  readonly severity: Severity;
  /** What was found, in a few words. */
  readonly title: string;
  /** What it means, in a sentence. */
  readonly meaning: string;
  /** What to try. */
  readonly advice: string;
}

/**
 * The findings about single transactions, by id. Those that decoding reports are named by the
 * group of their issue.
 */
export const TRANSACTION_FINDINGS = {
  malformed: {
    severity: "error",
    title: "bytes that do not fit the layout",
    meaning: "A length, a count or the end of a PDU contradicts its content.",
    advice: "Compare the bytes with docs/layouts.md; -V -x shows where decoding stopped.",
  },
  protocol: {
    severity: "warn",
    title: "a value that the protocol does not have",
    meaning: "The bytes decode, but say what no client or server of this release should.",
    advice: "Check which releases the client and the server are of.",
  },
  undecoded: {
    severity: "note",
    title: "bytes that are not decoded",
    meaning: "Something is encrypted, compressed or newer than this program.",
    advice: "See the message; a newer release of the program may know it.",
  },
  sequence: {
    severity: "warn",
    title: "a break in the dialogue",
    meaning:
      "Bytes or packets are missing, or a response does not belong to any request.",
    advice: "Capture nearer to the server, with a larger buffer and snap length.",
  },
  security: {
    severity: "warn",
    title: "something that should not be readable",
    meaning: "The capture shows what only the two ends should know.",
    advice: "Use TLS, and `anonymize` before the capture is shared.",
  },
  response_code: {
    severity: "note",
    title: "an unknown status",
    meaning: "The status has no name in any release that this program knows.",
    advice: "The server may be newer than this program.",
  },
  not_canonical: {
    severity: "warn",
    title: "not what an encoder makes of these values",
    meaning: "The bytes decode, but encoding the same values gives other bytes.",
    advice: "Compare with the conformance vectors of the command (`vectors`).",
  },
  error_status: {
    severity: "warn",
    title: "answered by an error",
    meaning: "The server refused the request.",
    advice: "The status says why; the request's fields are beside it in -V.",
  },
  evicted: {
    severity: "warn",
    title: "session ended by the server",
    meaning: "The server ended the session instead of answering.",
    advice: "The reason says why; the client has to log in again.",
  },
  slow_response: {
    severity: "warn",
    title: "slower than allowed",
    meaning: "The response took longer than --max-response-time.",
    advice: "See `stats` for the time of other commands.",
  },
} as const satisfies Readonly<Record<string, FindingKind>>;

/** The id of a finding about a transaction. */
export type TransactionFindingId = keyof typeof TRANSACTION_FINDINGS;
