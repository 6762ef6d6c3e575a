import type { CaptureReader } from "./capture_reader.ts";
import {
  type ChunkSource,
  FileSource,
  StandardInput,
  StreamSource,
} from "./chunk_source.ts";
import { decompressed, DecompressError, type DecompressLimits } from "./decompress.ts";
import { CaptureError } from "./error.ts";
import type { CaptureFormat, CaptureInterface } from "./record_parser.ts";
import type { CaptureTime } from "./time.ts";

const STANDARD_INPUT = "standard input";

/** A path, `-` for standard input, or the bytes of a capture as a stream. */
export type CaptureSource = string | ReadableStream<Uint8Array>;

/** How captures are read. */
export interface ReadOptions {
  /** Keeps reading files that are still being written, until this aborts. */
  follow?: AbortSignal;
  /** Asked at each chunk, and at each packet of merged files; true ends the reading early. */
  stopped?: () => boolean;
  /** Awaited before each chunk of a single capture, so that others are read in turn. */
  pace?: () => Promise<void>;
  /** Takes the TLS key logs inside captures, before the packets that follow them. */
  secrets?: (keyLog: Uint8Array) => void;
  /** Limits against decompression bombs. */
  limits?: DecompressLimits;
}

/** What a capture proved to be. */
export interface CaptureSummary {
  /** Path as given; `-` for standard input and for streams. */
  file: string;
  format: CaptureFormat;
  packets: number;
  /** Earliest and latest packet time; null where no packet has one. */
  firstTime: CaptureTime | null;
  lastTime: CaptureTime | null;
  /** Link types of the interfaces, each once, by the tcpdump registry. */
  linktypes: number[];
  interfaces: CaptureInterface[];
  /** True where the capture is cut or damaged. */
  cut: boolean;
}

/** An opened source, with the name its messages bear. */
export interface CaptureInput {
  name: string;
  chunks: ChunkSource;
}

/**
 * Pushes the next chunk into the reader; false once there is no more to read. With `later`
 * signals and timers get their turn first, where the source can wait.
 */
export async function pump(
  { name, chunks }: CaptureInput,
  reader: CaptureReader,
  later = false,
): Promise<boolean> {
  try {
    const next = later && chunks.readLater ? chunks.readLater() : chunks.read();
    const chunk = next instanceof Promise ? await next : next;
    if (chunk === null) {
      reader.end();
      return false;
    }
    reader.push(chunk);
    return !reader.stopped;
  } catch (error) {
    if (error instanceof DecompressError && reader.format !== null) {
      if (!reader.stopped) reader.damaged(error.message, null, true);
      return false;
    }
    throw named(name, error);
  }
}

/** What the reader knows once reading ended. */
export function summary(input: CaptureInput, reader: CaptureReader): CaptureSummary {
  if (reader.format === null) {
    throw new CaptureError("empty", `${input.name}: the capture is empty`);
  }
  return {
    file: input.name === STANDARD_INPUT ? "-" : input.name,
    format: reader.format,
    packets: reader.packets,
    firstTime: reader.firstTime,
    lastTime: reader.lastTime,
    linktypes: reader.linktypes,
    interfaces: reader.interfaces,
    cut: reader.cut,
  };
}

/** Opens a source, with whatever decompression its content asks for. */
export async function openInput(
  source: CaptureSource,
  options: ReadOptions,
): Promise<CaptureInput> {
  const name = typeof source !== "string" || source === "-" ? STANDARD_INPUT : source;
  let raw: ChunkSource | null = null;
  try {
    if (typeof source !== "string") raw = new StreamSource(source);
    else if (source === "-") raw = new StandardInput();
    else raw = new FileSource(source, options.follow);
    return { name, chunks: await decompressed(raw, options.limits) };
  } catch (error) {
    raw?.close();
    throw named(name, error);
  }
}

/** Puts the source's name before what went wrong with it. */
function named(name: string, error: unknown): unknown {
  if (error instanceof CaptureError) {
    return new CaptureError(error.kind, `${name}: ${error.message}`, { cause: error });
  }
  if (error instanceof DecompressError) {
    return new CaptureError("unreadable", `${name}: ${error.message}`, { cause: error });
  }
  return error;
}
