/**
 * One connection for live events over all tabs: a browser has six to a server, and each tab
 * with one of its own would leave none for anything else.
 *
 * @module
 */
import { apiUrl, ask, RefusedError } from "./client.ts";
import { readEvents, type ServerEvent } from "./sse.ts";

/** So many events are kept for tabs that come later, and as many transactions asked for. */
const KEPT = 1000;
/** Pauses before it is tried again, in ms. */
const FIRST_WAIT = 500, LONGEST_WAIT = 10_000;

/** What a tab is told. */
export interface Listener {
  event(event: ServerEvent): void;
  /** Whether events are coming, and what people should know. */
  state(isConnected: boolean, notice: string | null): void;
  /** It will not come, whatever is tried. */
  refused(error: unknown): void;
}

type Message =
  | { readonly kind: "event"; readonly event: ServerEvent }
  | { readonly kind: "state"; readonly isConnected: boolean; readonly notice: string }
  | { readonly kind: "hello"; readonly from: string }
  | {
    readonly kind: "backlog";
    readonly to: string;
    readonly isConnected: boolean;
    readonly events: readonly ServerEvent[];
  };

/**
 * Follows `GET /api/live` with a filter. Of the visible tabs with the same filter one asks the
 * server and tells the others; a tab that is hidden lets go, and goes on where it was later.
 */
export class LiveChannel {
  readonly #filter: string;
  readonly #listener: Listener;
  readonly #name: string;
  readonly #self = crypto.getRandomValues(new Uint32Array(2)).join("-");
  readonly #channel: BroadcastChannel;
  readonly #closed = new AbortController();
  /** Ends the time of this tab as the one that asks, or that waits for it. */
  #turn: AbortController | null = null;
  #isLeading = false;
  #isConnected = false;
  /** Whether this tab has what came before it, so that single events may follow. */
  #isCaughtUp = false;
  #lastId: string | null = null;
  #recent: ServerEvent[] = [];

  constructor(filter: string, listener: Listener) {
    this.#filter = filter;
    this.#listener = listener;
    this.#name = `iggyscope-live ${filter}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data);
    document.addEventListener("visibilitychange", this.#look);
    this.#look();
  }

  /** Ends it. */
  close(): void {
    document.removeEventListener("visibilitychange", this.#look);
    this.#closed.abort();
    this.#turn?.abort();
    this.#channel.close();
  }

  readonly #look = (): void => {
    if (document.hidden) {
      this.#turn?.abort();
      this.#turn = null;
      return;
    }
    if (this.#turn !== null) return;
    const turn = this.#turn = new AbortController();
    if (!this.#isCaughtUp) this.#say({ kind: "hello", from: this.#self });
    this.#wait(turn.signal);
  };

  /** Waits until it is this tab's turn to ask. */
  async #wait(signal: AbortSignal): Promise<void> {
    // Without a secure context there are no locks: such a tab asks for itself.
    const { locks } = navigator as { locks?: LockManager };
    try {
      if (locks === undefined) await this.#lead(signal);
      else await locks.request(this.#name, { signal }, () => this.#lead(signal));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #lead(signal: AbortSignal): Promise<void> {
    this.#isLeading = this.#isCaughtUp = true;
    try {
      await this.#follow(signal);
    } finally {
      this.#isLeading = false;
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    for (
      let wait = FIRST_WAIT;
      !signal.aborted;
      wait = Math.min(wait * 2, LONGEST_WAIT)
    ) {
      let notice = "The connection broke; trying again.";
      try {
        const headers: Record<string, string> = { Accept: "text/event-stream" };
        if (this.#lastId !== null) headers["Last-Event-ID"] = this.#lastId;
        const url = apiUrl("live", { filter: this.#filter, last: KEPT });
        const { body } = await ask(url, { headers, signal });
        this.#tell(true, "");
        wait = FIRST_WAIT;
        if (body !== null) {
          for await (const event of readEvents(body)) this.#pass(event);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof RefusedError) {
          const { status } = error.problem;
          if (status !== 429 && status < 500) return this.#listener.refused(error);
          notice = `${error.message} Trying again.`;
        }
      }
      this.#tell(false, notice);
      await rest(wait, signal);
    }
  }

  /** An event from the server goes to this tab and all others. */
  #pass(event: ServerEvent): void {
    this.#recent.push(event);
    if (this.#recent.length > 2 * KEPT) this.#recent.splice(0, KEPT);
    this.#say({ kind: "event", event });
    this.#take(event);
  }

  #take(event: ServerEvent): void {
    if (event.id !== null) this.#lastId = event.id;
    this.#listener.event(event);
  }

  #tell(isConnected: boolean, notice: string): void {
    this.#isConnected = isConnected;
    this.#say({ kind: "state", isConnected, notice });
    this.#listener.state(isConnected, notice);
  }

  #hear(message: Message): void {
    switch (message.kind) {
      case "hello":
        if (this.#isLeading) {
          const { from: to } = message;
          const [isConnected, events] = [this.#isConnected, this.#recent.slice(-KEPT)];
          this.#say({ kind: "backlog", to, isConnected, events });
        }
        return;
      case "backlog":
        if (message.to !== this.#self || this.#isCaughtUp) return;
        this.#isCaughtUp = true;
        this.#listener.state(message.isConnected, null);
        return message.events.forEach((event) => this.#keep(event));
      case "event":
        return this.#isCaughtUp ? this.#keep(message.event) : undefined;
      case "state":
        return this.#listener.state(message.isConnected, message.notice);
    }
  }

  /** An event from the tab that asks; this one may have to tell it to others later. */
  #keep(event: ServerEvent): void {
    if (this.#isLeading) return;
    this.#recent.push(event);
    if (this.#recent.length > 2 * KEPT) this.#recent.splice(0, KEPT);
    this.#take(event);
  }

  #say(message: Message): void {
    if (!this.#closed.signal.aborted) this.#channel.postMessage(message);
  }
}

/** Waits for so many ms, or until it is called off. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let done = () => {};
  const over = new Promise<void>((resolve) => done = resolve);
  const timer = setTimeout(done, ms);
  signal.addEventListener("abort", done);
  await over;
  clearTimeout(timer);
  signal.removeEventListener("abort", done);
}
