/**
 * Values as the page shows them. Everything is text; what came from the wire has its control
 * and direction characters made visible, so that it cannot pass for something else.
 *
 * @module
 */
import type { Capture, LadderPdu, TransactionRecord } from "../../api.ts";

/**
 * Makes control, format and direction characters visible.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(visible("a\x1b[31m\u202eb"), "a\\x1b[31m\\u202eb");
 * ```
 */
export function visible(text: string): string {
  return text.replaceAll(/[\p{C}\u2028\u2029]/gu, (char) => {
    const code = char.codePointAt(0)!;
    const digits = code.toString(16);
    return code < 256 ? `\\x${digits.padStart(2, "0")}` : `\\u${digits.padStart(4, "0")}`;
  });
}

const whole = new Intl.NumberFormat("en");

/** A count with its thousands apart. */
export function count(value: number): string {
  return whole.format(value);
}

/** A count of things, such as `1 error` or `2 errors`. */
export function amount(value: number, thing: string): string {
  return `${count(value)} ${thing}${value === 1 ? "" : "s"}`;
}

/** A conversation as lists number them: those of UDP count down from -1. */
export function conversationOf(
  { conversation, transport }: Pick<TransactionRecord, "conversation" | "transport">,
): number {
  return transport === "udp" ? -1 - conversation : conversation;
}

/** What such a conversation is called, as the program does: `0`, and `u0` of UDP. */
export function conversationName(conversation: number): string {
  return conversation < 0 ? `u${-1 - conversation}` : `${conversation}`;
}

/** Where in QUIC something came; empty elsewhere. */
export function quicText({ quic }: Pick<LadderPdu, "quic">): string {
  if (quic === undefined) return "";
  const { connection, stream } = quic;
  return `connection ${connection}${stream === null ? "" : `, stream ${stream}`}`;
}

/** Bytes in a unit that suits them. */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  let unit = -1;
  let scaled = value;
  do {
    scaled /= 1024;
    unit++;
  } while (scaled >= 1024 && unit < 3);
  return `${three(scaled)} ${["KiB", "MiB", "GiB", "TiB"][unit]}`;
}

/** Microseconds in a unit that suits them. */
export function micros(value: number | null): string {
  if (value === null) return "–";
  const size = Math.abs(value);
  if (size < 1000) return `${three(value)} µs`;
  if (size < 1e6) return `${three(value / 1e3)} ms`;
  return size < 600e6 ? `${three(value / 1e6)} s` : `${three(value / 60e6)} min`;
}

/** Three figures, or as many as the whole part has. */
function three(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** The time of day of an RFC 3339 moment, to the microsecond. */
export function clock(time: string | null): string {
  return time === null ? "" : time.slice(11, 26);
}

/** Day and time of a moment, to the second. */
export function moment(time: string | null): string {
  return time === null ? "" : `${time.slice(0, 10)} ${time.slice(11, 19)}`;
}

/** The time of day of seconds since the epoch, to the millisecond, in UTC. */
export function clockOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 23);
}

/** The area of a command, which gives it its colour. */
export function areaOf(command: string | null): string {
  if (command === null) return "";
  const areas: readonly [RegExp, string][] = [
    [/message|unsaved/, "messages"],
    [/consumer|offset/, "groups"],
    [/user|permission|login|logout|password|token|pat\b/, "users"],
    [/topic|partition|segment/, "topics"],
    [/stream/, "streams"],
  ];
  return areas.find(([pattern]) => pattern.test(command))?.[1] ?? "";
}

/** Whether a capture still changes. */
export function isIncomplete({ state }: Pick<Capture, "state">): boolean {
  return state === "uploading" || state === "dissecting";
}

/** How far something is: `43 %`. */
export function progressOf(done: number, total: number): string {
  return `${total === 0 ? 0 : Math.floor(done / total * 100)} %`;
}
