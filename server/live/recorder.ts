import { type Packet, type PacketToWrite, PcapngWriter } from "../../core/capture/mod.ts";
import type { Capture } from "../api.ts";
import type { Log } from "../log.ts";
import { ProblemError } from "../problem.ts";
import { newId } from "../store/id.ts";
import type { Store } from "../store/store.ts";

/** What was recorded is handed over so often, in ms, or once it has so many bytes. */
const FLUSH_MS = 200, FLUSH_BYTES = 256 * 1024;
/** Bytes that may wait for the disk; packets beyond are not recorded, and counted. */
const MAX_WAITING = 64 * 1024 * 1024;

/** A recording on its way into the store. */
interface Recording {
  readonly id: string;
  readonly writer: PcapngWriter;
  /** Index of the interface of each link type. */
  readonly interfaces: Map<number, number>;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  readonly done: Promise<Capture>;
  readonly timer: ReturnType<typeof setInterval>;
  parts: Uint8Array[];
  bytes: number;
}

/**
 * Records live traffic into a capture of the store, as one that is uploaded while it grows:
 * everything that can be asked of a capture can be asked of it meanwhile.
 */
export class Recorder {
  readonly #store: Store;
  readonly #log: Log;
  #running: Recording | null = null;
  /** Packets that were not recorded because too many waited. */
  dropped = 0;

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /** Id of the capture that is recorded into; null where none is. */
  get id(): string | null {
    return this.#running?.id ?? null;
  }

  /** Begins. Throws 409 where one is running, and what the store throws. */
  async start(name: string): Promise<Capture> {
    if (this.#running !== null) {
      throw new ProblemError(409, "A recording is running already.");
    }
    const id = newId();
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (given) => void (controller = given),
    }, { highWaterMark: MAX_WAITING, size: (chunk) => chunk.length });
    const upload = { body, boundary: null, id, name, expectedSize: null, isLive: true };
    const done = this.#store.upload(upload);
    done.catch((error) => {
      // The store tells what failed; nothing more can be written.
      this.#log("warn", "recording ended", { id, detail: String(error) });
      this.#forget(id);
    });
    this.dropped = 0;
    const recording: Recording = {
      id,
      writer: new PcapngWriter((bytes) => this.#take(bytes)),
      interfaces: new Map(),
      controller: controller!,
      done,
      timer: setInterval(() => this.#flush(), FLUSH_MS),
      parts: [],
      bytes: 0,
    };
    this.#running = recording;
    // Where the store takes no more uploads it says so at once.
    await Promise.race([done, Promise.resolve()]);
    this.#log("info", "recording", { id });
    return this.#store.get(id);
  }

  /** Ends it; resolves with the capture once it is safe. Throws 404 where none is running. */
  async stop(): Promise<Capture> {
    const recording = this.#running;
    if (recording === null) throw new ProblemError(404, "Nothing is being recorded.");
    if (recording.interfaces.size === 0) this.#interface(recording, 1);
    this.#flush();
    this.#forget(recording.id);
    recording.controller.close();
    return await recording.done;
  }

  /** A packet that a capture program saw. */
  packet({ bytes, start, end, linktype, seconds, nanos, originalLength }: Packet): void {
    if (this.#running === null) return;
    const part = bytes.subarray(start, end);
    this.write({ seconds, nanos, bytes: part, originalLength }, linktype);
  }

  /** A packet with Ethernet around it, unless told otherwise. */
  write(packet: PacketToWrite, linktype = 1): void {
    const recording = this.#running;
    if (recording === null) return;
    if ((recording.controller.desiredSize ?? 0) <= recording.bytes) {
      this.dropped++;
      return;
    }
    const index = recording.interfaces.get(linktype) ??
      this.#interface(recording, linktype);
    try {
      recording.writer.write({ ...packet, interface: index });
    } catch (error) {
      // Times that pcapng has no room for.
      if (!(error instanceof RangeError)) throw error;
      this.dropped++;
    }
    if (recording.bytes > FLUSH_BYTES) this.#flush();
  }

  #interface(recording: Recording, linktype: number): number {
    const index = recording.writer.addInterface(linktype);
    recording.interfaces.set(linktype, index);
    return index;
  }

  #take(bytes: Uint8Array): void {
    const recording = this.#running;
    if (recording === null) return void this.#early.push(bytes);
    recording.parts.push(bytes);
    recording.bytes += bytes.length;
  }

  /** What the writer writes before the recording has begun. */
  readonly #early: Uint8Array[] = [];

  #flush(): void {
    const recording = this.#running;
    if (recording === null) return;
    recording.parts.unshift(...this.#early.splice(0));
    if (recording.parts.length === 0) return;
    const whole = new Uint8Array(
      recording.parts.reduce((sum, part) => sum + part.length, 0),
    );
    let at = 0;
    for (const part of recording.parts) {
      whole.set(part, at);
      at += part.length;
    }
    recording.parts = [];
    recording.bytes = 0;
    try {
      recording.controller.enqueue(whole);
    } catch {
      // The store took no more; it said why.
    }
  }

  #forget(id: string): void {
    if (this.#running?.id !== id) return;
    clearInterval(this.#running.timer);
    this.#running = null;
  }
}
