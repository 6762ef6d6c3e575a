/**
 * Turns what `check -T json` or `diagnose -T json` found, on standard input, into annotations
 * of a GitHub workflow: `annotate.ts CAPTURE`.
 *
 * Source: docs.github.com, Workflow commands for GitHub Actions, "Setting a notice message".
 *
 * @module
 */
import { toText } from "@std/streams";

/** Annotations of a step that GitHub shows at most; the rest are one line. */
const MAX_SHOWN = 50;
const LEVELS: Readonly<Record<string, string>> = {
  error: "error",
  warn: "warning",
  note: "notice",
};

/** What both commands tell of a finding. */
interface Found {
  readonly id: string;
  readonly severity: string;
  readonly message: string;
  readonly advice?: string;
  readonly subject?: string;
  readonly command?: string | null;
  readonly packet?: number | null;
  readonly packets?: readonly number[];
}

/** Text within a workflow command: what would end it is escaped. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** Text of a property of a workflow command. */
function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** One finding as a workflow command. */
function annotation(file: string, found: Found): string {
  const { id, severity, message, subject, command, advice } = found;
  const packet = found.packet ?? found.packets?.[0];
  const about = subject ?? command ?? "";
  const where = packet === undefined ? "" : ` (packet ${packet})`;
  const title = property(`iggyscope: ${id}`);
  const text = `${about === "" ? "" : `${about}: `}${message}${where}${
    advice === undefined ? "" : `. ${advice}`
  }`;
  const level = LEVELS[severity] ?? "notice";
  return `::${level} file=${property(file)},title=${title}::${data(text)}\n`;
}

/**
 * The annotations of what was found.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const found = [{ id: "x", severity: "warn", message: "50 % lost", packets: [7] }];
 * assertEquals(
 *   annotations("a.pcap", found),
 *   "::warning file=a.pcap,title=iggyscope%3A x::50 %25 lost (packet 7)\n",
 * );
 * ```
 */
export function annotations(file: string, report: readonly unknown[]): string {
  const all = report.flatMap((one) =>
    typeof one === "object" && one !== null && "findings" in one ? one.findings : one
  ) as readonly Found[];
  const lines = all.slice(0, MAX_SHOWN).map((found) => annotation(file, found));
  const more = all.length - lines.length;
  return lines.join("") + (more > 0 ? `${more} further findings\n` : "");
}

if (import.meta.main) {
  const text = await toText(Deno.stdin.readable);
  const report: readonly unknown[] = text.trim() === "" ? [] : JSON.parse(text);
  await new Blob([annotations(Deno.args[0] ?? "", report)]).stream()
    .pipeTo(Deno.stdout.writable);
}
