/**
 * What the program needs of its platform, for Node and Bun: `Deno` and `Worker` as the sources
 * know them. `build.ts` puts these in place of the names, file by file, so nothing global is
 * made that would make other libraries take Node for Deno. `npm:@deno/shim-deno` has no
 * `isTerminal`, and nine tenths of it are not used here.
 *
 * @module
 */
import { errors } from "./errors.ts";
import { files } from "./files.ts";
import { processes } from "./process.ts";
import { stderr, stdin, stdout } from "./streams.ts";
import "./standard.ts";

/** `Deno`, as far as the program uses it; sockets are loaded where they are wanted. */
export const Deno = {
  ...files,
  ...processes,
  errors,
  stdin,
  stdout,
  stderr,
  connect: async (...args: Parameters<typeof import("./sockets.ts").connect>) =>
    await (await import("./sockets.ts")).connect(...args),
  listen: async (...args: Parameters<typeof import("./sockets.ts").listen>) =>
    await (await import("./sockets.ts")).listen(...args),
};

export { Worker } from "./worker.ts";
