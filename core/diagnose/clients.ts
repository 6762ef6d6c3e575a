import { sameBytes } from "../bytes/equal.ts";
import { hostOf } from "../net/endpoint.ts";
import { isError } from "../dissect/outcome.ts";
import type { Transaction } from "../dissect/transaction.ts";
import type { CaptureFinding, Rule, Seen } from "./finding.ts";
import { Evidence, finding, kept } from "./finding.ts";

/** Equal failures in a row that make a storm. */
const MIN_RETRIES = 10;
/** Failed logins in a row that make one. */
const MIN_LOGINS = 5;
/** Bytes of a request that are compared. */
const MAX_COMPARED = 4096;
/** Lookups from which on they are too many. */
const MIN_LOOKUPS = 20;

/** Requests that fail and are sent again as they were. */
export class RetryRule implements Rule {
  readonly #last = new Map<
    string,
    { key: string; bytes: Uint8Array; run: Evidence; longest: Evidence; what: string }
  >();

  add({ transaction }: Seen): void {
    const { request, failure, name, code, conversation } = transaction;
    if (request === null) return;
    const { client } = conversation;
    if (failure === null || transaction.command?.logsIn != null) {
      const known = this.#last.get(client);
      if (known !== undefined) known.key = "";
      return;
    }
    const { bytes, start, end } = request;
    const own = bytes.slice(start, Math.min(end, start + MAX_COMPARED));
    const key = `${name ?? code} ${failure} ${end - start}`;
    const last = kept(this.#last, client, () => ({
      key,
      bytes: own,
      run: new Evidence(),
      longest: new Evidence(),
      what: "",
    }));
    if (last === null) return;
    if (last.key !== key || !sameBytes(last.bytes, own)) last.run = new Evidence();
    last.key = key;
    last.bytes = own;
    last.run.add(transaction);
    if (last.run.count <= last.longest.count) return;
    last.longest = last.run;
    last.what = `${name ?? `code ${code}`} was answered ${failure}`;
  }

  finish(): CaptureFinding[] {
    return [...this.#last].filter(([, { longest }]) => longest.count >= MIN_RETRIES)
      .map(([client, { longest, what }]) =>
        finding("retry_storm", client, `${what} ${longest.count} times in a row`, longest)
      );
  }
}

/** Hosts whose logins fail. */
export class LoginRule implements Rule {
  readonly #failed = new Map<string, { run: Evidence; longest: Evidence }>();

  add({ transaction }: Seen): void {
    const { command, outcome, conversation } = transaction;
    if (command === null || command.logsIn === null) return;
    const state = kept(
      this.#failed,
      hostOf(conversation.client),
      () => ({ run: new Evidence(), longest: new Evidence() }),
    );
    if (state === null) return;
    if (!isError(outcome)) state.run = new Evidence();
    else state.run.add(transaction);
    if (state.run.count > state.longest.count) state.longest = state.run;
  }

  finish(): CaptureFinding[] {
    return [...this.#failed].filter(([, { longest }]) => longest.count >= MIN_LOGINS)
      .map(([host, { longest }]) =>
        finding("login_storm", host, `${longest.count} logins failed in a row`, longest)
      );
  }
}

/** Clients that look up the same things over and over, or many one by one. */
export class LookupRule implements Rule {
  readonly #clients = new Map<string, {
    same: Map<string, Evidence>;
    work: number;
    row: { name: string; subjects: Set<string>; evidence: Evidence };
    longest: Evidence;
    longestName: string;
  }>();

