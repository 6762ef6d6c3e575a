/**
 * `self` of a worker of the web, inside a thread of Node's.
 *
 * @module
 */
import { parentPort, type Transferable } from "node:worker_threads";

type Listener = (event: { data: unknown }) => void;

Object.defineProperty(globalThis, "self", {
  configurable: true,
  value: {
    postMessage: (message: unknown, transfer?: Transferable[]) =>
      parentPort!.postMessage(message, transfer ?? []),
    set onmessage(listener: Listener) {
      parentPort!.on("message", (data) => listener({ data }));
    },
  },
});
