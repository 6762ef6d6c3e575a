import net from "node:net";
import { asDenoError } from "./errors.ts";

interface Address {
  transport: "tcp";
  hostname: string;
  port: number;
}

const address = (hostname = "", port = 0): Address => ({
  transport: "tcp",
  hostname,
  port,
});

/** A TCP connection that is read and written as Deno's is. */
class Connection {
  readonly #socket: net.Socket;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();
  readonly remoteAddr: Address;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.remoteAddr = address(socket.remoteAddress, socket.remotePort);
    this.#chunks = socket[Symbol.asyncIterator]();
    // Whoever reads or writes is told; nobody else has to be.
    socket.on("error", () => {});
  }

  setNoDelay(on = true): void {
    this.#socket.setNoDelay(on);
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done) return null;
      this.#rest = value;
    }
    const count = Math.min(this.#rest.length, buffer.length);
    buffer.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#socket.write(
        bytes,
        (error) => error ? reject(asDenoError(error)) : resolve(bytes.length),
      )
    );
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(resolve));
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Connects by TCP. */
export function connect(
  { hostname, port }: { hostname: string; port: number },
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: hostname, port, allowHalfOpen: true });
    socket.once("error", (error) => reject(asDenoError(error)));
    socket.once("connect", () => resolve(new Connection(socket)));
  });
}

/** Listens for TCP connections. */
export function listen({ hostname, port }: { hostname: string; port: number }) {
  return new Promise((resolve, reject) => {
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: false });
    const waiting: net.Socket[] = [];
    let more = Promise.withResolvers<void>();
    server.on("connection", (socket) => {
      waiting.push(socket);
      more.resolve();
      more = Promise.withResolvers();
    });
    server.once("error", (error) => reject(asDenoError(error)));
    server.listen(port, hostname, () => {
      const { address: host, port } = server.address() as net.AddressInfo;
      resolve({
        addr: address(host, port),
        async accept(): Promise<Connection> {
          while (waiting.length === 0) await more.promise;
          return new Connection(waiting.shift()!);
        },
      });
    });
  });
}
