import { createHash, timingSafeEqual } from "node:crypto";
import type { Limits } from "./limits.ts";
import { ProblemError } from "./problem.ts";

/** Name of the cookie that carries the token for links and event sources of the page. */
const COOKIE = "iggyscope_token";
/** Addresses whose requests are counted; more are counted together. */
const MAX_ADDRESSES = 10_000;

/** Who may ask. */
export interface SecurityOptions {
  /** Names, besides those of loopback, that requests may be addressed to. */
  readonly hosts: readonly string[];
  /** The token every request must bear; null where none is needed. */
  readonly token: string | null;
  readonly limits: Pick<
    Limits,
    "requestsPerSecond" | "requestsAtOnce" | "wrongTokens"
  >;
}

const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** Whether an address to listen on is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(host);
}

/** Headers of every answer. The page has no inline script or style, and loads nothing else. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
    "font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

/** Decides over requests before any route sees them. */
export class Gate {
  readonly #hosts: ReadonlySet<string>;
  readonly #token: string | null;
  readonly #requests: Buckets;
  readonly #wrong: Buckets;

  constructor(options: SecurityOptions) {
    const { hosts, token, limits } = options;
    this.#hosts = new Set([...LOOPBACK, ...hosts.map((host) => host.toLowerCase())]);
    this.#token = token;
    this.#requests = new Buckets(limits.requestsPerSecond, limits.requestsAtOnce);
    this.#wrong = new Buckets(limits.wrongTokens / 60, limits.wrongTokens);
  }

  /** Throws {@link ProblemError} where the request is refused. `isOpen`: needs no token. */
  check(request: Request, address: string, isOpen: boolean): void {
    if (!this.#requests.take(address)) throw tooMany();
    const host = hostOf(request);
    if (!this.#hosts.has(nameOf(host))) {
      throw new ProblemError(
        421,
        "This name is not one of the server's; start it with --allow-host NAME.",
      );
    }
    this.#checkOrigin(request, host);
    if (!isOpen) this.checkToken(tokenOf(request), address);
  }

  /** Throws 401 unless it is the right token, and 429 after too many wrong ones. */
  checkToken(token: string | null, address: string): void {
    if (this.#token === null || isSecretEqual(token ?? "", this.#token)) return;
    if (token !== null && !this.#wrong.take(address)) throw tooMany();
    throw new ProblemError(401, "The token is missing or wrong.", {}, {
      "www-authenticate": 'Bearer realm="iggyscope"',
    });
  }

  /** The header that makes a browser send the token along. */
  cookie(): string {
    const value = encodeURIComponent(this.#token ?? "");
    return `${COOKIE}=${value}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** Other sites may not ask through a visitor's browser, whatever the method. */
  #checkOrigin(request: Request, host: string): void {
    const origin = request.headers.get("origin");
    const isForeign = origin !== null && !isSame(origin, host);
    if (isForeign || isCrossSite(request)) {
      throw new ProblemError(403, "Requests from other sites are refused.");
    }
  }
}

function isSame(origin: string, host: string): boolean {
  return /^https?:\/\//.test(origin) && origin.replace(/^https?:\/\//, "") === host;
}

/** A page of another site asked, and not by a link that the user followed. */
function isCrossSite(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== "cross-site" && site !== "same-site") return false;
  const isVisit = request.headers.get("sec-fetch-mode") === "navigate" &&
    (request.method === "GET" || request.method === "HEAD");
  return !isVisit || new URL(request.url).pathname !== "/";
}

function hostOf(request: Request): string {
  return (request.headers.get("host") ?? new URL(request.url).host).toLowerCase();
}

function nameOf(host: string): string {
  return host.replace(/:\d*$/, "");
}

function tokenOf(request: Request): string | null {
  const header = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "");
  if (header !== null) return header[1]!;
  const cookies = (request.headers.get("cookie") ?? "").split(/; */);
  const cookie = cookies.find((text) => text.startsWith(`${COOKIE}=`));
  if (cookie === undefined) return null;
  try {
    return decodeURIComponent(cookie.slice(COOKIE.length + 1));
  } catch {
    return null;
  }
}

/** Compares in a time that tells neither length nor place of a difference. */
function isSecretEqual(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function tooMany(): ProblemError {
  return new ProblemError(429, "Too many requests.", {}, { "retry-after": "1" });
}

/** Token buckets by address. */
class Buckets {
  readonly #perSecond: number;
  readonly #most: number;
  readonly #buckets = new Map<string, { left: number; since: number }>();

  constructor(perSecond: number, most: number) {
    this.#perSecond = perSecond;
    this.#most = most;
  }

  /** Takes one from the bucket; false where it is empty. */
  take(address: string): boolean {
    const now = performance.now();
    const isFull = this.#buckets.size >= MAX_ADDRESSES && !this.#buckets.has(address);
    const key = isFull ? "others" : address;
    const bucket = this.#buckets.get(key) ?? { left: this.#most, since: now };
    const left = bucket.left + (now - bucket.since) / 1000 * this.#perSecond;
    bucket.left = Math.min(this.#most, left);
    bucket.since = now;
    this.#buckets.set(key, bucket);
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  }
}
