import type { ProxyRoute } from "../../server/live/proxy.ts";
import { defineCommand, UsageError, wholeNumber } from "../command.ts";
import { decodedAs } from "../decode_as.ts";
import { say } from "../output.ts";
import { pluginOption, registryWith } from "../plugins.ts";

const MIB = 1024 * 1024;
const USUAL_PORT = 8099;
const MAX_PORT = 65_535;

export default defineCommand({
  name: "serve",
  summary: "Serve captures and live traffic over HTTP, with a page at /.",
  details:
    "Captures lie in the folder --data and outlive the server. Without --host only this " +
    "machine is served; any other address needs --token, or one is made up and printed. " +
    "Logs are lines of JSON on standard error.",
  operands: [],
  options: {
    port: {
      value: "PORT",
      help: `Port to listen on; default ${USUAL_PORT}, 0 is any.`,
    },
    host: { value: "ADDRESS", help: "Address to listen on; default 127.0.0.1." },
    "allow-host": {
      value: "NAME",
      repeatable: true,
      help: "Another name that browsers may know this server by.",
    },
    data: { value: "DIR", help: "Folder of captures; default iggyscope-data." },
    token: { value: "TOKEN", help: "Every request must carry this token." },
    live: {
      value: "IFACE",
      repeatable: true,
      help: "Follow an interface (by dumpcap or tcpdump), or a capture on -.",
    },
    proxy: {
      value: "PORT=HOST:PORT",
      repeatable: true,
      help: "Pass connections to PORT on to an Iggy server, and follow them.",
    },
    "max-upload": { value: "MIB", help: "Largest upload in MiB; default 4096." },
    "max-total": { value: "MIB", help: "Most space for captures in MiB; default 32768." },
    "max-connections": {
      value: "N",
      help: "Most connections of a proxy at once; default 400.",
    },
    "show-secrets": { help: "Show passwords, tokens and keys." },
    "decode-as": {
      short: "d",
      value: "tcp.port==N,iggy",
      repeatable: true,
      help: "Live: take a port, or the ports from N to M written N-M, for Iggy's.",
    },
    plugin: pluginOption,
  },
  examples: [
    ["serve", "Serve on http://127.0.0.1:8099"],
    ["serve --proxy 8190=127.0.0.1:8090", "Watch clients that connect to port 8190"],
    ["serve --live eth0", "Watch an interface"],
  ],
  async run(options) {
    const [{ LIMITS, serve }, { readPage }, { isLoopback }, { parseRoute }] =
      await Promise
        .all([
          import("../../server/mod.ts"),
          import("../../server/page/mod.ts"),
          import("../../server/security.ts"),
          import("../../server/live/proxy.ts"),
        ]);
    const hostname = options.host ?? "127.0.0.1";
    const isPublic = !isLoopback(hostname);
    const token = options.token ?? (isPublic ? crypto.randomUUID() : null);
    const { live, proxy } = options;
    if (live.filter((device) => device === "-").length > 1) {
      throw new UsageError("--live - can be read only once");
    }
    const settings = {
      hostname,
      port: portNumber(options.port),
      folder: options.data ?? "iggyscope-data",
      registry: await registryWith(options.plugin),
      plugins: options.plugin,
      hosts: options["allow-host"],
      token,
      showSecrets: options["show-secrets"],
      page: await readPage(),
      live,
      proxies: proxy.map((text) => routeOf(text, parseRoute(text))),
      ...decodedAs(options["decode-as"]),
      limits: {
        uploadBytes: bytesOf("max-upload", options["max-upload"], LIMITS.uploadBytes),
        proxyConnections: options["max-connections"] === undefined
          ? LIMITS.proxyConnections
          : wholeNumber("max-connections", options["max-connections"], 1),
        totalBytes: bytesOf("max-total", options["max-total"], LIMITS.totalBytes),
      },
    };
    const server = await start(() => serve(settings));
    const stop = () => void server.stop();
    Deno.addSignalListener("SIGINT", stop);
    Deno.addSignalListener("SIGTERM", stop);
    const name = hostname.includes(":") ? `[${hostname}]` : hostname;
    say(`http://${name}:${server.port}/`);
    for (const source of server.sources) say(`live: ${source.name}`);
    if (isPublic && options.token === undefined) say(`the token is ${token}`);
    await server.stopped;
    return 0;
  },
});

/** What the system or the folder refuses is the user's to know in one line. */
async function start<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      /database is locked/.test(message)
        ? "another server works on the same --data"
        : message,
    );
  }
}

function portNumber(text: string | undefined): number {
  const port = text === undefined ? USUAL_PORT : wholeNumber("port", text);
  if (port > MAX_PORT) throw new UsageError(`--port is at most ${MAX_PORT}`);
  return port;
}

function bytesOf(name: string, text: string | undefined, usual: number): number {
  return text === undefined ? usual : wholeNumber(name, text, 1) * MIB;
}

/** A route as it was read, unless it could not be. */
function routeOf<Route extends Omit<ProxyRoute, "hostname">>(
  text: string,
  route: Route | null,
): Route {
  if (route !== null) return route;
  throw new UsageError(`--proxy is PORT=HOST:PORT, not "${text}"`);
}
