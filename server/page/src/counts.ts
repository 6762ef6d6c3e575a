/**
 * What the page counts, each with the filter that finds just those rows.
 *
 * @module
 */
import type { Stats } from "../../api.ts";

/** A number of rows, and the filter that finds them. */
export interface Counted {
  readonly count: number;
  readonly filter: string;
}

/** What a command came to. */
export type CommandCounts = Stats["groups"][number];

/** The filter that finds a command. */
export function commandFilter({ key }: CommandCounts): string {
  const code = /^code (\d+)$/.exec(key ?? "");
  if (code !== null) return `!iggy.command && iggy.code == ${code[1]}`;
  return key === null ? "!iggy.command && !iggy.code" : `iggy.command == "${key}"`;
}

/** What a command is called. */
export function commandName({ key }: CommandCounts): string {
  return key === null ? "unknown" : key.replace(/^code /, "unknown code ");
}

/** A tile above the errors. */
export interface ErrorTile extends Counted {
  readonly name: string;
  /** Class of its colour. */
  readonly look: string;
}

const SEVERITIES = [
  ["error", "bad", "malformed data and lost bytes"],
  ["warn", "odd", "unexpected"],
  ["note", "muted", "worth knowing"],
  ["chat", "muted", "normal operation"],
] as const;

/** What went wrong at a glance. */
export function errorTiles({ total, issues }: Stats): ErrorTile[] {
  return [
    {
      name: "error answers",
      count: total.errors,
      look: "bad",
      filter: 'iggy.outcome in {"error", "evicted"}',
    },
    {
      name: "requests without an answer",
      count: total.unanswered,
      look: "odd",
      filter: 'iggy.outcome == "unanswered"',
    },
    ...SEVERITIES.map(([severity, look, meaning]) => ({
      name: `${severity}: ${meaning}`,
      count: issues[severity],
      look,
      filter: `iggy.issue.severity == "${severity}"`,
    })),
  ];
}

/** One way in which a command failed. */
export interface ErrorKind extends Counted {
  readonly key: string;
  readonly command: string | null;
  readonly name: string;
  readonly answer: string;
  /** Class of its colour. */
  readonly look: string;
  /** Part of all of the command, 0 to 1. */
  readonly share: number;
}

/** The ways in which commands failed, the most frequent first. */
export function errorKinds({ groups }: Stats): ErrorKind[] {
  return groups.flatMap(kindsOf).sort((a, b) => b.count - a.count);
}

function kindsOf(each: CommandCounts): ErrorKind[] {
  const name = commandName(each);
  const own = commandFilter(each);
  const kind = (answer: string, look: string, count: number, filter: string) => ({
    key: `${name} ${answer}`,
    command: each.key,
    name,
    answer,
    look,
    count,
    share: count / Math.max(1, each.count),
    filter: `${own} && ${filter}`,
  });
  const failed = each.statuses.map(({ status, name, count }) =>
    kind(
      status === null
        ? `evicted: ${name}`
        : name === null
        ? `status ${status}`
        : `${name} (${status})`,
      "bad",
      count,
      status === null ? 'iggy.outcome == "evicted"' : `iggy.status == ${status}`,
    )
  );
  if (each.unanswered === 0) return failed;
  return [
    ...failed,
    kind("no response", "odd", each.unanswered, 'iggy.outcome == "unanswered"'),
  ];
}

/** The filter that finds a conversation; those of UDP count down from -1. */
export function conversationFilter(conversation: number): string {
  return conversation < 0
    ? `udp.stream == ${-1 - conversation}`
    : `tcp.stream == ${conversation}`;
}
