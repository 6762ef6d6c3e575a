import { concat } from "../../bytes/copy.ts";
import { Oldest } from "../../oldest.ts";

/** Secrets of sessions, found by what was seen of their handshake. */
export interface SecretStore {
  /** There are no secrets, and none will come. */
  readonly isEmpty: boolean;
  /** Sealed bytes of all sessions that wait for secrets; whoever makes them wait counts them. */
  waiting: number;
  /** Attempts made to find sessions by trying; whoever makes them counts them. */
  searched: number;
  /** The randoms of all sessions, those that came last first. */
  randoms(): Iterable<Uint8Array>;
  /** As {@link SecretStore.find}, to try whether a session is the one that is sought. */
  peek(random: Uint8Array, label: SecretLabel): Uint8Array | null;
  /**
   * The secret of a session, or null where there is none (yet).
   *
   * @param random The 32 bytes of the ClientHello's random.
   * @param label As in a key log: `CLIENT_RANDOM`, `SERVER_TRAFFIC_SECRET_0`.
   */
  find(random: Uint8Array, label: SecretLabel): Uint8Array | null;
}

/**
 * The labels that are kept. What else stands in key logs opens nothing here: exporter secrets,
 * and premaster secrets by their encrypted form.
 *
 * Source: draft-ietf-tls-keylogfile sections 2.1 and 2.2.
 */
const LABELS = [
  "CLIENT_RANDOM",
  "CLIENT_EARLY_TRAFFIC_SECRET",
  "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
  "SERVER_HANDSHAKE_TRAFFIC_SECRET",
  "CLIENT_TRAFFIC_SECRET_0",
  "SERVER_TRAFFIC_SECRET_0",
] as const;

/** Which secret of a session is meant. */
export type SecretLabel = typeof LABELS[number];

/** The same as bytes. */
const LABEL_BYTES = LABELS.map((label) => new TextEncoder().encode(label));

/** Longest line that is read: the longest label, 32 and 64 bytes in hex, and some room. */
const MAX_LINE = 1024;
/** Digits of a random in hex, and of a secret at most. */
const RANDOM_DIGITS = 64, MAX_SECRET_DIGITS = 256;
const LF = 0x0a, CR = 0x0d, SPACE = 0x20, HASH = 0x23;
/** Premaster secrets by their encrypted form, which are no fault of a log. */
const PREMASTER = /^(RSA|PMS_CLIENT_RANDOM) [0-9a-fA-F]+ [0-9a-fA-F]+$/;

/** Options of a {@link KeyLog}. */
export interface KeyLogOptions {
  /** Most sessions kept, 65 536 unless told otherwise; those logged first go first. */
  maxSessions?: number;
  /** Called when a secret is missing: reads on where the log may have grown. */
  refresh?: () => void;
}

/**
 * The secrets of a key log in NSS format, as clients and servers write it with SSLKEYLOGFILE.
 * Give it the log's bytes as they come; lines that are no secrets are passed over. Its memory
 * is bounded, and its secrets appear nowhere but in what {@link KeyLog.find} gives.
 *
 * Source: draft-ietf-tls-keylogfile section 2.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const log = new KeyLog();
 * const line = `CLIENT_RANDOM ${"ab".repeat(32)} ${"01".repeat(48)}\n`;
 * log.push(new TextEncoder().encode(line));
 * assertEquals(log.find(new Uint8Array(32).fill(0xab), "CLIENT_RANDOM")?.length, 48);
 * ```
 */
export class KeyLog implements SecretStore {
  waiting = 0;
  searched = 0;
  /** Lines that hold a secret of use. */
  secrets = 0;
  /** Lines that are neither a secret, nor a comment, nor empty. */
  unreadable = 0;
  /** Sessions let go because there were too many. */
  dropped = 0;

  /** By the session's random, the secrets in the order of {@link LABELS}; all as hex. */
  readonly #sessions = new Map<string, Session>();
  readonly #oldest = new Oldest(this.#sessions);
  /** The session of the line before, whose secrets mostly follow each other. */
  #last: { readonly random: Uint8Array; readonly session: Session } | null = null;
  /** Sessions that secrets were asked for and found. */
  readonly #used = new Set<string>();
  readonly #maxSessions: number;
  readonly #refresh: (() => void) | undefined;
  readonly #decoder = new TextDecoder("latin1");
  /** What came of a line not yet ended; null while one that is too long is passed over. */
  #line: Uint8Array | null = NOTHING;

  constructor({ maxSessions = 65_536, refresh }: KeyLogOptions = {}) {
    this.#maxSessions = maxSessions;
    this.#refresh = refresh;
  }

  /** Sessions that secrets are known of. */
  get sessions(): number {
    return this.#sessions.size;
  }

  get isEmpty(): boolean {
    return this.sessions === 0 && this.#refresh === undefined;
  }

