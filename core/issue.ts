/** How serious an issue is, in Wireshark's words for expert information. */
export type Severity = "chat" | "note" | "warn" | "error";

/** What an issue is about, in Wireshark's words for expert information. */
export type IssueGroup =
  | "malformed"
  | "sequence"
  | "protocol"
  | "undecoded"
  | "response_code"
  | "security";

/**
 * One finding about captured bytes. Captured bytes are never trusted and never throw:
 * every stage returns what it understood plus issues.
 */
export interface Issue {
  severity: Severity;
  group: IssueGroup;
  message: string;
  /** Number (from 1) of the packet that showed it; null where no packet did. */
  packet: number | null;
  /** Offset in bytes within the PDU (or the file, for capture readers); null where none fits. */
  offset: number | null;
}

/** Receives issues as they are found. */
export type Report = (issue: Issue) => void;

/** Makes an issue. */
export function issue(
  severity: Severity,
  group: IssueGroup,
  message: string,
  packet: number | null = null,
  offset: number | null = null,
): Issue {
  return { severity, group, message, packet, offset };
}
