import type { Side } from "../flow/mod.ts";
import type { TcpState } from "./endpoint.ts";
import type { EndpointOptions } from "./endpoint_options.ts";
import type { Address } from "./frame.ts";
import type { Connection, Network } from "./network.ts";

/** A request with its response; times in nanoseconds. */
export interface Exchange {
  /** Null where the server speaks unasked. */
  readonly request: Uint8Array | null;
  /** Null where no answer is given. */
  readonly response: Uint8Array | null;
  /** Before the client sends. */
  readonly pause?: number;
  /** Before the server answers. */
  readonly think?: number;
  /** Sent only when all before is answered. */
  readonly alone?: boolean;
  /** A side stops reading for a while when the request is sent. */
  readonly stall?: { readonly side: Side; readonly nanos: number };
}

/** How a connection begins and ends. */
export interface DialogueOptions {
  addresses: Readonly<Record<Side, Address>>;
  endpoints: Readonly<Record<Side, EndpointOptions>>;
  /** Requests the client sends before it waits for an answer. */
  depth: number;
  /** Responses may be sent in another order than their requests. */
  overtake: boolean;
  /** Both ends open it at once. */
  simultaneousOpen: boolean;
  /** Who closes first: both at once, one with a reset, or nobody. */
  end: Side | "both" | "reset" | "none";
  /** Nobody listens. */
  refused: boolean;
}

/** What is told of a dialogue's bytes, in offsets of their flow, 0 being the first byte. */
export interface DialogueWatcher<E extends Exchange> {
  /** A side wrote a PDU to its flow. */
  wrote?(side: Side, start: number, end: number, exchange: E): void;
  /** Both ends are closed, or nothing more will happen. */
  closed?(): void;
}

interface Waiting<E> {
  exchange: E;
  /** Offset of the flow at which the PDU has arrived. */
  end: number;
}

/** Bytes a side keeps waiting in its buffer before it writes more. */
const HIGH_WATER = 1 << 20;

/**
 * Speaks exchanges over a connection: a client that sends requests, a server that answers
 * what has arrived. Exchanges are taken one by one, when they can be sent.
 */
export class Dialogue<E extends Exchange> {
  readonly connection: Connection;
  readonly #network: Network;
  readonly #options: DialogueOptions;
  readonly #exchanges: Iterator<E>;
  readonly #watcher: DialogueWatcher<E>;
  readonly #received = { client: 0, server: 0 };
  readonly #written = { client: 0, server: 0 };
  /** Requests on their way to the server, and responses on theirs to the client. */
  readonly #asked: Waiting<E>[] = [];
  readonly #answered: Waiting<E>[] = [];
  #outstanding = 0;
  /** The exchange taken but not sent. */
  #next: E | null = null;
  #pausing = false;
  #done = false;
  #closedEnds = 0;
  /** When the response before the next one is sent. */
  #readyAt = 0;
  #answering = 0;

  constructor(
    network: Network,
    options: DialogueOptions,
    exchanges: Iterator<E>,
    watcher: DialogueWatcher<E> = {},
  ) {
    this.#network = network;
    this.#options = options;
    this.#exchanges = exchanges;
    this.#watcher = watcher;
    const application = (side: Side) => ({
      received: (bytes: Uint8Array) => this.#receive(side, bytes.length),
      writable: () => this.#advance(),
      changed: (state: TcpState) => this.#changed(side, state),
    });
    this.connection = network.add(options.addresses, options.endpoints, {
      client: application("client"),
      server: application("server"),
    });
    const { simultaneousOpen, refused } = options;
    if (!simultaneousOpen && !refused) this.connection.endpoints.server.listen();
  }

  /** Opens the connection. */
  start(): void {
    const { client, server } = this.connection.endpoints;
    client.connect();
    if (this.#options.simultaneousOpen) server.connect();
  }

  #advance(): void {
    const { client } = this.connection.endpoints;
    while (client.state === "ESTABLISHED" && !this.#pausing && !this.#done) {
      if (client.sender.buffer.size > HIGH_WATER) return;
      this.#next ??= this.#take();
      if (this.#next === null) {
        this.#done = true;
        break;
      }
      const { alone = false } = this.#next;
      if (this.#outstanding >= (alone ? 1 : this.#options.depth)) return;
      const exchange = this.#next;
      this.#next = null;
      const { pause = 0 } = exchange;
      if (pause === 0) this.#ask(exchange);
      else {
        this.#pausing = true;
        this.#network.clock.after(pause, () => {
          this.#pausing = false;
          this.#ask(exchange);
          this.#advance();
        });
      }
    }
    if (this.#done && this.#outstanding === 0 && this.#answering === 0) this.#end();
  }

  #take(): E | null {
    const { value, done } = this.#exchanges.next();
    return done === true ? null : value;
  }

  #ask(exchange: E): void {
    const { stall, request } = exchange;
    if (stall !== undefined) this.#stall(stall.side, stall.nanos);
    this.#outstanding++;
    if (request === null) this.#answer(exchange);
    else {
      // Noted first: a write may be received before it returns.
      this.#asked.push({ exchange, end: this.#written.client + request.length });
      this.#write("client", request, exchange);
    }
  }

  #stall(side: Side, nanos: number): void {
    const { receiver } = this.connection.endpoints[side];
    receiver.paused = true;
    this.#network.clock.after(nanos, () => receiver.resume());
  }

  #answer(exchange: E): void {
    const { clock } = this.#network;
    const { response, think = 0 } = exchange;
    let at = clock.now + think;
    if (!this.#options.overtake) this.#readyAt = at = Math.max(at, this.#readyAt);
    this.#answering++;
    clock.after(at - clock.now, () => {
      this.#answering--;
      if (response === null) {
        this.#outstanding--;
        return this.#advance();
      }
      this.#answered.push({ exchange, end: this.#written.server + response.length });
      this.#write("server", response, exchange);
    });
  }

  #write(side: Side, bytes: Uint8Array, exchange: E): void {
    const start = this.#written[side];
    this.#written[side] += bytes.length;
    this.#watcher.wrote?.(side, start, this.#written[side], exchange);
    this.connection.endpoints[side].write(bytes);
  }

  #receive(side: Side, length: number): void {
    this.#received[side] += length;
    const waiting = side === "server" ? this.#asked : this.#answered;
    while (waiting.length > 0 && waiting[0]!.end <= this.#received[side]) {
      const { exchange } = waiting.shift()!;
      if (side === "server") this.#answer(exchange);
      else {
        this.#outstanding--;
        this.#advance();
      }
    }
  }

  #end(): void {
    const { end } = this.#options;
    const { client, server } = this.connection.endpoints;
    if (end === "reset") client.abort();
    if (end === "client" || end === "both") client.close();
    if (end === "server" || end === "both") server.close();
  }

  #changed(side: Side, state: TcpState): void {
    if (state === "CLOSE-WAIT") this.connection.endpoints[side].close();
    if (state === "CLOSED" && ++this.#closedEnds === 2) this.#watcher.closed?.();
  }
}
