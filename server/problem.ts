import type { Problem } from "./api.ts";
import { escapeJson } from "../core/export/printable.ts";
import { FilterError } from "../core/filter/error.ts";

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
  507: "Insufficient Storage",
};

/** A request that is refused, or that failed; thrown anywhere below a route. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  readonly more: Partial<Problem>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    more: Partial<Problem> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.status = status;
    this.more = more;
    this.headers = headers;
  }
}

/** The answer that tells a problem, RFC 9457. */
export function problemResponse(error: ProblemError): Response {
  const problem: Problem = {
    type: "about:blank",
    title: TITLES[error.status] ?? "Error",
    status: error.status,
    detail: error.message,
    ...error.more,
  };
  return new Response(escapeJson(JSON.stringify(problem)), {
    status: error.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...error.headers,
    },
  });
}

/** A wrong filter, with its place. */
export function filterProblem(error: FilterError): ProblemError {
  const { offset, length, suggestion } = error;
  return new ProblemError(422, error.message, { offset, length, suggestion });
}

/** What a thrown value says to the client; null where it is a fault of the program. */
export function asProblem(error: unknown): ProblemError | null {
  if (error instanceof ProblemError) return error;
  if (!(error instanceof Error)) return null;
  // ENOSPC, EDQUOT and EFBIG of the system, SQLITE_FULL of SQLite.
  const isFull = /no space left|quota exceeded|file too large|disk is full/i
    .test(error.message);
  return isFull
    ? new ProblemError(507, "The disk of the server is full; delete some captures.")
    : null;
}
