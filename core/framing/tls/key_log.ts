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

/** Longest line that is read: the longest label, 32 and 64 bytes in hex, and some room. */
const MAX_LINE = 1024;

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
  readonly #sessions = new Map<string, (string | undefined)[]>();
  /** Sessions that secrets were asked for and found. */
  readonly #used = new Set<string>();
  readonly #maxSessions: number;
  readonly #refresh: (() => void) | undefined;
  readonly #decoder = new TextDecoder("latin1");
  /** A line not yet ended; null while one that is too long is passed over. */
  #line: string | null = "";

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
    for (let end; (end = bytes.indexOf(0x0a, at)) >= 0; at = end + 1) {
      this.#extend(bytes.subarray(at, end));
      this.endLine();
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
    else this.#take(this.#line.trim());
    this.#line = "";
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
    this.#line = isTooLong ? null : this.#line + this.#decoder.decode(bytes);
  }

  #take(line: string): void {
    if (line === "" || line.startsWith("#")) return;
    const parts = /^([A-Z0-9_]+) ([0-9a-fA-F]{64}) ((?:[0-9a-fA-F]{2}){1,128})$/.exec(
      line,
    );
    if (parts === null) {
      // A premaster secret by its encrypted form, which is no fault of the log.
      if (!/^(RSA|PMS_CLIENT_RANDOM) [0-9a-fA-F]+ [0-9a-fA-F]+$/.test(line)) {
        this.unreadable++;
      }
      return;
    }
    const index = (LABELS as readonly string[]).indexOf(parts[1]!);
    if (index < 0) return;
    this.#keep(parts[2]!.toLowerCase(), index, parts[3]!.toLowerCase());
    this.secrets++;
  }

  #keep(random: string, index: number, secret: string): void {
    let session = this.#sessions.get(random);
    if (session === undefined) {
      if (this.#sessions.size >= this.#maxSessions) {
        const [oldest] = this.#sessions.keys();
        this.#sessions.delete(oldest!);
        this.#used.delete(oldest!);
        this.dropped++;
      }
      session = [];
      this.#sessions.set(random, session);
    }
    session[index] = secret;
  }
}
