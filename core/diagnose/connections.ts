import { hostOf } from "../net/endpoint.ts";
import { amount } from "../bytes/amount.ts";
import { Sketch } from "../stats/mod.ts";
import type { ConversationStatistics } from "../tcp/mod.ts";
import { isLogin } from "./clients.ts";
import type { CaptureFinding, Rule, Seen } from "./finding.ts";
import { Evidence, finding, kept, MAX_EVIDENCE } from "./finding.ts";

/** A connection with so many requests beside its login does little. */
const MAX_LITTLE = 5;
/** Connections that do little, from which on there are too many. */
const MIN_SHORT = 10;
/** A request without an answer for so long is not one that the end of the capture cut, in µs. */
const PATIENCE_US = 5_000_000;
/** Segments sent again that say something, also as a part of all. */
const MIN_RETRANSMITTED = 10;
const RETRANSMITTED_PART = 0.01;
/** Slow responses are so many times as long as the usual ones. */
const SLOW = 5;

interface Connection {
  readonly client: string;
  readonly server: string;
  requests: number;
  answers: number;
  logins: number;
  lastAt: number;
  readonly evidence: Evidence;
  readonly times: Sketch;
  statistics: ConversationStatistics | null;
}

/** Connections as wholes: never answered, too short, or slowed down by loss. */
export class ConnectionRule implements Rule {
  readonly #connections = new Map<number, Connection>();

  add({ transaction, at }: Seen): void {
    const { conversation, request, outcome, responseTimeUs } = transaction;
    const connection = kept(this.#connections, conversation.id, () => ({
      client: conversation.client,
      server: conversation.server,
      requests: 0,
      answers: 0,
      logins: 0,
      lastAt: at,
      evidence: new Evidence(),
      times: new Sketch(),
      statistics: null,
    }));
    if (connection === null || outcome === "one_way") return;
    connection.lastAt = at;
    if (request !== null) connection.requests++;
    if (outcome !== "unanswered") connection.answers++;
    if (isLogin(transaction)) connection.logins++;
    if (responseTimeUs !== null) connection.times.add(responseTimeUs);
    connection.evidence.add(transaction);
  }

  /** Takes what TCP says of a connection at its end. */
  conversation(number: number, statistics: ConversationStatistics): void {
    const connection = this.#connections.get(number);
    if (connection !== undefined) connection.statistics = statistics;
  }

  finish(end: number): CaptureFinding[] {
    const all = [...this.#connections.values()];
    return [
      ...neverAnswered(all, end),
      ...shortOnes(all),
      ...slowedDown(all),
      ...captureLoss(all),
    ];
  }
}

/** Connections by a part of what they are, in order of first packet. */
function grouped<One extends Connection>(
  all: readonly One[],
  keyOf: (one: One) => string,
): [string, One[]][] {
  const groups = new Map<string, One[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups];
}

function between({ client, server }: Connection): string {
  return `${hostOf(client)} to ${server}`;
}

function neverAnswered(all: readonly Connection[], end: number): CaptureFinding[] {
  const silent = all.filter(({ requests, answers, statistics, lastAt }) => {
    if (statistics === null || requests === 0 || answers > 0) return false;
    // What the server sent was not captured, or not as a whole.
    if (statistics.server.packets === 0 || statistics.server.lost > 0) return false;
    const isOver = statistics.state === "closed" || statistics.state === "reset";
    return isOver || end - lastAt > PATIENCE_US;
  });
  return grouped(silent, between).map(([subject, ones]) => {
    const requests = ones.reduce((sum, one) => sum + one.requests, 0);
    const message = `${amount(requests, "request")} on ${
      amount(ones.length, "connection")
    } and not one response`;
    return finding("never_answered", subject, message, {
      ...across(ones),
      count: requests,
    });
  });
}

function shortOnes(all: readonly Connection[]): CaptureFinding[] {
  return grouped(all, ({ client }) => hostOf(client)).flatMap(([host, ones]) => {
    const short = ones.filter(({ logins, requests, statistics }) =>
      logins > 0 && requests - logins <= MAX_LITTLE &&
      (statistics?.state === "closed" || statistics?.state === "reset")
    );
    if (short.length < MIN_SHORT || short.length * 2 <= ones.length) return [];
    const message =
      `${short.length} of ${ones.length} connections logged in, made at most ` +
      `${MAX_LITTLE} requests and closed`;
    return [finding("short_connections", host, message, across(short))];
  });
}

/** Connections whose slowest responses are far from the usual ones while segments are resent. */
function slowedDown(all: readonly Connection[]): CaptureFinding[] {
  const slowed = all.flatMap((one) => {
    const { times, statistics } = one;
    if (statistics === null || times.count === 0) return [];
    const flows = [statistics.client, statistics.server];
    const sent = flows.reduce((sum, { packets }) => sum + packets, 0);
    const again = flows.reduce((sum, { retransmitted }) => sum + retransmitted, 0);
    const isLossy = again >= MIN_RETRANSMITTED && again >= sent * RETRANSMITTED_PART;
    const [usual, slow] = [times.quantile(0.5), times.quantile(0.99)];
    return isLossy && slow >= usual * SLOW ? [{ ...one, sent, again, usual, slow }] : [];
  });
  return grouped(slowed, between).map(([subject, ones]) => {
    const sum = (key: "sent" | "again") => ones.reduce((sum, one) => sum + one[key], 0);
    const worst = ones.reduce((a, b) => b.slow / b.usual > a.slow / a.usual ? b : a);
    const message =
      `${sum("again")} of ${sum("sent")} segments on ${
        amount(ones.length, "connection")
      } were sent again; the slowest responses took up to ${
        milliseconds(worst.slow)
      } where ` +
      `${milliseconds(worst.usual)} is usual`;
    return finding("retransmissions", subject, message, {
      ...shown(worst.evidence),
      count: sum("again"),
    });
  });
}

function captureLoss(all: readonly Connection[]): CaptureFinding[] {
  const lossy = all.flatMap((one) => {
    const lost = (one.statistics?.client.lost ?? 0) + (one.statistics?.server.lost ?? 0);
    return lost === 0 ? [] : [{ ...one, lost }];
  });
  return grouped(lossy, between).map(([subject, ones]) => {
    const lost = ones.reduce((sum, one) => sum + one.lost, 0);
    const message = `${lost} bytes on ${
      amount(ones.length, "connection")
    } are missing from the capture`;
    return finding("capture_loss", subject, message, shown(ones[0]!.evidence));
  });
}

/** The first transaction of each of some connections, as {@link Evidence} shows them. */
function across(ones: readonly Connection[]) {
  const chosen = ones.length <= MAX_EVIDENCE
    ? ones
    : [...ones.slice(0, MAX_EVIDENCE - 1), ones[ones.length - 1]!];
  const firsts = chosen.map(({ evidence: { transactions, packets } }) =>
    [transactions[0]!, packets[0]!] as const
  ).sort(([a], [b]) => a - b);
  return {
    count: ones.length,
    transactions: firsts.map(([transaction]) => transaction),
    packets: firsts.map(([, packet]) => packet),
  };
}

function shown({ count, transactions, packets }: Evidence) {
  return { count, transactions, packets };
}

function milliseconds(us: number): string {
  return `${(us / 1000).toPrecision(3)} ms`;
}
