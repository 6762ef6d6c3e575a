import type { ConversationState } from "../core/dissect/conversation_state.ts";
import type { Registry } from "../core/dissect/registry.ts";
import type { Transaction } from "../core/dissect/transaction.ts";
import { escapeText } from "../core/export/printable.ts";
import { amountOf } from "../core/export/values.ts";
import { nearest } from "../core/filter/suggest.ts";
import type { Pdu } from "../core/framing/pdu.ts";
import { type Command, EARLIEST, isIn, LATEST, releaseText } from "../core/schema/mod.ts";
import { iggyCommands } from "../plugins/mod.ts";
import { UsageError } from "./command.ts";
import { say } from "./output.ts";

/** Different reasons and conversations told of at the end. */
const MAX_TOLD = 5;

/** Why a command was asked to read PDUs, or was not: what its author wants to know. */
export class PluginTrace {
  readonly #commands: readonly Command[];
  readonly #called = new Map<Command, { requests: number; responses: number }>();
  /** Transactions by what they are, with the packet of the first. */
  readonly #seen = new Map<string, { count: number; packet: number }>();
  readonly #codes = new Set<number>();
  #conversations = 0;
  readonly #unread: string[] = [];
  readonly #released = new Set<string>();

  /** Traces the named command, or with "" all that are not Iggy's. */
  constructor({ commands }: Registry, name: string) {
    const all = commands.all;
    this.#commands = name === ""
      ? all.filter((command) => !iggyCommands.includes(command))
      : all.filter((command) => command.name === name);
    if (this.#commands.length > 0) return;
    if (name === "") {
      throw new UsageError("--trace-plugin needs a NAME, or commands of --plugin");
    }
    const near = nearest(name, all.map((command) => command.name));
    throw new UsageError(
      `--trace-plugin: no command "${name}"; ` +
        (near === null ? "see iggyscope commands" : `did you mean ${near}?`),
    );
  }

  /** Takes every transaction, before filters. */
  transaction(transaction: Transaction): void {
    const { command, request, response, code } = transaction;
    if (code !== null) this.#codes.add(code);
    if (command !== null && this.#commands.includes(command)) {
      this.#ours(command, transaction);
    }
    const packet = (request ?? response)?.stamp.packet;
    if (packet === undefined) return;
    const what = transaction.name ??
      (code === null ? "a response without its request" : `code ${code}, nobody's`);
    const before = this.#seen.get(what);
    if (before === undefined) this.#seen.set(what, { count: 1, packet });
    else before.count++;
  }

  #ours(command: Command, { request, response, conversation }: Transaction): void {
    const { name } = command;
    const called = this.#called.get(command) ?? { requests: 0, responses: 0 };
    this.#called.set(command, called);
    const { oldest = EARLIEST, newest = LATEST } = conversation.releases ?? {};
    if (oldest > command.to || newest < command.from) {
      this.#once(
        `${name}: conversation ${conversation.number} is of release ` +
          `${conversation.releases!.text}, the command of ${releasesOf(command)}`,
      );
    }
    if (request === null) tell(name, "was not asked for a request: none was captured");
    else {
      called.requests++;
      told(name, "request", request);
    }
    if (response === null) tell(name, "was not asked for a response: none was captured");
    else if (response.status !== null && response.status !== 0) {
      tell(name, `was not asked for the response: status ${response.status}`, response);
    } else if (response.isEmpty || response.layout === null) {
      tell(name, "was not asked for the response: it has no payload", response);
    } else {
      called.responses++;
      told(name, "response", response);
    }
  }

  #once(line: string): void {
    if (this.#released.has(line)) return;
    this.#released.add(line);
    say(`trace ${line}`);
  }

  /** Takes every conversation when nothing more will be said of it. */
  conversation({ isRead, framing, number, client, server }: ConversationState): void {
    this.#conversations++;
    if (isRead) return;
    const why = framing === "tls" ? "TLS" : "no framing knows it";
    this.#unread.push(`${number} (${client} → ${server}): ${why}`);
  }

  /** Says what was seen on the whole. */
  end(): void {
    for (const command of this.#commands) {
      const { name, code } = command;
      const { requests, responses } = this.#called.get(command) ??
        { requests: 0, responses: 0 };
      if (requests + responses > 0) {
        const read = [amountOf(requests, "requests"), amountOf(responses, "responses")];
        say(`trace ${name}: read ${read.join(" and ")}`);
        continue;
      }
      say(`trace ${name}: was never called`);
      if (code === null) say(`trace ${name}: it has no code, only replicas send it`);
      else if (!this.#codes.has(code)) {
        say(`trace ${name}: no request had its code ${code}; there were:`);
        this.#tellSeen(name);
      }
      this.#tellUnread(name);
    }
  }

  #tellSeen(name: string): void {
    const seen = [...this.#seen].sort(([, a], [, b]) => b.count - a.count);
    if (seen.length === 0) say(`trace ${name}:   nothing`);
    for (const [what, { count, packet }] of seen.slice(0, MAX_TOLD)) {
      say(`trace ${name}:   ${escapeText(what)}, ${count} ×, first in packet ${packet}`);
    }
    const more = seen.length - MAX_TOLD;
    if (more > 0) say(`trace ${name}:   and ${more} more`);
  }

  #tellUnread(name: string): void {
    const unread = this.#unread;
    if (this.#conversations === 0) say(`trace ${name}: the capture holds no TCP`);
    for (const line of unread.slice(0, MAX_TOLD)) {
      say(`trace ${name}: not read: conversation ${line}`);
    }
    if (unread.length > MAX_TOLD) {
      say(`trace ${name}: and ${unread.length - MAX_TOLD} more`);
    }
    if (unread.length > 0) {
      say(`trace ${name}: -d tcp.port==N,iggy has a port read as Iggy's`);
    }
  }
}

/** Says how a PDU was read: how many bytes, by which release, with what left out. */
function told(name: string, what: string, pdu: Pdu): void {
  const { layout, release, start, end } = pdu;
  const { trailing, issues, complete } = pdu.decoded!;
  const size = end - start;
  const read = complete ? `${size - trailing} of ${size} bytes` : "some of its bytes";
  const left = (layout!.fields ?? []).filter(([, kind]) => !isIn(kind, release));
  const parts = [
    `read the ${what}: ${read} as release ${releaseText(release)}`,
    ...left.length === 0
      ? []
      : [`that release has no ${left.map(([field]) => field).join(", ")}`],
    ...issues.map(({ message }) => escapeText(message)),
  ];
  tell(name, parts.join("; "), pdu);
}

function tell(name: string, text: string, pdu: Pdu | null = null): void {
  const where = pdu === null ? "" : `packet ${pdu.stamp.packet}: `;
  say(`trace ${name}: ${where}${text}`);
}

function releasesOf({ from, to }: Command): string {
  const first = from === EARLIEST ? "" : releaseText(from);
  return to === LATEST ? `${first}+` : `${first}..${releaseText(to)}`;
}
