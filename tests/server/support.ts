/**
 * Servers for tests: an application over a folder of its own, with captures in it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Capture, Problem } from "../../server/api.ts";
import { type AppOptions, createApp, type Server } from "../../server/app.ts";
import { type RunningServer, serve, type ServeOptions } from "../../server/mod.ts";

/** Limits of time that a busy machine does not reach. */
export const PATIENT = { searchMs: 600_000, bodyIdleMs: 600_000, headerMs: 600_000 };

/** The path of a shipped capture. */
export function fixture(name: string): string {
  return new URL(`../../fixtures/captures/${name}`, import.meta.url).pathname;
}

/** A server under test, with short ways to ask it. */
export interface TestServer extends Server {
  readonly folder: string;
  /** What it logged, one JSON text an event. */
  readonly logs: string[];
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** The JSON of an answer that must be 200. */
  json<T>(path: string): Promise<T>;
  /** Uploads a shipped capture. */
  upload(name: string): Promise<Capture>;
}

/** Runs a test with a server over a new folder; both are gone afterwards. */
export async function withServer(
  options: Partial<AppOptions>,
  test: (server: TestServer) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const logs: string[] = [];
  const server = createApp({
    folder,
    log: (...event) => logs.push(JSON.stringify(event)),
    ...options,
    limits: { ...PATIENT, ...options.limits },
  });
  const ask = async (path: string, init?: RequestInit) =>
    await server.app.request(path, init);
  try {
    await test({
      ...server,
      folder,
      logs,
      ask,
      async json<T>(path: string): Promise<T> {
        const response = await ask(path);
        assertEquals(response.status, 200, path);
        return await response.json();
      },
      async upload(name: string): Promise<Capture> {
        const body = await Deno.readFile(fixture(name));
        const response = await ask("/api/captures", { method: "POST", body });
        assertEquals(response.status, 201, name);
        return await response.json();
      },
    });
  } finally {
    await server.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a test with a server that listens. */
export async function withRunning(
  options: Partial<ServeOptions>,
  test: (server: RunningServer) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const server = await serve({
    folder,
    hostname: "127.0.0.1",
    port: 0,
    log: () => {},
    ...options,
    limits: { ...PATIENT, ...options.limits },
  });
  try {
    await test(server);
  } finally {
    await server.stop(0);
    await Deno.remove(folder, { recursive: true });
  }
}

/** The problem that an answer tells; fails where it is none of this status. */
export async function problemOf(response: Response, status: number): Promise<Problem> {
  const text = await response.text();
  assertEquals(response.status, status, text);
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  const problem: Problem = JSON.parse(text);
  assertEquals(problem.status, status);
  return problem;
}

/** Waits until a condition holds; fails after five minutes, for the machine may be busy. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 300_000;
  while (!await condition()) {
    if (performance.now() > end) throw new Error("the condition never held");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Files under a folder. */
export function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}
