import { Buffer } from "node:buffer";
import { concat } from "../../core/bytes/copy.ts";
import { ProblemError } from "../problem.ts";

/** Longest head of a part. */
const MAX_HEAD = 8192;
const HEAD_END = Buffer.from("\r\n\r\n"), LINE_END = Buffer.from("\r\n");
/** Longest boundary. Source: RFC 2046 section 5.1.1. */
const MAX_BOUNDARY = 70;

/** What the parts of an upload are told to. */
export interface PartSinks {
  /** Takes the next bytes of the key log; `ended`: these are the last. */
  keyLog(bytes: Uint8Array, ended: boolean): void;
  /** Most bytes of the key log. */
  readonly maxKeyLog: number;
}

type Part = "capture" | "keylog";

/**
 * An upload in parts (`multipart/form-data`): one is the `capture`, the other a `keylog`, in
 * either order. The capture's bytes go on as they come; those of the key log go to their sink
 * and are not kept here.
 *
 * Source: RFC 7578 section 4, RFC 2046 section 5.1.
 */
export class MultipartUpload {
  /** The bytes of the capture; a refusal is a {@link ProblemError}. */
  readonly capture: ReadableStream<Uint8Array>;
  /** What the sender called the capture. */
  fileName: string | null = null;
  /** The whole key log was given to its sink. */
  hasKeyLog = false;

  readonly #sinks: PartSinks;
  readonly #delimiter: Buffer;
  readonly #seen = new Set<Part>();
  /** Bytes not taken yet. A line end before the first one makes all delimiters alike. */
  #held: Uint8Array = LINE_END;
  /** Where in the body the held bytes are; a part's content, or what stands around. */
  #place: Part | "preamble" | "head" | "epilogue" = "preamble";
  #keyLogBytes = 0;

  constructor(body: ReadableStream<Uint8Array>, boundary: string, sinks: PartSinks) {
    this.#sinks = sinks;
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
    this.capture = body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (bytes, controller) => {
          this.#held = concat([this.#held, bytes]);
          while (this.#step((part) => controller.enqueue(part)));
          // Bytes of the key log are a sign of life too.
          controller.enqueue(new Uint8Array(0));
        },
        flush: () => {
          if (this.#place !== "epilogue") throw wrong("it ends too early");
          if (!this.#seen.has("capture")) throw wrong("no part is called capture");
        },
      }),
    );
  }

  /** Takes what it can of the bytes held; false where more must come first. */
  #step(capture: (bytes: Uint8Array) => void): boolean {
    switch (this.#place) {
      case "epilogue":
        this.#held = new Uint8Array(0);
        return false;
      case "head":
        return this.#readHead();
      default:
        return this.#readContent(this.#place, capture);
    }
  }

  #readContent(
    place: Part | "preamble",
    capture: (bytes: Uint8Array) => void,
  ): boolean {
    const found = bufferOf(this.#held).indexOf(this.#delimiter);
    // The last bytes may be the first ones of a delimiter.
    const end = found >= 0
      ? found
      : Math.max(0, this.#held.length - this.#delimiter.length + 1);
    const content = this.#held.subarray(0, end);
    if (place === "capture" && end > 0) capture(content.slice());
    if (place === "keylog") this.#takeKeyLog(content, found >= 0);
    this.#held = this.#held.subarray(found < 0 ? end : end + this.#delimiter.length);
    if (found < 0) return false;
    this.#place = "head";
    return true;
  }

  #takeKeyLog(bytes: Uint8Array, ended: boolean): void {
    this.#keyLogBytes += bytes.length;
    const { maxKeyLog } = this.#sinks;
    if (this.#keyLogBytes > maxKeyLog) {
      throw new ProblemError(413, `A key log has at most ${maxKeyLog} bytes.`);
    }
    this.#sinks.keyLog(bytes.slice(), ended);
    this.hasKeyLog = ended;
  }

  /** Reads from behind a delimiter to the content of the part that it opens. */
  #readHead(): boolean {
    const held = bufferOf(this.#held);
    if (held.length < 2) return false;
    if (held.toString("latin1", 0, 2) === "--") {
      this.#place = "epilogue";
      return true;
    }
    const end = held.indexOf(HEAD_END);
    if (end > MAX_HEAD || end < 0 && held.length > MAX_HEAD) {
      throw wrong("the head of a part is too long");
    }
    if (end < 0) return false;
    this.#open(held.toString("utf8", 0, end));
    this.#held = this.#held.subarray(end + HEAD_END.length);
    return true;
  }

  #open(head: string): void {
    const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head)?.[1];
    const name = /(?:^|[;\s])name="?([^";]*)"?/i.exec(disposition ?? "")?.[1];
    if (name !== "capture" && name !== "keylog") {
      throw wrong("its parts are called capture and keylog");
    }
    if (this.#seen.has(name)) throw wrong(`there are two parts called ${name}`);
    this.#seen.add(name);
    this.#place = name;
    if (name === "capture") {
      this.fileName = /filename="([^"]*)"/i.exec(disposition!)?.[1] ?? null;
    }
  }
}

/** The boundary that a content type names; null where it is no `multipart/form-data`. */
export function boundaryOf(contentType: string | undefined): string | null {
  if (!/^multipart\/form-data\s*(;|$)/i.test(contentType ?? "")) return null;
  const found = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType!);
  const boundary = found?.[1] ?? found?.[2] ?? "";
  if (boundary === "" || boundary.length > MAX_BOUNDARY) {
    throw wrong("it has no boundary");
  }
  return boundary;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function wrong(detail: string): ProblemError {
  return new ProblemError(400, `The upload in parts is not valid: ${detail}.`);
}