  /** The secrets that were asked for and found, and those of their sessions, as a key log. */
  used(): string {
    const lines: string[] = [];
    for (const random of this.#used) {
      this.#sessions.get(random)?.forEach((secret, i) => {
        lines.push(`${LABELS[i]} ${random} ${secret}\n`);
      });
    }
    return lines.join("");
  }

  /** Takes the next bytes of the log. */
  push(bytes: Uint8Array): void {
    let at = 0;
    for (let end; (end = bytes.indexOf(LF, at)) >= 0; at = end + 1) {
      if (this.#line !== null && this.#line.length === 0) this.#take(bytes, at, end);
      else {
        this.#extend(bytes.subarray(at, end));
        this.endLine();
      }
    }
    this.#extend(bytes.subarray(at));
  }

  /** Takes a key log that is whole. */
  pushWhole(bytes: Uint8Array): void {
    this.push(bytes);
    this.endLine();
  }

  /** Says that the last line is whole, though no line end follows. */
  endLine(): void {
    if (this.#line === null) this.unreadable++;
    else this.#take(this.#line, 0, this.#line.length);
    this.#line = NOTHING;
  }

  *randoms(): Generator<Uint8Array> {
    this.#refresh?.();
    for (const random of [...this.#sessions.keys()].reverse()) {
      yield Uint8Array.fromHex(random);
    }
  }

  peek(random: Uint8Array, label: SecretLabel): Uint8Array | null {
    const secret = this.#sessions.get(random.toHex())?.[LABELS.indexOf(label)];
    return secret === undefined ? null : Uint8Array.fromHex(secret);
  }

  find(random: Uint8Array, label: SecretLabel): Uint8Array | null {
    const key = random.toHex();
    const index = LABELS.indexOf(label);
    let secret = this.#sessions.get(key)?.[index];
    if (secret === undefined && this.#refresh !== undefined) {
      this.#refresh();
      secret = this.#sessions.get(key)?.[index];
    }
    if (secret === undefined) return null;
    this.#used.add(key);
    return Uint8Array.fromHex(secret);
  }

  #extend(bytes: Uint8Array): void {
    if (this.#line === null || bytes.length === 0) return;
    const isTooLong = this.#line.length + bytes.length > MAX_LINE;
    this.#line = isTooLong ? null : concat([this.#line, bytes]);
  }

  /** Takes the line `bytes[start..end)`. */
  #take(bytes: Uint8Array, start: number, end: number): void {
    while (end > start && isBlank(bytes[end - 1]!)) end--;
    while (end > start && isBlank(bytes[start]!)) start++;
    if (end === start || bytes[start] === HASH) return;
    if (end - start > MAX_LINE) return void this.unreadable++;
    const random = endOfLabel(bytes, start, end) + 1;
    const secret = random + RANDOM_DIGITS + 1;
    const digits = end - secret;
    const isSecret = random > start + 1 && digits > 0 && digits <= MAX_SECRET_DIGITS &&
      digits % 2 === 0 && bytes[random - 1] === SPACE && bytes[secret - 1] === SPACE &&
      isHex(bytes, random, secret - 1) && isHex(bytes, secret, end);
    if (!isSecret) {
      const line = this.#decoder.decode(bytes.subarray(start, end));
      if (!PREMASTER.test(line)) this.unreadable++;
      return;
    }
    const index = LABEL_BYTES.findIndex((label) =>
      label.length === random - 1 - start && isAt(label, bytes, start)
    );
    if (index < 0) return;
    const text = this.#decoder.decode(bytes.subarray(secret, end)).toLowerCase();
    this.#sessionOf(bytes.subarray(random, secret - 1))[index] = text;
    this.secrets++;
  }

  /** The session of a random in hex. */
  #sessionOf(random: Uint8Array): Session {
    if (this.#last !== null && isAt(this.#last.random, random, 0)) {
      return this.#last.session;
    }
    const key = this.#decoder.decode(random).toLowerCase();
    let session = this.#sessions.get(key);
    if (session === undefined) {
      if (this.#sessions.size >= this.#maxSessions) {
        const oldest = this.#oldest.take()!;
        this.#sessions.delete(oldest);
        this.#used.delete(oldest);
        this.dropped++;
      }
      session = [];
      this.#sessions.set(key, session);
    }
    this.#last = { random: random.slice(), session };
    return session;
  }
}

/** The secrets of a session as hex, in the order of {@link LABELS}. */
type Session = (string | undefined)[];

const NOTHING = new Uint8Array();

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === CR || byte === 0x09;
}

/** Where a label ends that begins at `start`: behind capitals, digits and underscores. */
function endOfLabel(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    const isPart = byte >= 0x41 && byte <= 0x5a || byte >= 0x30 && byte <= 0x39 ||
      byte === 0x5f;
    if (!isPart) break;
  }
  return at;
}

function isHex(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    const letter = byte | 0x20;
    if (byte >= 0x30 && byte <= 0x39 || letter >= 0x61 && letter <= 0x66) continue;
    return false;
  }
  return true;
}

/** Whether `wanted` stands at a place. */
function isAt(wanted: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < wanted.length; i++) if (wanted[i] !== bytes[at + i]) return false;
  return true;
}