  add({ transaction, traffic }: Seen): void {
    const { name, conversation } = transaction;
    if (name === null) return;
    const client = kept(this.#clients, conversation.client, () => ({
      same: new Map(),
      work: 0,
      row: { name: "", subjects: new Set<string>(), evidence: new Evidence() },
      longest: new Evidence(),
      longestName: "",
    }));
    if (client === null) return;
    if (traffic.isPoll || traffic.sends) client.work++;
    if (!traffic.does("lookup")) return;
    const subject = traffic.group ?? traffic.topic ?? traffic.stream ?? "";
    const key = `${name} ${subject}`;
    if (client.same.has(key) || client.same.size < MIN_LOOKUPS * 10) {
      kept(client.same, key, () => new Evidence())?.add(transaction);
    }
    const { row } = client;
    if (row.name !== name || row.subjects.has(subject)) {
      client.row = { name, subjects: new Set(), evidence: new Evidence() };
    }
    client.row.subjects.add(subject);
    client.row.evidence.add(transaction);
    if (client.row.evidence.count <= client.longest.count) return;
    client.longest = client.row.evidence;
    client.longestName = name;
  }

  finish(): CaptureFinding[] {
    return [...this.#clients].flatMap(
      ([client, { same, work, longest, longestName }]) => {
        const found = [...same].filter(([, { count }]) =>
          count >= MIN_LOOKUPS && count * 2 >= work
        ).map(([key, evidence]) =>
          finding(
            "repeated_lookups",
            client,
            `${key.trimEnd()} was asked ${evidence.count} times beside ${work} sends and polls`,
            evidence,
          )
        );
        if (longest.count < MIN_LOOKUPS) return found;
        const message = `${longestName} was asked for ${longest.count} objects in a row`;
        return [...found, finding("lookup_for_each", client, message, longest)];
      },
    );
  }
}

/** Codes that the server refuses and nobody knows; sessions that the server ends. */
export class RefusalRule implements Rule {
  readonly #codes = new Map<string, Evidence>();
  readonly #ended = new Map<string, Evidence>();
  /** Conversations of which a request was captured. */
  readonly #asking = new Map<number, true>();

  add({ transaction }: Seen): void {
    const { command, name, code, outcome, failure, conversation } = transaction;
    if (outcome === "error" && command === null && name === null && code !== null) {
      const key = `code ${code}: ${failure}`;
      kept(this.#codes, key, () => new Evidence())?.add(transaction);
    }
    if (transaction.request !== null) {
      kept(this.#asking, conversation.id, (): true => true);
    }
    // Where no request was captured, it may have refused a login.
    if (
      outcome === "evicted" && command?.logsIn == null &&
      this.#asking.has(conversation.id)
    ) {
      const key = `${hostOf(conversation.client)}: ${failure}`;
      kept(this.#ended, key, () => new Evidence())?.add(transaction);
    }
  }

  finish(): CaptureFinding[] {
    const made = (id: "unknown_command" | "session_ended", of: Map<string, Evidence>) =>
      [...of].map(([key, evidence]) => {
        const at = key.lastIndexOf(": ");
        const times = evidence.count === 1 ? "once" : `${evidence.count} times`;
        const what = id === "session_ended" ? "evicted with reason" : "answered";
        const message = `${what} ${key.slice(at + 2)} ${times}`;
        return finding(id, key.slice(0, at), message, evidence);
      });
    const codes = made("unknown_command", this.#codes);
    // Garbage read as frames gives a code of its own each time.
    const shown = codes.length > MAX_CODES ? [manyCodes(codes)] : codes;
    return [...shown, ...made("session_ended", this.#ended)];
  }
}

/** Unknown codes told one by one; more are told together. */
const MAX_CODES = 5;

function manyCodes(codes: readonly CaptureFinding[]): CaptureFinding {
  const [{ transactions, packets }] = codes as [CaptureFinding];
  const count = codes.reduce((sum, one) => sum + one.count, 0);
  const message = `${count} requests with ${codes.length} unknown codes`;
  return finding("unknown_command", "several codes", message, {
    count,
    transactions: [...transactions],
    packets: [...packets],
  });
}

/** Whether a transaction is a login that succeeded. */
export function isLogin({ command, outcome }: Transaction): boolean {
  return command?.logsIn != null && outcome === "ok";
}
