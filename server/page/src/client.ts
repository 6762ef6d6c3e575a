/**
 * The HTTP API as the page uses it.
 *
 * @module
 */
import type { Capture, Problem } from "../../api.ts";

/** Told when the server wants a token. */
export const TOKEN_EVENT = "iggyscope-token";

/** A request that the server refused, with what it said. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

/** Parameters of a request; those that are null are left out. */
export type Parameters = Readonly<Record<string, string | number | boolean | null>>;

/** The address of a route. */
export function apiUrl(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null) query.set(name, String(value));
  }
  const text = query.toString();
  return `/api/${path}${text === "" ? "" : `?${text}`}`;
}

/** Asks for something; a refusal throws {@link RefusedError}. */
export async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  if (response.status === 401) dispatchEvent(new Event(TOKEN_EVENT));
  if (!response.ok) throw new RefusedError(await readProblem(response));
  return response;
}

/** Asks for JSON. */
export async function load<T>(
  path: string,
  parameters: Parameters = {},
  signal?: AbortSignal,
): Promise<T> {
  const response = await ask(apiUrl(path, parameters), { signal });
  return await response.json() as T;
}

async function readProblem(response: Response): Promise<Problem> {
  const fallback = {
    type: "about:blank",
    title: response.statusText || `status ${response.status}`,
    status: response.status,
  };
  try {
    return { ...fallback, ...await response.json() as Partial<Problem> };
  } catch {
    return fallback; // not from this server, or cut off
  }
}

/** Gives the server its token for a cookie, which goes with links and downloads too. */
export async function signIn(token: string): Promise<void> {
  await fetch(apiUrl("session"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  }).then(async (response) => {
    if (!response.ok) throw new RefusedError(await readProblem(response));
  });
}

/** Bytes sent so far. */
export type Progress = (sent: number, total: number) => void;

/** Sends a capture and its key log; XMLHttpRequest, since fetch tells nothing of the way. */
export function upload(
  file: File,
  keyLog: File | null,
  id: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<Capture> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", apiUrl("captures", { name: file.name, id }));
    request.upload.onprogress = ({ loaded, total }) => progress(loaded, total);
    request.onload = async () => {
      const response = new Response(request.responseText, { status: request.status });
      if (response.ok) resolve(await response.json() as Capture);
      else reject(new RefusedError(await readProblem(response)));
    };
    request.onerror = () => reject(new Error("the connection to the server broke"));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    if (keyLog === null) {
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.send(file);
      return;
    }
    const form = new FormData();
    // The key log first, so that the capture is dissected as it comes.
    form.append("keylog", keyLog, "keylog");
    form.append("capture", file);
    request.send(form);
  });
}

const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

/** A new id for a capture: 10 digits of the time in ms, 16 of chance, base 32. */
export function newCaptureId(now = Date.now()): string {
  let time = "";
  for (let rest = now; time.length < 10; rest = Math.floor(rest / 32)) {
    time = DIGITS[rest % 32]! + time;
  }
  const chance = crypto.getRandomValues(new Uint8Array(16));
  return time + Array.from(chance, (byte) => DIGITS[byte % 32]).join("");
}
