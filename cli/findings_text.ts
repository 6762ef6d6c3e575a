import config from "../deno.json" with { type: "json" };
import { escapeJson } from "../core/bytes/json_text.ts";
import { escapeText } from "../core/export/printable.ts";
import type { Finding, FindingKind } from "../core/findings/mod.ts";

/** Findings of a capture, as they are written for a program. */
export interface Report {
  readonly file: string;
  readonly findings: readonly Finding[];
  /** Commands that were seen, those without a finding too. */
  readonly commands: readonly string[];
}

/** The forms of findings. */
export const FINDING_FORMATS = ["text", "ndjson", "json", "sarif", "junit"] as const;

/** Kinds of findings by their id. */
export type Kinds = Readonly<Record<string, FindingKind>>;

/** A finding as one line. */
export function findingLine(finding: Finding): string {
  const { packet, offset, command, message, id } = finding;
  const where = [
    packet === null ? "" : `packet ${packet}`,
    offset === null ? "" : `byte ${offset}`,
  ].filter((part) => part !== "").join(", ");
  const name = command === null ? "" : `${command}: `;
  return `${escapeText(`${where || "capture"}: ${name}${message} (${id})`)}\n`;
}

/** A finding as a line of JSON. */
export function findingJson(finding: Finding): string {
  return `${escapeJson(JSON.stringify(finding))}\n`;
}

/** All findings as one JSON value. */
export function findingsJson(reports: readonly Report[]): string {
  const list = reports.map(({ file, findings }) => ({ file, findings }));
  return `${escapeJson(JSON.stringify(list, null, 2))}\n`;
}

/** SARIF's words for severities. Source: SARIF 2.1.0 section 3.27.10. */
const LEVELS = { chat: "none", note: "note", warn: "warning", error: "error" } as const;

/**
 * The findings in the Static Analysis Results Interchange Format, one run.
 *
 * Source: OASIS SARIF 2.1.0.
 */
export function sarif(reports: readonly Report[], kinds: Kinds): string {
  const ids = [
    ...new Set(reports.flatMap(({ findings }) => findings.map(({ id }) => id))),
  ].sort();
  const run = {
    tool: {
      driver: {
        name: "iggyscope",
        version: config.version,
        rules: ids.map((id) => ruleOf(id, kinds[id])),
      },
    },
    columnKind: "utf16CodeUnits",
    results: reports.flatMap(({ file, findings }) =>
      findings.map((finding) => resultOf(finding, file, ids))
    ),
  };
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [run],
  };
  return `${escapeJson(JSON.stringify(log, null, 2))}\n`;
}

function ruleOf(id: string, kind: FindingKind | undefined) {
  if (kind === undefined) return { id };
  return {
    id,
    shortDescription: { text: kind.title },
    fullDescription: { text: kind.meaning },
    help: { text: kind.advice },
    defaultConfiguration: { level: LEVELS[kind.severity] },
  };
}

function resultOf(finding: Finding, file: string, ids: readonly string[]) {
  const { id, severity, message, command, transaction, conversation, packet } = finding;
  const places = [
    ...command === null ? [] : [{ name: command, kind: "function" }],
    ...transaction === null
      ? []
      : [{ name: `transaction ${transaction}`, kind: "element" }],
  ];
  return {
    ruleId: id,
    ruleIndex: ids.indexOf(id),
    level: LEVELS[severity],
    message: { text: packet === null ? message : `packet ${packet}: ${message}` },
    locations: [{
      physicalLocation: { artifactLocation: { uri: encodeURI(file) } },
      logicalLocations: places,
    }],
    properties: { transaction, conversation, packet, offset: finding.offset },
  };
}

/**
 * The findings as JUnit's XML: a suite for each capture, a case for each command; a case that
 * has findings fails with them.
 */
export function junit(reports: readonly Report[]): string {
  const suites = reports.map(suiteOf).join("\n");
  const [tests, failures] = reports.reduce(
    ([all, bad], report) => {
      const cases = casesOf(report);
      return [
        all + cases.length,
        bad + cases.filter(([, list]) => list.length > 0).length,
      ];
    },
    [0, 0],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="iggyscope check" tests="${tests}" failures="${failures}">
${suites}
</testsuites>
`;
}

function casesOf({ commands, findings }: Report): [string, readonly Finding[]][] {
  const byCommand = Map.groupBy(findings, ({ command }) => command ?? "capture");
  const names = [...new Set([...commands, ...byCommand.keys()])];
  return names.map((name) => [name, byCommand.get(name) ?? []]);
}

function suiteOf(report: Report): string {
  const cases = casesOf(report);
  const failures = cases.filter(([, list]) => list.length > 0).length;
  const lines = cases.map(([name, list]) => {
    const head = `<testcase name="${xml(name)}" classname="${xml(report.file)}"`;
    if (list.length === 0) return `    ${head}/>`;
    const text = list.map(findingLine).join("");
    return `    ${head}>
      <failure type="${xml(list[0]!.id)}" message="${list.length} ${
      list.length === 1 ? "finding" : "findings"
    }">${xml(text)}</failure>
    </testcase>`;
  });
  return `  <testsuite name="${
    xml(report.file)
  }" tests="${cases.length}" failures="${failures}" errors="0" skipped="0">
${lines.join("\n")}
  </testsuite>`;
}

/** Text in XML 1.0, which has no control characters but tab and line ends. */
function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    // deno-lint-ignore no-control-regex -- these are the characters that XML forbids
    .replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/gu, "\ufffd");
}
